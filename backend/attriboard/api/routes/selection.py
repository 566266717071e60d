"""The examples selected on the page, for a notebook to read back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import ContextOf, known_index
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.schemas.common import answers
from attriboard.api.schemas.examples import Selection

router = APIRouter(prefix="/api", tags=["selection"], route_class=Brief)


@router.get(
    "/selection",
    summary="The selected examples",
    responses=answers(Selection),
)
def read_selection(context: ContextOf) -> Response:
    """What the page selected last."""
    return json_response({"examples": context.selection.get()})


@router.put(
    "/selection",
    summary="Select examples",
    responses=answers(Selection, 404, 413, 422),
)
def write_selection(context: ContextOf, selection: Selection) -> Response:
    """Replaces the selection. Each index must be one of the dataset's."""
    for index in selection.examples:
        known_index(index, context.session.board)
    context.selection.set(selection.examples)
    return json_response({"examples": selection.examples})
