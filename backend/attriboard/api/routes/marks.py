"""What people keep about examples: tags, notes, named views; and examples found by their ids."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from attriboard.api.context import SessionOf, known_index
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.errors import NotFound
from attriboard.api.routes.examples import ExampleIndex
from attriboard.api.schemas.common import LONGEST_NAME, answers
from attriboard.api.schemas.marks import (
    IdAnswer,
    IdQuestion,
    MarksView,
    NoteChange,
    SavedViewList,
    TagChange,
    TagList,
    ViewQuestion,
    ViewRename,
)
from attriboard.api.views.examples import tags_view
from attriboard.jobs.session import Session

router = APIRouter(prefix="/api", tags=["marks"], route_class=Brief)

MISSING_SHOWN = 20
ViewName = Annotated[str, Query(max_length=LONGEST_NAME, description="The view's name.")]


@router.get("/tags", summary="All tags", responses=answers(TagList))
def list_tags(session: SessionOf) -> Response:
    """Each tag with the number of its examples."""
    return json_response(tags_view(session))


@router.post("/tags", summary="Tag examples", responses=answers(TagList, 413, 422))
def change_tags(session: SessionOf, change: TagChange) -> Response:
    """Give tags to examples and take others away; they stay when the model changes."""
    session.catalog.marks.change(change.examples, change.add, change.remove)
    return json_response(tags_view(session))


@router.put(
    "/examples/{index}/note",
    summary="Note on an example",
    responses=answers(MarksView, 404, 413, 422),
)
def write_note(session: SessionOf, index: ExampleIndex, change: NoteChange) -> Response:
    """Keep a note on an example; an empty one takes it away."""
    known_index(index, session.board)
    session.catalog.marks.note(index, change.note)
    tags, note = session.catalog.marks.of(index)
    return json_response({"tags": tags, "note": note})


@router.post("/ids", summary="Find examples by id", responses=answers(IdAnswer, 413, 422))
def find_ids(session: SessionOf, asked: IdQuestion) -> Response:
    """The examples whose column reads as the values, in the order of the values."""
    values = list(dict.fromkeys(value.strip() for value in asked.values if value.strip()))
    found = session.catalog.find(asked.column, values)
    missing = [value for value in values if value not in found]
    return json_response(
        {
            "examples": list(dict.fromkeys(i for value in values for i in found.get(value, ()))),
            "missing": missing[:MISSING_SHOWN],
            "missing_count": len(missing),
        }
    )


@router.get("/views", summary="Saved views", responses=answers(SavedViewList))
def list_views(session: SessionOf) -> Response:
    """The views people named: rules, not copies."""
    return _views(session)


@router.put("/views", summary="Save a view", responses=answers(SavedViewList, 413, 422))
def save_view(session: SessionOf, view: ViewQuestion) -> Response:
    """Keep a view under a name, in place of one that has it."""
    session.catalog.views.save(view.name, view.query)
    return _views(session)


@router.patch("/views", summary="Rename a view", responses=answers(SavedViewList, 404, 413, 422))
def rename_view(session: SessionOf, change: ViewRename) -> Response:
    """Call a saved view differently."""
    if session.catalog.views.rename(change.name, change.new_name) is None:
        raise _unknown(change.name)
    return _views(session)


@router.delete("/views", summary="Delete a view", responses=answers(SavedViewList, 404, 422))
def delete_view(session: SessionOf, name: ViewName) -> Response:
    """Forget a saved view."""
    if not session.catalog.views.delete(name):
        raise _unknown(name)
    return _views(session)


def _views(session: Session) -> Response:
    return json_response({"views": [vars(view) for view in session.catalog.views.all()]})


def _unknown(name: str) -> NotFound:
    return NotFound(f"There is no saved view called {name!r}.")
