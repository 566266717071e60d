"""Examples and the catalog's answers as JSON, and filters as the catalog's questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from attriboard.api.schemas.examples import Filter, ListFilter, OnlyChoice
from attriboard.api.views.outputs import prediction_view
from attriboard.board import Board, Example
from attriboard.catalog import (
    Bin,
    Catalog,
    ColumnFacet,
    Confusion,
    Count,
    Facets,
    Only,
    Page,
    Query,
)
from attriboard.catalog.query import Choice
from attriboard.engine.errors import AttriboardError, InvalidInput
from attriboard.inputs import Input
from attriboard.jobs.edits import Head
from attriboard.jobs.own_catalog import OwnCatalog
from attriboard.jobs.session import Session


def query(filters: Filter) -> Query:
    """The catalog's question behind a filter, with its order and page where it has them."""
    picked = {
        "label": _picked(filters.label),
        "predicted": _picked(filters.predicted),
        "only": tuple(_only(text) for text in filters.only),
        "tag": tuple(filters.tag),
    }
    return Query(**{**filters.model_dump(exclude={"own"}), **picked})


def listed(session: Session, filters: ListFilter) -> Catalog | OwnCatalog:
    """What the filter is asked of: the dataset's examples, or one's own."""
    return session.own_catalog if filters.own else session.catalog


def _only(text: str) -> Only:
    """A choice in one column, as it travels in an address. InvalidInput, field "only"."""
    try:
        said = OnlyChoice.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the text"
        raise InvalidInput(
            f'only is JSON such as {{"column": "loss", "min": 0.5}}; {where}: {first["msg"]}.',
            "only",
        ) from error
    return Only(said.column, tuple(said.values), said.min, said.max)


def _picked(choices: Sequence[str]) -> tuple[Choice, ...] | None:
    return tuple(_choice(text) for text in choices) or None


def _choice(text: str) -> Choice:
    """An address holds text only: what reads as a number is a class index or a value."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def page_view(session: Session, page: Page) -> dict[str, Any]:
    """GET /api/examples."""
    return {
        "total": page.total,
        "size": len(session.board),
        "items": [{**item, **_in_words(session.board, item)} for item in page.items],
        "next_cursor": page.next_cursor,
    }


def _in_words(board: Board, item: dict[str, Any]) -> dict[str, Any]:
    """A regression's numbers with their unit; the catalog names classes only."""
    if board.output.kind != "regression":
        return {}
    return {f"{of}_name": board.output.label_name(item[of]) for of in ("label", "predicted")}


def facets_view(facets: Facets) -> dict[str, Any]:
    """GET /api/facets."""
    return {
        "total": facets.total,
        "labels": _counts(facets.labels),
        "predicted": _counts(facets.predicted),
        "correct": _counts(facets.correct),
        "score": {"bins": bins(facets.score)},
        "columns": [_column(facet) for facet in facets.columns],
        "accuracy": facets.accuracy,
        "predicted_count": facets.predicted_count,
        "macro_f1": facets.macro_f1,
        "tags": _counts(facets.tags),
    }


def confusion_view(found: Confusion) -> dict[str, Any]:
    """GET /api/confusion."""
    return {
        "classes": [vars(each) for each in found.classes],
        "cells": [vars(each) for each in found.cells],
        "total": found.total,
        "accuracy": found.accuracy,
        "macro_f1": found.macro_f1,
    }


def tags_view(session: Session) -> dict[str, Any]:
    """All tags in use."""
    return {"tags": _counts(session.catalog.marks.used())}


def _counts(counts: Sequence[Count]) -> list[dict[str, Any]]:
    return [{"value": c.value, "name": c.name, "count": c.count} for c in counts]


def bins(found: Sequence[Bin]) -> list[dict[str, Any]]:
    """The bars of a histogram."""
    return [{"from": b.start, "to": b.stop, "count": b.count} for b in found]


def _column(facet: ColumnFacet) -> dict[str, Any]:
    return {
        "name": facet.name,
        "type": facet.type,
        "values": None if facet.values is None else _counts(facet.values),
        "bins": None if facet.bins is None else bins(facet.bins),
        "nulls": facet.nulls,
    }


def example_view(session: Session, index: int) -> dict[str, Any]:
    """GET /api/examples/{index}. Runs each model on the example."""
    board = session.board
    example = board.example(index)
    return {
        "index": index,
        "label": board.output.answer(example.label),
        "label_name": board.output.label_name(example.label),
        "label_places": board.output.label_places(example.label),
        "metadata": example.metadata,
        "inputs": [_input(input_, example) for input_ in board.inputs],
        "extras": [
            {"name": entry.name, **entry.view(example.raw[entry.name])} for entry in board.extras
        ],
        "predictions": [prediction_view(session, name, index) for name in board.models],
        "edit": _edit(session, index),
    }


def _edit(session: Session, index: int) -> dict[str, Any] | None:
    head = session.edits.head(index)
    return None if head is None else head.json()


def _input(input_: Input, example: Example) -> dict[str, Any]:
    raw = example.raw[input_.name]
    path = f"api/examples/{example.index}/inputs/{quote(input_.name, safe='')}"
    return {
        "name": input_.name,
        "modality": input_.modality,
        "view": input_.view(raw),
        "media": path if _has_media(input_) else None,
    }


def _has_media(input_: Input) -> bool:
    """Whether this kind of input has files to show; making one to see would cost too much."""
    return type(input_).media is not Input.media


def edits_view(session: Session) -> dict[str, Any]:
    """GET /api/edits."""
    return {"edits": [_listed(session, head) for head in session.edits.heads()]}


def _listed(session: Session, head: Head) -> dict[str, Any]:
    return {"index": head.index, **head.json(), "texts": _texts(session.board, head.index)}


def _texts(board: Board, index: int) -> dict[str, str]:
    """What can be read of it; an edit that does not fit the board any more has nothing."""
    try:
        raw = board.example(index).raw
        found = {entry.name: entry.search_text(raw[entry.name]) for entry in board.inputs}
    except AttriboardError:
        return {}
    return {name: text for name, text in found.items() if text is not None}
