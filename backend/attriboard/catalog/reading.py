"""One query over one state of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from attriboard.catalog import page
from attriboard.catalog.aggregates import Aggregate, Wanted, aggregate
from attriboard.catalog.arrays import Arrays, Indices, Revision
from attriboard.catalog.connections import Connections
from attriboard.catalog.facets import Counter, column_names
from attriboard.catalog.layout import Layout
from attriboard.catalog.marks import Marks
from attriboard.catalog.ordering import Keyed, Order, Sorter
from attriboard.catalog.query import Query
from attriboard.catalog.rows import Confusion, Facets, Page
from attriboard.catalog.selection import Selection, select
from attriboard.catalog.sql import Value


@dataclass(frozen=True)
class Reader:
    """Answers one query. `revision` grows with each write; columns in memory are of one."""

    connections: Connections
    marks: Marks
    arrays: Arrays
    layout: Layout
    revision: Revision
    query: Query

    def page(self) -> Page:
        """The page, and how many examples match in all."""
        limit = page.checked_limit(self.query.limit)
        found = self._first(limit + 1, page.opened(self.query, self._order))
        shown, more = found[:limit], found[limit:]
        with self.connections.borrow() as connection:
            items = page.rows(
                connection, [i for i, _ in shown], self.layout, self.query.model, self.marks
            )
        total = self.arrays.size if self._matching is None else len(self._matching)
        return Page(total, items, page.cursor(self.query, shown[-1]) if more else None)

    def indices(self) -> list[int]:
        """The index of each match, in the query's order."""
        return [index for index, _ in self._first(None, None)]

    def facets(self, names: Sequence[str] | None) -> Facets:
        """The counts; of the columns `names` besides the fixed facets, or of all that differ."""
        shown = column_names(self.layout, self.query.model, names)
        found = self._counter.facets(shown, same=names is not None)
        return replace(found, tags=self.marks.counts(self._selection.mask("tags")))

    def confusion(self) -> Confusion:
        """Labels against predictions, under all filters but those two."""
        return self._counter.confusion()

    @cached_property
    def _counter(self) -> Counter:
        columns = self.layout.columns(self.query.model)
        return Counter(self.layout, self.arrays, self.revision, columns, self._selection)

    def aggregate(self, wanted: Wanted) -> Aggregate:
        """Figures of numeric columns over the matches."""
        matching = self._matching
        indices = np.arange(self.arrays.size) if matching is None else matching
        return aggregate(wanted, indices, self.layout, self.arrays, self.revision)

    def _first(self, limit: int | None, after: tuple[int, Value] | None) -> Keyed:
        return Sorter(self.arrays, self.revision, self._order).first(self._matching, limit, after)

    @cached_property
    def _order(self) -> Order:
        return Order.of(self.query, self.layout)

    @cached_property
    def _selection(self) -> Selection:
        unordered = replace(
            self.query, sort="index", limit=1, cursor=None
        )  # facets and pages alike

        def work() -> Selection:
            return select(self.query, self.layout, self.arrays, self.revision, self.marks)

        return self.arrays.selected(self.revision, unordered, work)

    @cached_property
    def _matching(self) -> Indices | None:
        return self._selection.indices()
