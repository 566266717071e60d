"""Metrics: how far attributions can be trusted."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import SessionOf
from attriboard.api.endpoints import Brief
from attriboard.api.routes.attributions import answer, request_of
from attriboard.api.schemas.attributions import JobAnswer
from attriboard.api.schemas.common import answers, json_of
from attriboard.api.schemas.measured import MeasuredList
from attriboard.api.schemas.metrics import MetricsQuestion

router = APIRouter(prefix="/api", tags=["attributions"], route_class=Brief)


@router.post(
    "/metrics",
    summary="Measure attributions",
    responses={
        202: json_of(JobAnswer, "Queued; follow the job"),
        **answers(MeasuredList, 413, 422),
    },
)
def measure(session: SessionOf, question: MetricsQuestion) -> Response:
    """Figures at once when all are stored, else the job that measures what is missing.

    Attributions that are not stored yet are computed first.
    """
    return answer(session.measurements(request_of(question), question.metrics))
