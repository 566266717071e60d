"""One's own examples as a catalog: filtered, counted, sorted and searched like the dataset's.

They are few and change often, so their catalog is kept in memory and made anew when one was added
or removed, or a model changed. Examples are numbered from 0 in it; answers carry their own index.
Their tags and notes are kept with the dataset's, and copied from there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from torch import Tensor

from attriboard.board import Board
from attriboard.catalog import Catalog, Confusion, Facets, Page, Query
from attriboard.catalog.marks import Marks
from attriboard.catalog.rows import OutputKind
from attriboard.engine.errors import AttriboardError
from attriboard.jobs.edits import Edits, Head
from attriboard.jobs.predict import Rows

MADE_OF = "made_of"
"""The column that holds the index of the dataset's example each was made of."""

Predict = Callable[[str, int], Tensor]
"""The raw output, (1, ...), of a model by name for the example of an index."""


@dataclass(frozen=True)
class _Listing:
    catalog: Catalog
    indices: tuple[int, ...]


class OwnCatalog:
    """Answers as `Catalog` does, over the edits that were made to be looked at."""

    def __init__(
        self, board: Board, edits: Edits, marks: Marks, texts: Sequence[str], predict: Predict
    ) -> None:
        self._board = board
        self._edits = edits
        self._marks = marks
        self._texts = texts
        self._predict = predict
        self._lock = threading.Lock()
        self._identity: object = None
        self._marked: int | None = None
        self._listing: _Listing | None = None

    def page(self, query: Query) -> Page:
        """As `Catalog.page`."""
        listing = self._current()
        found = listing.catalog.page(query)
        items = [{**item, "index": listing.indices[item["index"]]} for item in found.items]
        return replace(found, items=items)

    def indices(self, query: Query) -> list[int]:
        """As `Catalog.indices`."""
        listing = self._current()
        return [listing.indices[place] for place in listing.catalog.indices(query)]

    def facets(self, query: Query) -> Facets:
        """As `Catalog.facets`."""
        return self._current().catalog.facets(query)

    def confusion(self, query: Query) -> Confusion:
        """As `Catalog.confusion`."""
        return self._current().catalog.confusion(query)

    def close(self) -> None:
        """Let go of what is in memory."""
        with self._lock:
            if self._listing is not None:
                self._listing.catalog.close()
            self._listing = self._identity = self._marked = None

    def _current(self) -> _Listing:
        heads = [head for head in self._edits.heads()[::-1] if head.role == "edit"]
        models = {name: self._board.model_fingerprint(name) for name in self._board.models}
        identity = ([(head.index, head.identity) for head in heads], models)
        with self._lock:
            if self._listing is None or identity != self._identity:
                self._listing = self._made(heads, models)
                self._identity, self._marked = identity, None
            if self._marked != (version := self._marks.version):
                self._mark(self._listing)
                self._marked = version
            return self._listing

    def _mark(self, listing: _Listing) -> None:
        copied = listing.catalog.marks
        for place, index in enumerate(listing.indices):
            (tags, note), (old, noted) = self._marks.of(index), copied.of(place)
            if tags != old:
                copied.change([place], add=set(tags) - set(old), remove=set(old) - set(tags))
            if note != noted:
                copied.note(place, note or "")

    def _made(self, heads: Sequence[Head], models: dict[str, str]) -> _Listing:
        catalog = Catalog.open(
            None,
            data_fingerprint="own",
            size=len(heads),
            output_kind=cast(OutputKind, self._board.output.kind),
            output_names=self._board.output.names,
            texts=self._texts,
            models=models,
        )
        rows = Rows(self._board, catalog)
        for place, head in enumerate(heads):
            self._read(rows, place, head)
        rows.flush()
        return _Listing(catalog, tuple(head.index for head in heads))

    def _read(self, rows: Rows, place: int, head: Head) -> None:
        """One that does not fit the board any more, or that a model fails on, is listed so."""
        example = None
        for name in self._board.models:
            try:
                example = self._board.example(head.index)
                metadata = {**example.metadata, MADE_OF: head.origin}
                example = replace(example, index=place, metadata=metadata)
                rows.read(example)
                rows.predicted(name, [example], self._predict(name, head.index))
            except AttriboardError as error:
                rows.failed(place, example, str(error), [name])
