"""Examples: pages of the gallery, facets, one example in full, and its media."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from attriboard.api.caching import IMMUTABLE, REVALIDATE, etag_of, not_modified
from attriboard.api.context import SessionOf, known_index
from attriboard.api.encoding import json_response
from attriboard.api.endpoints import Brief
from attriboard.api.errors import NotFound
from attriboard.api.schemas.common import LARGEST_INDEX, LONGEST_NAME, answers, problems
from attriboard.api.schemas.examples import (
    ConfusionView,
    ExamplePage,
    ExampleView,
    FacetsView,
    IndexList,
    ListFilter,
    PageFilter,
    ScoresView,
)
from attriboard.api.views.examples import (
    confusion_view,
    example_view,
    facets_view,
    listed,
    page_view,
    query,
)
from attriboard.api.views.outputs import scores_view
from attriboard.board import Board
from attriboard.inputs import Input, Media
from attriboard.jobs.plan import known_model
from attriboard.jobs.session import Session

router = APIRouter(prefix="/api", tags=["examples"], route_class=Brief)

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
    return json_response(page_view(session, listed(session, filters).page(query(filters))))


@router.get("/facets", summary="Count examples", responses=answers(FacetsView, 404, 422))
def count_examples(session: SessionOf, filters: Annotated[ListFilter, Query()]) -> Response:
    """Counts and histograms of what matches; each facet counts under all filters but its own."""
    return json_response(facets_view(listed(session, filters).facets(query(filters))))


@router.get(
    "/confusion",
    summary="The confusion matrix",
    responses=answers(ConfusionView, 404, 422),
)
def read_confusion(session: SessionOf, filters: Annotated[ListFilter, Query()]) -> Response:
    """Labels against predictions of what matches, the filters on those two aside."""
    return json_response(confusion_view(listed(session, filters).confusion(query(filters))))


@router.get("/indices", summary="Every match", responses=answers(IndexList, 404, 422))
def list_indices(session: SessionOf, filters: Annotated[PageFilter, Query()]) -> Response:
    """The indices of all examples that match, in order, pages aside."""
    return json_response({"examples": listed(session, filters).indices(query(filters))})


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
    "/examples/{index}/scores",
    summary="The scores of one place",
    responses=answers(ScoresView, 404, 422),
)
def read_scores(
    session: SessionOf,
    index: ExampleIndex,
    place: Annotated[
        int, Query(ge=0, le=LARGEST_INDEX, description="The position, pixel or head.")
    ],
    model: Annotated[str | None, Query(max_length=LONGEST_NAME, description="The model.")] = None,
    q: Annotated[str, Query(max_length=LONGEST_NAME, description="Part of a class's name.")] = "",
    limit: Annotated[int, Query(ge=1, le=2000, description="How many are told.")] = 2000,
) -> Response:
    """What a model scores at one place of an output that has several, by name where asked."""
    known_index(index, session.board)
    name = known_model(session.board, model)
    return json_response(scores_view(session, name, index, place, q, limit))


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
    input_ = _input(session.board, name)
    return _file(
        session, request, index, (name, str(width)), v, lambda raw: input_.media(raw, width)
    )


@router.get(
    "/examples/{index}/inputs/{name}/thumbnail",
    summary="An input at a glance",
    response_class=Response,
    responses={200: MEDIA, **problems(304, 404, 422)},
)
def read_thumbnail(
    session: SessionOf,
    request: Request,
    index: ExampleIndex,
    name: InputName,
    width: Width = None,
    v: Version = None,
) -> Response:
    """A small picture of one input for a card: a waveform, a graph, the lines of a series."""
    input_ = _input(session.board, name)
    kind = ("thumbnail", name, str(width))
    return _file(session, request, index, kind, v, lambda raw: input_.thumbnail(raw, width))


def _file(
    session: Session,
    request: Request,
    index: int,
    kind: tuple[str, ...],
    v: str | None,
    made: Callable[[Any], Media | None],
) -> Response:
    """What `made` makes of an input's raw value, unless the browser holds it already."""
    board, name = session.board, kind[-2]
    edit = session.edits.head(index)
    version = board.data_fingerprint if edit is None else edit.identity
    headers = {
        "Cache-Control": IMMUTABLE if v == version else REVALIDATE,
        "ETag": etag_of(version, str(known_index(index, board)), *kind),
    }
    known = not_modified(request, headers)
    if known is not None:
        return known
    media = made(board.example(index).raw[name])
    if media is None:
        raise NotFound(f"The input {name!r} has no media; its view at /api/examples has it all.")
    return Response(media.body, headers=headers, media_type=media.content_type)


def _input(board: Board, name: str) -> Input:
    for input_ in board.inputs:
        if input_.name == name:
            return input_
    names = ", ".join(input_.name for input_ in board.inputs)
    raise NotFound(f"The board has no input {name!r}; it has {names}.")
