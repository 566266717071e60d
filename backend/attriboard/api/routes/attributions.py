"""Attributions: ask for them, and ask what they would cost."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import SessionOf
from attriboard.api.encoding import json_response
from attriboard.api.schemas.attributions import (
    AttributionQuestion,
    Estimate,
    JobAnswer,
    ResultList,
)
from attriboard.api.schemas.common import answers, json_of
from attriboard.jobs.request import AttributionRequest

router = APIRouter(prefix="/api", tags=["attributions"])


@router.post(
    "/attributions",
    summary="Attribute predictions",
    responses={
        202: json_of(JobAnswer, "Queued; follow the job"),
        **answers(ResultList, 413, 422),
    },
)
def attribute(session: SessionOf, question: AttributionQuestion) -> Response:
    """Results at once when all are stored, else the job that computes what is missing.

    The same question asked while its job runs joins that job.
    """
    found = session.attributions(_request(question))
    if isinstance(found, list):
        return json_response({"results": found})
    job = found.view()
    return json_response({"job": job}, 202, {"Location": f"jobs/{job['id']}"})


@router.post(
    "/estimates",
    summary="What attributions would cost",
    responses=answers(Estimate, 413, 422),
)
def estimate(session: SessionOf, question: AttributionQuestion) -> Response:
    """Passes through the model that a question would take; nothing is computed."""
    return json_response(session.estimate(_request(question)))


def _request(question: AttributionQuestion) -> AttributionRequest:
    asked = question.model_dump()
    method = asked.pop("method")
    neuron = asked.pop("neuron")
    return AttributionRequest(
        examples=tuple(asked.pop("examples")),
        method_id=method["id"],
        params=method["params"],
        neuron=tuple(neuron) if isinstance(neuron, list) else neuron,
        **asked,
    )
