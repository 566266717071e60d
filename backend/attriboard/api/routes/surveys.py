"""Surveys: several methods measured over a subsample, as one job."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import SessionOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.routes.attributions import answer, column_of
from attriboard.api.schemas.attributions import JobAnswer
from attriboard.api.schemas.common import answers, json_of
from attriboard.api.schemas.survey_table import SurveyList
from attriboard.api.schemas.surveys import SurveyEstimate, SurveyQuestion
from attriboard.jobs.request import AttributionRequest

router = APIRouter(prefix="/api", tags=["attributions"], route_class=Brief)


@router.post(
    "/surveys",
    summary="Measure several methods over a subsample",
    responses={
        202: json_of(JobAnswer, "Queued; follow the job"),
        **answers(SurveyList, 413, 422),
    },
)
def survey(session: SessionOf, question: SurveyQuestion) -> Response:
    """The table at once when it is stored, else the background job that makes it.

    Its partial events carry the table so far. A column that fails holds its reason; the others go
    on. What a cancelled survey measured is stored, and the next one goes on from there.
    """
    return answer(session.survey(_columns(question), question.checked))


@router.post(
    "/surveys/estimates",
    summary="What a survey would cost",
    responses=answers(SurveyEstimate, 413, 422),
)
def estimate(session: SessionOf, question: SurveyQuestion) -> Response:
    """Passes through the models that are left to make; nothing is computed."""
    return json_response(session.survey_estimate(_columns(question), question.checked))


def _columns(question: SurveyQuestion) -> list[AttributionRequest]:
    return [column_of(column, question.examples) for column in question.columns]
