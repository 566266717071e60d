"""Examples of one's own: made of the dataset's by editing, listed and removed."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from attriboard.api.context import SessionOf
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.errors import NotFound
from attriboard.api.routes.examples import ExampleIndex
from attriboard.api.schemas.common import answers, json_of
from attriboard.api.schemas.edits import EditList, EditQuestion
from attriboard.api.schemas.examples import ExampleView
from attriboard.api.views.examples import edits_view, example_view
from attriboard.jobs.session import Session

router = APIRouter(prefix="/api", tags=["edits"], route_class=Brief)


@router.post(
    "/edits",
    summary="Make an example of your own",
    responses={201: json_of(ExampleView, "It is stored"), **answers(ExampleView, 404, 413, 422)},
)
def make(session: SessionOf, question: EditQuestion) -> Response:
    """Stores it with an index beyond the dataset's, which all other routes take.

    The same edit made again is the one there is: 200 with that one.
    """
    if question.parent is not None and not session.board.has(question.parent):
        raise NotFound(f"There is no example {question.parent} to change.")
    count = len(session.edits.heads())
    index = session.edits.add(question.parent, question.inputs, question.role)
    fresh = len(session.edits.heads()) > count
    headers = {"Location": f"examples/{index}"}
    return json_response(example_view(session, index), 201 if fresh else 200, headers)


@router.get("/edits", summary="Examples of your own", responses=answers(EditList))
def list_edits(session: SessionOf) -> Response:
    """All that were made of this data, the newest first."""
    return json_response(edits_view(session))


@router.delete("/edits/{index}", summary="Remove one", responses=answers(EditList, 404, 422))
def remove(session: SessionOf, index: ExampleIndex) -> Response:
    """Forgets it; its results stay, and its index is not used again."""
    _known(session, index)
    session.catalog.marks.clear(index)
    session.edits.remove(index)
    return json_response(edits_view(session))


def _known(session: Session, index: int) -> None:
    if session.edits.head(index) is None:
        raise NotFound(f"There is no example {index} of your own.")
