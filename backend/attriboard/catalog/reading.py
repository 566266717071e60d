"""Queries against one state of the table: pages, facets and orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from attriboard.catalog import facets as counting
from attriboard.catalog.connections import Connections
from attriboard.catalog.filters import Filters, digest, filters
from attriboard.catalog.histogram import Scale, scales
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.memo import Memo
from attriboard.catalog.page import matching_indices, order, page_of
from attriboard.catalog.query import Query
from attriboard.catalog.rows import Facets, Page
from attriboard.catalog.sample import within
from attriboard.catalog.sql import Sql, all_of
from attriboard.catalog.tally import Facet, Tally, tally
from attriboard.catalog.where import listing
from attriboard.engine.errors import InvalidInput

FACETS_AT_ONCE = 10
"""Facets in one statement. The first statement's count also gives a page its total."""


@dataclass(frozen=True)
class Reader:
    """One query. Counts are kept in `memo` until the next write, which changes `revision`."""

    connections: Connections
    layout: Layout
    revision: int
    memo: Memo
    query: Query

    def page(self) -> Page:
        """The page, and how many examples match in all."""
        with self.connections.borrow() as connection:
            items, cursor = page_of(
                connection, self.query, self.layout, self._matching, self._digest
            )
        first = self._statements(self._default_names())[0]
        return Page(self._tally(first).total, items, cursor)

    def indices(self) -> list[int]:
        """The index of each match, in the query's order."""
        by = order(self.query, self.layout)
        with self.connections.borrow() as connection:
            found = matching_indices(connection, by, self._matching, None)
        return [index for index, _ in found]

    def facets(self, names: Sequence[str] | None) -> Facets:
        """The counts; of the columns `names` besides the fixed facets, or of all metadata."""
        statements = self._statements(
            self._default_names() if names is None else self._checked(names)
        )
        tallies = [self._tally(statement) for statement in statements]
        listed = [facet for statement in statements for facet in statement]
        return counting.presented(tallies, listed, self.layout)

    @cached_property
    def _columns(self) -> dict[str, Stored]:
        return self.layout.columns(self.query.model)

    @cached_property
    def _filters(self) -> Filters:
        return filters(self.query, self.layout)

    @cached_property
    def _digest(self) -> str:
        return digest(self.query, self.layout)

    @cached_property
    def _sample(self) -> Sql | None:
        matching = self._filters.everything
        if self.query.sample is None:
            return None

        def work() -> Sql | None:
            with self.connections.borrow() as connection:
                return within(connection, self.query, matching)

        return self.memo.get((self.revision, self._digest, "sample"), work)

    @property
    def _matching(self) -> Sql:
        return all_of([*([self._sample] if self._sample else []), self._filters.everything])

    def _default_names(self) -> list[str]:
        return counting.default_names(self.layout, self._columns)

    def _checked(self, names: Sequence[str]) -> list[str]:
        known = counting.countable_names(self.layout, self._columns)
        for name in names:
            if name not in known:
                raise InvalidInput(
                    f"There is no column {name!r} to count.{listing(known)}", "columns"
                )
        return list(dict.fromkeys(names))

    def _statements(self, names: Sequence[str]) -> list[list[Facet]]:
        listed = counting.facet_list(self.layout, self._columns, names, self._scales(names))
        chunks = range(0, max(len(listed), 1), FACETS_AT_ONCE)
        return [listed[start : start + FACETS_AT_ONCE] for start in chunks]

    def _scales(self, names: Sequence[str]) -> dict[str, Scale]:
        wanted = counting.scaled_columns(self.layout, self._columns, names)

        def work() -> dict[str, Scale]:
            with self.connections.borrow() as connection:
                return scales(connection, wanted)

        return self.memo.get((self.revision, tuple(wanted), "scales"), work)

    def _tally(self, facets: Sequence[Facet]) -> Tally:
        def work() -> Tally:
            with self.connections.borrow() as connection:
                return tally(
                    connection, facets, self._filters, self._sample, self.layout, self._columns
                )

        names = tuple(facet.name for facet in facets)
        return self.memo.get((self.revision, self._digest, names), work)
