"""Metadata columns: made and widened as rows bring new names and values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import get_args

import duckdb

from attriboard.catalog.layout import (
    METADATA_TYPES,
    TEXT,
    Distinct,
    Layout,
    Metadata,
    Stored,
    public_name,
)
from attriboard.catalog.rows import Column
from attriboard.catalog.schema import next_number
from attriboard.catalog.values import MetadataType, Plain, as_text, type_of

Connection = duckdb.DuckDBPyConnection
LISTED: dict[MetadataType, int] = {"str": 50, "int": 20, "bool": 2, "float": 0}
"""How many different values a column may hold and still be listed value by value."""


def discover(
    connection: Connection, layout: Layout, values: Mapping[str, Sequence[Plain]]
) -> Layout:
    """The layout with columns for all `values`, made where they were missing or too narrow."""
    before = layout
    for key, column in values.items():
        old = layout.metadata.get(key)
        kind = type_of(column, old.type if old else None)
        if kind is not None:
            found = old if old and old.type == kind else _add(connection, layout, key, kind)
            found = _noted(found, column)
            layout = replace(layout, metadata={**layout.metadata, key: found})
    if layout != before:
        _list(connection, layout.metadata)
    return layout


def _add(connection: Connection, layout: Layout, key: str, kind: MetadataType) -> Metadata:
    """A new column; where there is a narrower one, its values are taken over."""
    old = layout.metadata.get(key)
    name = old.stored.column.name if old else public_name(key, layout.taken())
    distinct = _converted(old.distinct, kind) if old else frozenset()
    made = _metadata(key, next_number(connection, "meta"), name, kind, distinct)
    connection.execute(f"ALTER TABLE examples ADD COLUMN {made.stored.sql} {METADATA_TYPES[kind]}")
    if made.stored.folded:
        connection.execute(f"ALTER TABLE examples ADD COLUMN {made.stored.folded} {TEXT}")
    if old:
        _take_over(connection, old.stored, made.stored, kind)
    return made


def _converted(distinct: Distinct, kind: MetadataType) -> Distinct:
    if distinct is None or kind != "str":
        return distinct
    return frozenset(text for text in map(as_text, distinct) if text is not None)


def _take_over(connection: Connection, old: Stored, made: Stored, kind: MetadataType) -> None:
    value = f"CAST({old.sql} AS {'VARCHAR' if kind == 'str' else METADATA_TYPES[kind]})"
    twin = f", {made.folded} = lower({value})" if made.folded else ""
    connection.execute(f"UPDATE examples SET {made.sql} = {value}{twin}")


def _noted(metadata: Metadata, column: Sequence[Plain]) -> Metadata:
    """`metadata` with the values of `column` among its different values."""
    if metadata.distinct is None:
        return metadata
    texts = metadata.type == "str"
    new = {as_text(value) if texts else value for value in column if value is not None}
    distinct = metadata.distinct | {value for value in new if isinstance(value, (int, str))}
    listed = distinct if len(distinct) <= LISTED[metadata.type] else None
    return _metadata(
        metadata.key, metadata.number, metadata.stored.column.name, metadata.type, listed
    )


def _metadata(key: str, number: int, name: str, kind: MetadataType, distinct: Distinct) -> Metadata:
    """The metadata column numbered `number`, with the names it has in SQL."""
    sql = f"meta_{number}"
    kept = None if kind == "float" else distinct
    stored = Stored(
        Column(name, kind, "metadata"),
        sql,
        f"{sql}_folded" if kind == "str" else None,
        few=kept,
    )
    return Metadata(key, number, stored, kind, kept)


def _list(connection: Connection, columns: Mapping[str, Metadata]) -> None:
    connection.execute("DELETE FROM metadata")
    for each in columns.values():
        distinct = None if each.distinct is None else json.dumps(sorted(each.distinct, key=str))
        connection.execute(
            "INSERT INTO metadata VALUES (?, ?, ?, ?, ?)",
            [each.key, each.number, each.stored.column.name, each.type, distinct],
        )


def read(connection: Connection) -> dict[str, Metadata]:
    """The metadata columns that were listed, by the dataset's name, in order of discovery."""
    rows = connection.execute(
        "SELECT key, number, name, type, distinct_values FROM metadata ORDER BY rowid"
    ).fetchall()
    return {
        key: _metadata(key, number, name, kind, None if few is None else frozenset(json.loads(few)))
        for key, number, name, kind, few in rows
        if kind in get_args(MetadataType)
    }
