"""Outputs as JSON: what a board's output is, and what a model says of one example."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from attriboard.board import Board
from attriboard.board.positions import shown_in
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.session import Session
from attriboard.outputs import Places
from attriboard.outputs.base import Head, Scored

LISTED = 2000  # classes whose names travel with the board; of more, they are searched
MOST_SCORES = 2000


def output_view(board: Board) -> dict[str, Any]:
    """`output` of GET /api/board."""
    output = board.output
    return {
        "kind": output.kind,
        "names": _listed(output.names),
        "unit": output.unit,
        "places": None if output.places is None else _places(board, output.places),
    }


def _places(board: Board, places: Places) -> dict[str, Any]:
    return {
        "what": places.what,
        "of": shown_in(places.what, places.of, board.inputs),
        "heads": [_head(board, head) for head in places.heads],
        "background": places.background,
    }


def _head(board: Board, head: Head) -> dict[str, Any]:
    return {
        "name": head.name,
        "kind": head.kind,
        "names": _listed(head.names),
        "size": len(head.names),
        "unit": head.unit,
        "what": head.what,
        "of": shown_in(head.what, head.of, board.inputs),
        "background": head.background,
    }


def _listed(names: Sequence[str]) -> list[str]:
    return list(names) if len(names) <= LISTED else []


def prediction_view(session: Session, name: str, index: int) -> dict[str, Any]:
    """A model that fails on the example leaves the rest of the page as it is."""
    output = session.board.output
    try:
        raw = session.predict(name, index)
    except (InvalidInput, ModelError) as error:
        nothing: dict[str, Any] = {"predicted": None, "scores": [], "places": None}
        return {"model": name, **nothing, "error": str(error)}
    places = output.places
    row = raw.flatten()
    place = 0 if places is None else places.place(output.own(row) or 0)
    return {
        "model": name,
        "predicted": output.predictions(raw).predicted[0],
        "scores": _plain(session, raw) if places is None else _at(places, row, place),
        "places": None if places is None else _placed(places, row, place),
        "error": None,
    }


def scores_view(
    session: Session, model: str, index: int, place: int, q: str, limit: int
) -> dict[str, Any]:
    """GET /api/examples/{index}/scores. InvalidInput where there is no such place."""
    row = session.predict(model, index).flatten()
    places = session.board.output.places
    if places is None:
        raise InvalidInput("This output has one place: its scores come with the example.", "place")
    count = places.count(row)
    if place >= count:
        raise InvalidInput(
            f"There is no {places.what} {place}: this example has {count}, numbered from 0.",
            "place",
        )
    wanted = q.casefold()
    found = [one for one in places.scored(row, place) if wanted in one.name.casefold()]
    return {"place": place, "scores": _rows(found)[:limit], "total": len(found)}


def _plain(session: Session, raw: Any) -> list[dict[str, Any]]:
    output = session.board.output
    shares = output.probabilities(raw).flatten().tolist()
    pairs = zip(raw.flatten().tolist(), shares, strict=True)
    return _rows([Scored(i, output.names[i], s, p) for i, (s, p) in enumerate(pairs)])


def _at(places: Places, row: Any, place: int) -> list[dict[str, Any]]:
    return _rows(places.scored(row, place))[:MOST_SCORES]


def _placed(places: Places, row: Any, place: int) -> dict[str, Any]:
    classes, shares = places.map(row)
    (names, *others) = [head.names for head in places.heads]
    many = not others and len(names) > LISTED
    return {
        "shape": list(places.shape(row)),
        "parts": [list(part) for part in places.parts(row)],
        "place": place,
        "classes": classes,
        "names": ["" if kind < 0 else names[kind] for kind in classes] if many else None,
        "shares": [None if math.isnan(share) else share for share in shares],
    }


def _rows(scores: Sequence[Scored]) -> list[dict[str, Any]]:
    """High to low, with scores that are not numbers last."""
    return [
        vars(one) for one in sorted(scores, key=lambda one: (one.score != one.score, -one.score))
    ]
