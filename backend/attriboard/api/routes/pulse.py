"""What a page asks again and again, so that it follows what happens elsewhere."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import ContextOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.schemas.common import answers
from attriboard.api.schemas.marks import Pulse

router = APIRouter(prefix="/api", tags=["board"], route_class=Brief)


@router.get("/pulse", summary="What changed", responses=answers(Pulse))
def read_pulse(context: ContextOf) -> Response:
    """Numbers that change with what a page shows; cheap to ask."""
    catalog = context.session.catalog
    return json_response(
        {
            "instance": context.instance,
            "selection": context.selection.version,
            "marks": catalog.marks.version,
            "models": context.models(),
        }
    )
