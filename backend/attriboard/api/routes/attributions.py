"""Attributions: ask for them, and ask what they would cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import SessionOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.schemas.attributions import (
    AttributionQuestion,
    ColumnQuestion,
    Estimate,
    JobAnswer,
    ResultList,
)
from attriboard.api.schemas.common import answers, json_of
from attriboard.jobs.job import Job
from attriboard.jobs.request import AttributionRequest

router = APIRouter(prefix="/api", tags=["attributions"], route_class=Brief)


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
    return answer(session.attributions(request_of(question)))


@router.post(
    "/estimates",
    summary="What attributions would cost",
    responses=answers(Estimate, 413, 422),
)
def estimate(session: SessionOf, question: AttributionQuestion) -> Response:
    """Passes through the model that a question would take; nothing is computed."""
    return json_response(session.estimate(request_of(question)))


def answer(found: list[dict[str, Any]] | Job) -> Response:
    """Results that are stored, or the job that computes them."""
    if isinstance(found, list):
        return json_response({"results": found})
    job = found.view()
    return json_response({"job": job}, 202, {"Location": f"jobs/{job['id']}"})


def request_of(question: AttributionQuestion) -> AttributionRequest:
    """The question as the session takes it."""
    return column_of(question, question.examples)


def column_of(question: ColumnQuestion, examples: Sequence[int]) -> AttributionRequest:
    """The question about these examples as the session takes it."""
    asked = question.model_dump(include=set(ColumnQuestion.model_fields))
    method = asked.pop("method")
    neuron = asked.pop("neuron")
    return AttributionRequest(
        examples=tuple(examples),
        method_id=method["id"],
        params=method["params"],
        neuron=tuple(neuron) if isinstance(neuron, list) else neuron,
        **asked,
    )
