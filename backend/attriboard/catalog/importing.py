"""Tables that other runs wrote, read back as columns of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from attriboard.catalog.sql import identifier
from attriboard.engine.errors import InvalidInput

Numbers = dict[str, list[float | None]]


def read_table(files: Sequence[Path], columns: Sequence[str]) -> tuple[list[int], Numbers]:
    """The examples of these Parquet files in order, and those of the columns that are there.

    Raises InvalidInput where a file cannot be read.
    """
    connection = duckdb.connect(":memory:")
    try:
        rows = connection.read_parquet([str(file) for file in files], union_by_name=True)
        known = [name for name in columns if name in rows.columns]
        quoted = ", ".join(identifier(name) for name in ["index", *known])
        found = rows.project(quoted).order('"index"').fetchall()
    except duckdb.Error as error:
        raise InvalidInput(f"The tables below {files[0].parent} cannot be read: {error}") from error
    finally:
        connection.close()
    return [row[0] for row in found], {
        name: [row[place] for row in found] for place, name in enumerate(known, 1)
    }
