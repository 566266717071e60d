"""Rows on their way into the table: grouped into columns and written by one UPDATE a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import duckdb
import numpy as np

from attriboard.catalog.answers import encoded, number
from attriboard.catalog.connections import registered
from attriboard.catalog.layout import Layout, Metadata, Slot
from attriboard.catalog.rows import ExampleRow, OutputKind, PredictionRow
from attriboard.catalog.values import Array, Plain, array, folded, plain, storable_text
from attriboard.engine.errors import InvalidInput

Row = TypeVar("Row", ExampleRow, PredictionRow)
PlainRows = dict[str, list[Plain]]

_ANSWER_ARRAYS: dict[OutputKind, str] = {
    "classes": "int",
    "regression": "float",
    "multilabel": "str",
}


def latest(rows: Sequence[Row], size: int) -> list[Row]:
    """The rows with each index once, the last one given; InvalidInput for an index outside."""
    by_index = {row.index: row for row in rows}
    for index in by_index:
        if not 0 <= index < size:
            raise InvalidInput(
                f"There is no example {index}: the catalog holds {size}, counted from 0.", "index"
            )
    return list(by_index.values())


def plain_metadata(rows: Sequence[ExampleRow]) -> PlainRows:
    """The metadata of `rows` as plain values, a list a key, None where a row lacks the key."""
    keys = dict.fromkeys(str(key) for row in rows for key in row.metadata)
    metadata = [{str(key): value for key, value in row.metadata.items()} for row in rows]
    return {storable_text(key): [plain(row.get(key)) for row in metadata] for key in keys}


def example_columns(
    rows: Sequence[ExampleRow], layout: Layout, values: PlainRows
) -> dict[str, Array]:
    """What to write for `rows`, by the column's name in SQL."""
    kind = layout.output_kind
    labels = [encoded(kind, row.label, "label") for row in rows]
    columns = {
        "label": array(labels, _ANSWER_ARRAYS[kind]),
        "written": np.ones(len(rows), dtype=np.bool_),
    }
    for name, stored in layout.texts.items():
        columns |= _text_columns(stored.sql, stored.folded, [row.texts.get(name) for row in rows])
    for key, metadata in layout.metadata.items():
        columns |= _metadata_columns(metadata, values.get(key, [None] * len(rows)))
    return columns


def _text_columns(sql: str, twin: str | None, texts: Sequence[str | None]) -> dict[str, Array]:
    written = {sql: array([None if text is None else storable_text(text) for text in texts], "str")}
    if twin:
        written[twin] = array([None if text is None else folded(text) for text in texts], "str")
    return written


def _metadata_columns(metadata: Metadata, values: list[Any]) -> dict[str, Array]:
    if metadata.type != "str":
        return {metadata.stored.sql: array(values, metadata.type)}
    texts = list(array(values, "str"))
    return _text_columns(metadata.stored.sql, metadata.stored.folded, texts)


def prediction_columns(
    rows: Sequence[PredictionRow], slot: Slot, kind: OutputKind
) -> dict[str, Array]:
    """What to write for `rows`, by the column's name in SQL."""
    answers = [encoded(kind, row.predicted, "predicted") for row in rows]
    correct = [None if row.correct is None else bool(row.correct) for row in rows]
    return {
        slot.sql("known"): np.ones(len(rows), dtype=np.bool_),
        slot.sql("predicted"): array(answers, _ANSWER_ARRAYS[kind]),
        slot.sql("score"): array([number(row.score) for row in rows], "float"),
        slot.sql("margin"): array([number(row.margin) for row in rows], "float"),
        slot.sql("loss"): array([number(row.loss) for row in rows], "float"),
        slot.sql("correct"): array(correct, "bool"),
    }


def check_computed(
    indices: Sequence[int], columns: Mapping[str, Sequence[float | None]], size: int
) -> None:
    """InvalidInput where an index is outside or twice there, or a column has another length."""
    if len(set(indices)) != len(indices) or any(not 0 <= index < size for index in indices):
        raise InvalidInput(f"The indices are different whole numbers below {size}.", "indices")
    for name, values in columns.items():
        if len(values) != len(indices):
            raise InvalidInput(
                f"The column {name!r} has {len(values)} values for {len(indices)} examples.",
                "columns",
            )


def computed_columns(columns: Mapping[str, Sequence[float | None]]) -> dict[str, Array]:
    """What to write, by the column's name in SQL."""
    return {sql: array(list(map(number, values)), "float") for sql, values in columns.items()}


def update(
    connection: duckdb.DuckDBPyConnection, indices: Sequence[int], columns: Mapping[str, Array]
) -> None:
    """Write `columns` into the rows of `indices`, which are all different."""
    staged = {"i": np.array(indices, dtype=np.int32)}
    staged |= {f"c{n}": values for n, values in enumerate(columns.values())}
    assignments = ", ".join(f"{name} = staged.c{n}" for n, name in enumerate(columns))
    with registered(connection, "staged", staged):
        connection.execute(
            f'UPDATE examples SET {assignments} FROM staged WHERE examples."index" = staged.i'
        )
