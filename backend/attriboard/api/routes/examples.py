"""Examples: pages of the gallery, facets, one example in full, and its media."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from attriboard.api.caching import IMMUTABLE, REVALIDATE, etag_of, not_modified
from attriboard.api.context import SessionOf, known_index
from attriboard.api.encoding import json_response
from attriboard.api.errors import NotFound
from attriboard.api.schemas.common import LARGEST_INDEX, LONGEST_NAME, answers, problems
from attriboard.api.schemas.examples import (
    ConfusionView,
    ExamplePage,
    ExampleView,
    FacetsView,
    Filter,
    IndexList,
    PageFilter,
)
from attriboard.api.views.examples import (
    confusion_view,
    example_view,
    facets_view,
    page_view,
    query,
)
from attriboard.board import Board
from attriboard.inputs import Input

router = APIRouter(prefix="/api", tags=["examples"])

ExampleIndex = Annotated[int, Path(ge=0, le=LARGEST_INDEX, description="The example's index.")]
InputName = Annotated[str, Path(max_length=LONGEST_NAME, description="The input's name.")]
Width = Annotated[
    int | None, Query(ge=16, le=4096, description="At most this many pixels wide; null: in full.")
]
Version = Annotated[
    str | None,
    Query(max_length=64, description="The data's fingerprint: makes the answer cacheable forever."),
]
MEDIA = {
    "description": "The media itself, such as a PNG picture",
    "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
}


@router.get(
    "/examples",
    summary="Find examples",
    responses=answers(ExamplePage, 404, 422),
)
def list_examples(session: SessionOf, filters: Annotated[PageFilter, Query()]) -> Response:
    """One page of the examples that match, in a stable order."""
    return json_response(page_view(session, session.catalog.page(query(filters))))


@router.get("/facets", summary="Count examples", responses=answers(FacetsView, 404, 422))
def count_examples(session: SessionOf, filters: Annotated[Filter, Query()]) -> Response:
    """Counts and histograms of what matches; each facet counts under all filters but its own."""
    return json_response(facets_view(session.catalog.facets(query(filters))))


@router.get(
    "/confusion",
    summary="The confusion matrix",
    responses=answers(ConfusionView, 404, 422),
)
def read_confusion(session: SessionOf, filters: Annotated[Filter, Query()]) -> Response:
    """Labels against predictions of what matches, the filters on those two aside."""
    return json_response(confusion_view(session.catalog.confusion(query(filters))))


@router.get("/indices", summary="Every match", responses=answers(IndexList, 404, 422))
def list_indices(session: SessionOf, filters: Annotated[PageFilter, Query()]) -> Response:
    """The indices of all examples that match, in order, pages aside."""
    return json_response({"examples": session.catalog.indices(query(filters))})


@router.get(
    "/examples/{index}",
    summary="One example",
    responses=answers(ExampleView, 404, 422),
)
def read_example(session: SessionOf, index: ExampleIndex) -> Response:
    """Views of each input, the label, and what each model answers."""
    known_index(index, session.board)
    return json_response(example_view(session, index))


@router.get(
    "/examples/{index}/inputs/{name}",
    summary="An input's media",
    response_class=Response,
    responses={200: MEDIA, **problems(304, 404, 422)},
)
def read_media(
    session: SessionOf,
    request: Request,
    index: ExampleIndex,
    name: InputName,
    width: Width = None,
    v: Version = None,
) -> Response:
    """The picture, sound or clip of one input."""
    board = session.board
    input_ = _input(board, name)
    edit = session.edits.head(index)
    version = board.data_fingerprint if edit is None else edit.identity
    headers = {
        "Cache-Control": IMMUTABLE if v == version else REVALIDATE,
        "ETag": etag_of(version, str(known_index(index, board)), name, str(width)),
    }
    known = not_modified(request, headers)
    if known is not None:
        return known
    media = input_.media(board.example(index).raw[name], width)
    if media is None:
        raise NotFound(f"The input {name!r} has no media; its view at /api/examples has it all.")
    return Response(media.body, headers=headers, media_type=media.content_type)


def _input(board: Board, name: str) -> Input:
    for input_ in board.inputs:
        if input_.name == name:
            return input_
    names = ", ".join(input_.name for input_ in board.inputs)
    raise NotFound(f"The board has no input {name!r}; it has {names}.")
