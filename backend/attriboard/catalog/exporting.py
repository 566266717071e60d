"""The catalog's columns as Parquet files that other tools read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np

from attriboard.catalog.connections import registered
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.sql import identifier
from attriboard.catalog.values import Array

EXAMPLE_ROLES = ("index", "label", "text", "metadata")


def write_examples(
    connection: duckdb.DuckDBPyConnection, layout: Layout, indices: Sequence[int], path: Path
) -> None:
    """What the dataset says of these examples: label and its name, texts, metadata."""
    columns = {n: s for n, s in layout.columns().items() if s.column.role in EXAMPLE_ROLES}
    _write(connection, layout, columns, indices, path)


def write_predictions(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    model: str,
    indices: Sequence[int],
    path: Path,
) -> None:
    """What one model answers to these examples."""
    roles = ("index", "prediction")
    columns = {n: s for n, s in layout.columns(model).items() if s.column.role in roles}
    _write(connection, layout, columns, indices, path)


def _write(
    connection: duckdb.DuckDBPyConnection,
    layout: Layout,
    columns: Mapping[str, Stored],
    indices: Sequence[int],
    path: Path,
) -> None:
    chosen = []
    for name, stored in columns.items():
        chosen.append(f"{stored.sql} AS {identifier(name)}")
        if stored.column.type == "class":
            said = identifier(f"{name}_name")
            chosen.append(f"list_extract($names, {stored.sql} + 1) AS {said}")
    wanted = {"i": np.array(indices, np.int32)}
    with registered(connection, "wanted", wanted):
        source = (
            f'SELECT {", ".join(chosen)} FROM examples SEMI JOIN wanted ON "index" = i '
            'ORDER BY "index"'
        )
        _copy(connection, source, path, {"names": list(layout.output_names)})


def write_table(path: Path, columns: Mapping[str, Array]) -> None:
    """Columns of equal length as one Parquet file; NaN is written as empty."""
    connection = duckdb.connect(":memory:")
    try:
        numbered = {f"c{place}": values for place, values in enumerate(columns.values())}
        chosen = ", ".join(
            f"{_known(f'c{place}', values)} AS {identifier(name)}"
            for place, (name, values) in enumerate(columns.items())
        )
        with registered(connection, "rows", numbered):
            _copy(connection, f"SELECT {chosen} FROM rows", path, {})
    finally:
        connection.close()


def _known(column: str, values: Array) -> str:
    return f"nullif({column}, 'NaN'::DOUBLE)" if values.dtype.kind == "f" else column


def _copy(
    connection: duckdb.DuckDBPyConnection, source: str, path: Path, values: Mapping[str, object]
) -> None:
    place = str(path).replace("'", "''")
    connection.execute(
        f"COPY ({source}) TO '{place}' (FORMAT parquet, COMPRESSION zstd)",
        {name: value for name, value in values.items() if f"${name}" in source} or None,
    )
