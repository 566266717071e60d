"""The board: models, inputs, output, methods, and how far the catalog is."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import ContextOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.schemas.board import BoardView
from attriboard.api.schemas.common import answers
from attriboard.api.views.board import catalog_view

router = APIRouter(prefix="/api", tags=["board"], route_class=Brief)


@router.get("/board", summary="The board", responses=answers(BoardView))
def read_board(context: ContextOf) -> Response:
    """Everything the page needs to know before it shows an example."""
    return json_response({**context.board_view, "catalog": catalog_view(context.session)})
