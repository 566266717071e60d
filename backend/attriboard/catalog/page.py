"""Pages of examples, each beginning after the last row of the one before."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import duckdb

from attriboard.catalog.answers import decoded, name_of
from attriboard.catalog.layout import PREDICTION_TYPES, Layout
from attriboard.catalog.marks import Marks
from attriboard.catalog.ordering import Order
from attriboard.catalog.query import Query
from attriboard.catalog.sql import Value
from attriboard.catalog.values import finite, storable_text
from attriboard.engine.errors import InvalidInput

LARGEST = 1000
_BAD_CURSOR = "The cursor is not one this catalog gave; leave it out to begin at the first page."


def checked_limit(limit: int) -> int:
    """`limit`, or InvalidInput where a page cannot have it."""
    if not 1 <= limit <= LARGEST:
        raise InvalidInput(f"limit is between 1 and {LARGEST}, not {limit}.", "limit")
    return limit


def rows(
    connection: duckdb.DuckDBPyConnection,
    indices: Sequence[int],
    layout: Layout,
    model: str | None,
    marks: Marks,
) -> list[dict[str, Any]]:
    """The items of `indices`, in that order; an index that is not there is left out."""
    if not indices:
        return []
    columns = {
        name: stored
        for name, stored in layout.columns(model).items()
        if stored.column.role != "mark"
    }
    found = connection.execute(
        f"SELECT {', '.join(stored.sql for stored in columns.values())} FROM examples "
        'JOIN (SELECT unnest(?::BIGINT[]) AS wanted) ON "index" = wanted',
        [list(indices)],
    ).fetchall()
    computed = [stored.column.name for stored in layout.computed(model).values()]
    by_index = {
        row[0]: _item(layout, dict(zip(columns, row, strict=True)), computed) for row in found
    }
    return [_marked(by_index[index], marks) for index in indices if index in by_index]


def _marked(item: dict[str, Any], marks: Marks) -> dict[str, Any]:
    tags, note = marks.of(item["index"])
    return {**item, "tags": tags, "note": note}


def _item(layout: Layout, row: dict[str, Any], computed: Sequence[str]) -> dict[str, Any]:
    label = decoded(layout.output_kind, row["label"])
    predicted = decoded(layout.output_kind, row.get("predicted"))
    return {
        "index": row["index"],
        "label": finite(label),
        "label_name": name_of(layout, label),
        "predicted": finite(predicted),
        "predicted_name": name_of(layout, predicted),
        **{name: finite(row.get(name)) for name in PREDICTION_TYPES},
        "texts": {name: row[stored.column.name] for name, stored in layout.texts.items()},
        "metadata": {
            each.stored.column.name: finite(row[each.stored.column.name])
            for each in layout.metadata.values()
        },
        "computed": {name: finite(row[name]) for name in computed},
    }


def cursor(query: Query, last: tuple[int, Value]) -> str:
    """A cursor that goes on after `last`, opaque to those who pass it on."""
    said = json.dumps([_mark(query), *last]).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def opened(query: Query, order: Order) -> tuple[int, Value] | None:
    """What `query.cursor` says, None where there is none. InvalidInput where it is not ours."""
    if query.cursor is None:
        return None
    try:
        padded = query.cursor.encode() + b"=" * (-len(query.cursor) % 4)
        mark, index, key = json.loads(base64.urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput(_BAD_CURSOR, "cursor") from error
    if type(index) is not int or not 0 <= index < 2**31 or not _is_key(key, order):
        raise InvalidInput(_BAD_CURSOR, "cursor")
    if mark != _mark(query):
        raise InvalidInput(
            "The cursor belongs to a query with other filters or another order; leave it out to "
            "begin at the first page.",
            "cursor",
        )
    return index, key


def _mark(query: Query) -> str:
    """Equal for queries that match the same examples in the same order."""
    said: list[object] = [query.model, query.label, query.predicted, query.correct, query.min_score]
    said += [query.max_score, query.q, query.where, query.sort, query.sample, query.seed]
    said += [query.stratified, query.tag, [list(vars(each).values()) for each in query.only]]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


_INT64 = range(-(2**63), 2**63)


def _is_key(key: Any, order: Order) -> bool:
    if key is None:
        return True
    if order.is_text:
        return type(key) is str and storable_text(key) == key
    if order.stored.column.type == "float":
        return type(key) is float
    return type(key) is int and key in _INT64
