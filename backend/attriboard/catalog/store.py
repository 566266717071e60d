"""The catalog: the one object through which examples are written, found and counted."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from attriboard.catalog import exporting, marks, metadata, page, saved, schema, writing
from attriboard.catalog.aggregates import Aggregate, Wanted
from attriboard.catalog.arrays import Arrays
from attriboard.catalog.connections import Connections, registered
from attriboard.catalog.layout import Layout, Slot, public_name
from attriboard.catalog.query import Query
from attriboard.catalog.reading import Reader
from attriboard.catalog.rows import (
    Column,
    Confusion,
    ExampleRow,
    Facets,
    OutputKind,
    Page,
    PredictionRow,
)
from attriboard.catalog.values import Array, storable_text
from attriboard.engine.errors import InvalidInput


class Catalog:
    """Labels, predictions, texts and metadata of all examples, 0 to size - 1, in DuckDB.

    Every method may be called from any thread: queries run side by side on connections of their
    own, also while rows are written, and writes take turns.
    """

    def __init__(self, connections: Connections, layout: Layout, size: int, data: int) -> None:
        """Use `Catalog.open`."""
        self._connections = connections
        self._layout = layout
        self._size = size
        self._revision = 0
        self._writing = threading.RLock()
        self._arrays = Arrays(connections, size)
        self.marks = marks.Marks(connections, data, size)
        self.views = saved.SavedViews(connections)

    @classmethod
    def open(
        cls,
        path: Path | None,
        *,
        data_fingerprint: str,
        size: int,
        output_kind: OutputKind = "classes",
        output_names: Sequence[str] = (),
        texts: Sequence[str] = (),
        models: Mapping[str, str] | None = None,
    ) -> Catalog:
        """The catalog in the file `path`, or in memory where that is None.

        `texts` names the inputs that have texts to search, `models` gives each model's
        fingerprint; the first is the one meant where a query names none. What an earlier run
        stored of this data and of these models is kept; what belongs to other data, or to a model
        since changed, is dropped. InvalidInput, field "store", where the file is in use, of
        another format, or not a catalog.
        """
        identity = schema.Identity(data_fingerprint, size, output_kind, tuple(texts))
        connections = Connections(path)
        try:
            with connections.transaction() as connection:
                schema.prepare(connection, identity)
                saved.prepare(connection)
                data = marks.prepare(connection, data_fingerprint)
                layout = Layout(
                    output_kind,
                    tuple(output_names),
                    schema.text_columns(tuple(texts)),
                    metadata.read(connection),
                    schema.read_models(connection),
                    next(iter(models or {}), None),
                    marks.columns(data),
                    tuple(models or ()),
                )
            catalog = cls(connections, layout, size, data)
            for model, fingerprint in (models or {}).items():
                catalog._slot(model, fingerprint)
        except BaseException:
            connections.close()
            raise
        return catalog

    def close(self) -> None:
        """Write everything to the file and close it. Closing twice is harmless."""
        with self._writing:
            self._connections.close()

    def __len__(self) -> int:
        return self._size

    # Writing

    def write_examples(self, rows: Sequence[ExampleRow]) -> None:
        """Store what the dataset says about these examples, in place of what was stored.

        Metadata columns appear as rows bring them, and widen as values need: whole numbers to
        numbers, other mixtures to text. InvalidInput for an index or a label that cannot be.
        """
        rows = writing.latest(rows, self._size)
        values = writing.plain_metadata(rows)
        with self._writing:
            self._discover(values)
            columns = writing.example_columns(rows, self._layout, values)
            self._update([row.index for row in rows], columns)
            self._arrays.words.changed()

    def write_predictions(
        self, model: str, fingerprint: str, rows: Sequence[PredictionRow]
    ) -> None:
        """Store what `model` answered. Answers it gave under another fingerprint are dropped."""
        rows = writing.latest(rows, self._size)
        with self._writing:
            slot = self._slot(model, fingerprint)
            columns = writing.prediction_columns(rows, slot, self._layout.output_kind)
            self._update([row.index for row in rows], columns)

    def write_computed(
        self,
        model: str,
        fingerprint: str,
        indices: Sequence[int],
        columns: Mapping[str, Sequence[float | None]],
    ) -> None:
        """Store numbers worked out for `model`, such as contributions: for each column one a row.

        A column appears when it is first written, under its name or, where that is taken, with a
        prefix; it is dropped with the model's predictions.
        """
        writing.check_computed(indices, columns, self._size)
        with self._writing:
            slot = self._slot(model, fingerprint)
            with self._connections.transaction() as connection:
                for key in columns:
                    layout = self._layout.with_slot(model, slot)
                    slot = schema.add_computed(connection, layout, slot, key)
            self._layout = self._layout.with_slot(model, slot)
            written = {slot.computed[key].sql: values for key, values in columns.items()}
            self._update(indices, writing.computed_columns(written))

    def _update(self, indices: Sequence[int], columns: Mapping[str, Array]) -> None:
        if not indices:
            return
        with self._connections.transaction() as connection:
            writing.update(connection, indices, columns)
        self._revision += 1

    def _discover(self, values: writing.PlainRows) -> None:
        with self._connections.transaction() as connection:
            layout = metadata.discover(connection, self._layout, values)
        self._layout = layout

    def _slot(self, model: str, fingerprint: str) -> Slot:
        """The columns of `model`, new and empty unless it is the one they were filled by."""
        with self._writing:
            found = self._layout.models.get(model)
            if found is not None and found.fingerprint == fingerprint:
                return found
            with self._connections.transaction() as connection:
                slot = schema.add_model(connection, self._layout, model, fingerprint)
            self._layout = self._layout.with_slot(model, slot)
            self._revision += 1
            return slot

    # What is there

    def columns(self, model: str | None = None) -> list[Column]:
        """The columns that `where` and `sort` understand."""
        return [stored.column for stored in self._layout.columns(model).values()]

    def missing(self, model: str, fingerprint: str) -> list[int]:
        """The examples that `model` has not answered yet, in order."""
        slot = self._layout.models.get(model)
        if slot is None or slot.fingerprint != fingerprint:
            return list(range(self._size))
        return self._where(f"{slot.sql('known')} IS NULL")

    def missing_examples(self) -> list[int]:
        """The examples whose label, texts and metadata were not written yet, in order."""
        return self._where("NOT written")

    def predicted(self, model: str) -> int:
        """How many examples `model` has answered."""
        slot = self._layout.models.get(model)
        if slot is None:
            return 0
        with self._connections.borrow() as connection:
            row = connection.execute(f"SELECT count({slot.sql('known')}) FROM examples").fetchone()
        return int(row[0]) if row else 0

    def computed_name(self, model: str, key: str) -> str:
        """The public name of what is, or would be, computed for `model` under `key`."""
        slot = self._layout.slot(model)
        known = slot.computed.get(key)
        return known.column.name if known else public_name(key, self._layout.taken(slot))

    def missing_computed(
        self, model: str, fingerprint: str, keys: Sequence[str], indices: Sequence[int]
    ) -> list[int]:
        """Those of `indices` where one of the computed columns is empty, in the order given."""
        revision = (self._revision, self.marks.version)
        slot = self._layout.models.get(model)
        known = slot is not None and slot.fingerprint == fingerprint
        if slot is None or not known or any(key not in slot.computed for key in keys):
            return list(indices)
        wanted = np.array(indices, np.int64)
        empty = np.zeros(len(wanted), np.bool_)
        for key in keys:
            found = self._arrays.numbers(revision, slot.computed[key]).empty
            if found is not None:
                empty |= found[wanted]
        missing: list[int] = wanted[empty].tolist()
        return missing

    def _where(self, condition: str) -> list[int]:
        with self._connections.borrow() as connection:
            found = connection.execute(
                f'SELECT "index" FROM examples WHERE {condition} ORDER BY "index"'
            ).fetchnumpy()
        indices: list[int] = found["index"].tolist()
        return indices

    # Queries

    def page(self, query: Query) -> Page:
        """One page of the examples that match. InvalidInput names the field that is wrong."""
        return self._reader(query).page()

    def facets(self, query: Query, columns: Sequence[str] | None = None) -> Facets:
        """Counts over the examples that match, each under all filters but its own.

        `columns` names the columns to count besides labels, predictions, right and wrong, and
        score; when left out, all there are but whole numbers that are the same everywhere. A column
        of free text is counted by none.
        """
        return self._reader(query).facets(columns)

    def confusion(self, query: Query) -> Confusion:
        """Labels against predictions of the examples that match, those two filters aside.

        InvalidInput where labels or predictions are not single classes.
        """
        return self._reader(query).confusion()

    def indices(self, query: Query) -> list[int]:
        """The index of every example that matches, in the query's order, pages aside."""
        return self._reader(query).indices()

    def aggregate(self, query: Query, wanted: Wanted) -> Aggregate:
        """Figures of numeric columns over the examples that match, all together and by group.

        InvalidInput names the field that is wrong.
        """
        return self._reader(query).aggregate(wanted)

    def prepare_search(self, *, wait: bool = False) -> None:
        """Learn the texts' words, in the background, so that searches are quick from the first."""
        self._arrays.words.prepare(list(self._layout.texts.values()), wait=wait)

    def find(self, column: str, values: Sequence[str]) -> dict[str, list[int]]:
        """The examples whose `column` reads as each of `values`, in order; those found alone."""
        stored = self._layout.columns().get(column)
        if stored is None or stored.column.role == "mark":
            raise InvalidInput(f"There is no column {column!r}.", "column")
        wanted = {"v": np.array([None, *map(storable_text, dict.fromkeys(values))], object)[1:]}
        with (
            self._connections.borrow() as connection,
            registered(connection, "wanted", wanted),
        ):
            rows = connection.execute(
                f'SELECT v, "index" FROM examples JOIN wanted ON CAST({stored.sql} AS VARCHAR) = v '
                'ORDER BY "index"'
            ).fetchall()
        found: dict[str, list[int]] = {}
        for value, index in rows:
            found.setdefault(value, []).append(index)
        return found

    def rows(self, indices: Sequence[int], model: str | None = None) -> list[dict[str, Any]]:
        """The items of a page, for these examples in this order."""
        layout = self._layout
        with self._connections.borrow() as connection:
            return page.rows(connection, indices, layout, model, self.marks)

    def export(self, folder: Path, indices: Sequence[int], models: Mapping[str, str]) -> None:
        """Write these examples as examples.parquet, and each model's answers as the file named."""
        layout = self._layout
        with self._connections.borrow() as connection:
            exporting.write_examples(connection, layout, indices, folder / "examples.parquet")
            for model, name in models.items():
                exporting.write_predictions(connection, layout, model, indices, folder / name)

    def _reader(self, query: Query) -> Reader:
        # read first: what is newer may pass as older, not the reverse
        revision = (self._revision, self.marks.version)
        return Reader(self._connections, self.marks, self._arrays, self._layout, revision, query)
