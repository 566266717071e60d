"""Pages of examples in a stable order, each beginning after the last row of the one before."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from attriboard.catalog.answers import decoded, name_of
from attriboard.catalog.layout import PREDICTION_TYPES, Layout, Stored
from attriboard.catalog.query import Query
from attriboard.catalog.sql import Sql, Value, all_of
from attriboard.catalog.values import finite, storable_text
from attriboard.catalog.where import listing
from attriboard.engine.errors import InvalidInput

LARGEST = 1000
_BAD_CURSOR = (
    "The cursor is not one that this catalog gave; leave it out to begin at the first page."
)


@dataclass(frozen=True)
class Order:
    """A column and a direction. Empty values come last; the index decides between equals."""

    stored: Stored
    descending: bool

    @property
    def sql(self) -> str:
        """What follows ORDER BY."""
        direction = "DESC" if self.descending else "ASC"
        if self.by_index:
            return f'"index" {direction}'
        return f'{self.stored.sql} {direction} NULLS LAST, "index" ASC'

    @property
    def by_index(self) -> bool:
        """Whether the column is the index itself, which is unique and never empty."""
        return self.stored.column.role == "index"

    def after(self, key: Value, index: int) -> Sql:
        """The rows that come after the row of `key` and `index`."""
        beyond = "<" if self.descending else ">"
        if self.by_index:
            return Sql(f'("index" {beyond} ?)', (index,))
        column = self.stored.sql
        if key is None:
            return Sql(f'({column} IS NULL AND "index" > ?)', (index,))
        return Sql(
            f'({column} {beyond} ? OR ({column} = ? AND "index" > ?) OR {column} IS NULL)',
            (key, key, index),
        )


def order(query: Query, layout: Layout) -> Order:
    """The order `query.sort` asks for. InvalidInput names the known columns."""
    columns = layout.columns(query.model)
    exact = query.sort in columns
    name = query.sort if exact else query.sort.removeprefix("-")
    if name not in columns:
        raise InvalidInput(
            f"There is no column {name!r} to sort by.{listing(list(columns))}", "sort"
        )
    return Order(columns[name], descending=not exact)


def matching_indices(
    connection: duckdb.DuckDBPyConnection, by: Order, matching: Sql, limit: int | None
) -> list[tuple[int, Value]]:
    """The index and the sort key of each example that matches, in order."""
    rows = connection.execute(
        f'SELECT "index", {by.stored.sql} FROM examples WHERE {matching.text} ORDER BY {by.sql}'
        + ("" if limit is None else f" LIMIT {limit:d}"),
        matching.values,
    ).fetchall()
    return [(index, key) for index, key in rows]


def page_of(
    connection: duckdb.DuckDBPyConnection, query: Query, layout: Layout, matching: Sql, token: str
) -> tuple[list[dict[str, Any]], str | None]:
    """The items of the page, and the cursor of the next. `token` says which query it is of."""
    if not 1 <= query.limit <= LARGEST:
        raise InvalidInput(f"limit is between 1 and {LARGEST}, not {query.limit}.", "limit")
    by = order(query, layout)
    mark = f"{token}{query.sort}"
    conditions = [matching]
    if query.cursor is not None:
        conditions.append(by.after(*_opened(query.cursor, mark, by)))
    found = matching_indices(connection, by, all_of(conditions), query.limit + 1)
    shown = found[: query.limit]
    items = rows(connection, [index for index, _ in shown], layout, query.model)
    more = len(found) > len(shown)
    return items, _cursor(mark, shown[-1]) if more else None


def rows(
    connection: duckdb.DuckDBPyConnection,
    indices: Sequence[int],
    layout: Layout,
    model: str | None,
) -> list[dict[str, Any]]:
    """The items of `indices`, in that order; an index that is not there is left out."""
    if not indices:
        return []
    columns = layout.columns(model)
    found = connection.execute(
        f"SELECT {', '.join(stored.sql for stored in columns.values())} FROM examples "
        'JOIN (SELECT unnest(?::INTEGER[]) AS wanted) ON "index" = wanted',
        [list(indices)],
    ).fetchall()
    by_index = {row[0]: _item(layout, dict(zip(columns, row, strict=True))) for row in found}
    return [by_index[index] for index in indices if index in by_index]


def _item(layout: Layout, row: dict[str, Any]) -> dict[str, Any]:
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
    }


def _cursor(mark: str, last: tuple[int, Value]) -> str:
    said = json.dumps([mark, *last]).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _opened(cursor: str, mark: str, by: Order) -> tuple[Value, int]:
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        said = json.loads(base64.urlsafe_b64decode(padded))
        given, index, key = said
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput(_BAD_CURSOR, "cursor") from error
    if given != mark:
        raise InvalidInput(
            "The cursor belongs to a query with other filters or another order; leave it out to "
            "begin at the first page.",
            "cursor",
        )
    if type(index) is not int or not 0 <= index < 2**31 or not _is_key(key, by):
        raise InvalidInput(_BAD_CURSOR, "cursor")
    return key, index


def _is_key(key: Any, by: Order) -> bool:
    types: dict[str, tuple[type, ...]] = {
        "int": (int,),
        "class": (int,),
        "float": (int, float),
        "bool": (bool,),
        "str": (str,),
        "classes": (str,),
    }
    if key is None:
        return True
    if type(key) is int and key not in _INT64:
        return False
    if type(key) is str and storable_text(key) != key:
        return False
    return type(key) in types[by.stored.column.type]


_INT64 = range(-(2**63), 2**63)
