"""Overviews: the attributions of all matches summed up, as one job."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import SessionOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.routes.attributions import answer
from attriboard.api.schemas.attributions import JobAnswer
from attriboard.api.schemas.common import answers, json_of
from attriboard.api.schemas.examples import Filter
from attriboard.api.schemas.overviews import OverviewEstimate, OverviewList, OverviewQuestion
from attriboard.api.views.examples import query
from attriboard.jobs.overview_plan import OverviewRequest

router = APIRouter(prefix="/api", tags=["sweeps"], route_class=Brief)

EVERYTHING = Filter.model_validate({})


@router.post(
    "/overviews",
    summary="Sum up the attributions of all matches",
    responses={
        202: json_of(JobAnswer, "Queued; follow the job"),
        **answers(OverviewList, 413, 422),
    },
)
def overview(session: SessionOf, question: OverviewQuestion) -> Response:
    """Mean maps by class, words and columns with their means, and how far models are apart.

    At once where it is stored, else the job behind all other work; one that was cancelled goes on
    where it was.
    """
    wanted = query(question.filter or EVERYTHING)
    return answer(session.overview(wanted, request_of(question)))


@router.post(
    "/overviews/estimates",
    summary="What an overview would cost",
    responses=answers(OverviewEstimate, 413, 422),
)
def estimate(session: SessionOf, question: OverviewQuestion) -> Response:
    """Examples, and passes through the models that are left to make; nothing is computed."""
    wanted = query(question.filter or EVERYTHING)
    return json_response(session.overview_estimate(wanted, request_of(question)))


def request_of(question: OverviewQuestion) -> OverviewRequest:
    """The question as the session takes it."""
    asked = question.model_dump(include={"by", "target", "baseline", "seed"})
    return OverviewRequest(
        method_id=question.method.id,
        params=question.method.params,
        models=None if question.models is None else tuple(question.models),
        **asked,
    )
