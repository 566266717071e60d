"""Liveness and metrics, for machines."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import ContextOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.metrics import CONTENT_TYPE
from attriboard.api.schemas.common import Health, answers, problems

router = APIRouter(tags=["operations"], route_class=Brief)


@router.get("/healthz", summary="Whether the server lives", responses=answers(Health))
async def healthz() -> Response:
    """Answers as soon as the server listens. Asks for no token."""
    return json_response({"status": "ok"})


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}}, "description": "Prometheus text"},
        **problems(),
    },
)
def metrics(context: ContextOf) -> Response:
    """Requests by route and status, queue depth, rows through the models, cache hits."""
    headers = {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}
    return Response(context.metrics.text(), headers=headers)
