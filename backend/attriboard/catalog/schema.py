"""The tables on disk: their format, how they are made, read, and given new columns.

examples   one row an example, in the order of the index, from the start and never deleted;
           a model's predictions are columns of it, numbered by the model's slot
about      what the table is about: format, data fingerprint, size, kind of output, inputs
metadata   the metadata columns: the dataset's name, the public name, the type
models     each model's slot and fingerprint
computed   the columns worked out for a model later, which go when its predictions go

One wide table, since joining a million predictions to a million examples costs more than the
rest of a query. A column no longer wanted is left unlisted and dropped at the next opening, so
that queries under way never miss one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import duckdb

from attriboard.catalog.layout import (
    ANSWER_TYPES,
    OWN_NAMES,
    PREDICTION_TYPES,
    TEXT,
    Layout,
    Slot,
    Stored,
    public_name,
)
from attriboard.catalog.rows import Column, OutputKind
from attriboard.engine.errors import InvalidInput

FORMAT = 1
TABLES = {"examples", "about", "metadata", "models", "computed"}
Connection = duckdb.DuckDBPyConnection


@dataclass(frozen=True)
class Identity:
    """What the rows belong to. Rows of another identity are of no use and are dropped."""

    data_fingerprint: str
    size: int
    output_kind: OutputKind
    texts: tuple[str, ...]

    def about(self) -> dict[str, str]:
        """The rows of the table `about`."""
        return {
            "format": str(FORMAT),
            "data_fingerprint": self.data_fingerprint,
            "size": str(self.size),
            "output_kind": self.output_kind,
            "texts": json.dumps(self.texts),
        }


def prepare(connection: Connection, identity: Identity) -> None:
    """Make the tables, or keep those there are where they are of the same data.

    InvalidInput where the file is not a catalog of this format.
    """
    tables = {
        row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    }
    about = _about(connection, tables)
    if about == identity.about() and tables >= TABLES:
        _drop_unlisted(connection)
        return
    for table in tables & TABLES:
        connection.execute(f"DROP TABLE {table}")
    _create(connection, identity)


def _about(connection: Connection, tables: set[str]) -> dict[str, str]:
    if not tables:
        return {}
    found: dict[str, str] = {}
    if "about" in tables:
        found = dict(connection.execute("SELECT key, value FROM about").fetchall())
    if found.get("format") != str(FORMAT):
        raise InvalidInput(
            f"The store's catalog.duckdb is of format {found.get('format', 'unknown')}, and this "
            f"version reads format {FORMAT}. Delete that file to have it made again, or choose "
            "another folder with --store.",
            "store",
        )
    return found


def _create(connection: Connection, identity: Identity) -> None:
    texts = "".join(
        f", text_{i} {TEXT}, text_{i}_folded {TEXT}" for i in range(len(identity.texts))
    )
    connection.execute(
        'CREATE TABLE examples ("index" INTEGER, written BOOLEAN, '
        f"label {ANSWER_TYPES[identity.output_kind]}{texts})"
    )
    connection.execute(
        'INSERT INTO examples ("index", written) SELECT i, false FROM range(?) t(i)',
        [identity.size],
    )
    connection.execute("CREATE TABLE models (name VARCHAR, slot INTEGER, fingerprint VARCHAR)")
    connection.execute(
        "CREATE TABLE metadata (key VARCHAR, number INTEGER, name VARCHAR, type VARCHAR, "
        "distinct_values VARCHAR)"
    )
    connection.execute(
        "CREATE TABLE computed (slot INTEGER, number INTEGER, key VARCHAR, name VARCHAR)"
    )
    connection.execute("CREATE TABLE about (key VARCHAR, value VARCHAR)")
    connection.executemany("INSERT INTO about VALUES (?, ?)", list(identity.about().items()))


def physical_columns(connection: Connection) -> list[str]:
    """The names of the columns of the table `examples`."""
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'examples' "
        "ORDER BY column_index"
    ).fetchall()
    return [row[0] for row in rows]


def _drop_unlisted(connection: Connection) -> None:
    slots = {row[0] for row in connection.execute("SELECT slot FROM models").fetchall()}
    numbers = {row[0] for row in connection.execute("SELECT number FROM metadata").fetchall()}
    for name in physical_columns(connection):
        group, _, rest = name.partition("_")
        listed = {"model": slots, "meta": numbers}.get(group)
        if listed is not None and int(rest.partition("_")[0]) not in listed:
            connection.execute(f"ALTER TABLE examples DROP COLUMN {name}")


def next_number(connection: Connection, group: str) -> int:
    """A number that no column called `group`_number has had since the file was opened."""
    used = [
        int(name.split("_")[1])
        for name in physical_columns(connection)
        if name.startswith(f"{group}_")
    ]
    return max(used, default=-1) + 1


def add_model(connection: Connection, layout: Layout, model: str, fingerprint: str) -> Slot:
    """A fresh slot for `model`, in place of any it had, with columns that are all empty."""
    slot = Slot(next_number(connection, "model"), fingerprint)
    types = {"known": "BOOLEAN", "predicted": ANSWER_TYPES[layout.output_kind]} | PREDICTION_TYPES
    for name, kind in types.items():
        connection.execute(f"ALTER TABLE examples ADD COLUMN {slot.sql(name)} {kind}")
    if model in layout.models:
        connection.execute("DELETE FROM computed WHERE slot = ?", [layout.models[model].number])
    connection.execute("DELETE FROM models WHERE name = ?", [model])
    connection.execute("INSERT INTO models VALUES (?, ?, ?)", [model, slot.number, fingerprint])
    return slot


def text_columns(names: tuple[str, ...]) -> dict[str, Stored]:
    """The columns of the inputs that are searched, by the input's name."""
    found: dict[str, Stored] = {}
    taken = set(OWN_NAMES)
    for i, name in enumerate(names):
        public = public_name(name, taken)
        taken.add(public)
        found[name] = Stored(Column(public, "str", "text"), f"text_{i}", f"text_{i}_folded")
    return found


def read_models(connection: Connection) -> dict[str, Slot]:
    """Each model's slot, by its name."""
    rows = connection.execute("SELECT name, slot, fingerprint FROM models").fetchall()
    return {
        name: Slot(number, fingerprint, _read_computed(connection, number))
        for name, number, fingerprint in rows
    }


def _read_computed(connection: Connection, slot: int) -> dict[str, Stored]:
    rows = connection.execute(
        "SELECT key, name, number FROM computed WHERE slot = ? ORDER BY number", [slot]
    ).fetchall()
    return {key: _computed(slot, number, name) for key, name, number in rows}


def _computed(slot: int, number: int, name: str) -> Stored:
    return Stored(Column(name, "float", "computed"), f"model_{slot}_computed_{number}")


def add_computed(connection: Connection, layout: Layout, slot: Slot, key: str) -> Slot:
    """`slot` with a column of numbers called `key`, empty where it was not there before."""
    if key in slot.computed:
        return slot
    number = len(slot.computed)
    made = _computed(slot.number, number, public_name(key, layout.taken(slot)))
    connection.execute(f"ALTER TABLE examples ADD COLUMN {made.sql} DOUBLE")
    connection.execute(
        "INSERT INTO computed VALUES (?, ?, ?, ?)", [slot.number, number, key, made.column.name]
    )
    return replace(slot, computed={**slot.computed, key: made})
