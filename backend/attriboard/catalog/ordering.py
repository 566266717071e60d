"""The order of the matching examples, and the first few of them after a given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attriboard.catalog.arrays import Arrays, Indices, Numbers, Revision
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.query import Query
from attriboard.catalog.sql import Value
from attriboard.catalog.where import listing
from attriboard.engine.errors import InvalidInput

Keyed = list[tuple[int, Value]]
"""Examples in order, each with the value it is sorted by."""


@dataclass(frozen=True)
class Order:
    """A column and a direction. Empty values come last; the index decides between equals."""

    stored: Stored
    descending: bool

    @property
    def is_text(self) -> bool:
        """Whether the column is compared as text, by code points."""
        return self.stored.column.type in ("str", "classes")

    @staticmethod
    def of(query: Query, layout: Layout) -> Order:
        """The order `query.sort` asks for. InvalidInput names the known columns."""
        columns = layout.columns(query.model)
        exact = query.sort in columns
        name = query.sort if exact else query.sort.removeprefix("-")
        if name in columns and columns[name].column.type != "tags":
            return Order(columns[name], descending=not exact)
        known = listing([n for n, stored in columns.items() if stored.column.type != "tags"])
        raise InvalidInput(f"There is no column {name!r} to sort by.{known}", "sort")


@dataclass(frozen=True)
class Sorter:
    """Puts examples in order."""

    arrays: Arrays
    revision: Revision
    order: Order

    def first(
        self, matching: Indices | None, limit: int | None, after: tuple[int, Value] | None
    ) -> Keyed:
        """The first `limit` of the examples `matching`, or of all, that come `after` one."""
        if self.order.stored.column.role == "index":
            return self._by_index(matching, limit, after)
        if self.order.is_text:
            indices = np.arange(self.arrays.size) if matching is None else matching
            return self.arrays.sorted_texts(
                self.order.stored, self.order.descending, indices, limit, after
            )
        numbers = self.arrays.numbers(self.revision, self.order.stored)
        full, empty = _parted(numbers, matching)
        values = numbers.values if full is None else numbers.values.take(full)
        chosen = self._numbers_after(full, values, limit, after)
        if limit is None or len(chosen) < limit:
            rest = _empty_after(empty, after)
            chosen += [(i, None) for i in rest[: None if limit is None else limit - len(chosen)]]
        return chosen

    def _by_index(
        self, matching: Indices | None, limit: int | None, after: tuple[int, Value] | None
    ) -> Keyed:
        indices = np.arange(self.arrays.size) if matching is None else matching
        if self.order.descending:
            indices = indices[::-1]
        if after is not None:
            beyond = indices < after[0] if self.order.descending else indices > after[0]
            indices = indices[beyond]
        return [(index, index) for index in indices[:limit].tolist()]

    def _numbers_after(
        self,
        indices: Indices | None,
        values: npt.NDArray[Any],
        limit: int | None,
        after: tuple[int, Value] | None,
    ) -> Keyed:
        """In order, of the `values` of the examples `indices`, or of all."""
        if after is not None:
            if after[1] is None:
                return []
            index, key = after
            indices = np.arange(len(values)) if indices is None else indices
            beyond = values < key if self.order.descending else values > key
            keep = beyond | ((values == key) & (indices > index))
            indices, values = indices[keep], values[keep]
        best = _smallest(_flipped(values) if self.order.descending else values, limit)
        places = best if indices is None else indices[best]
        return list(zip(places.tolist(), values[best].tolist(), strict=True))


def _parted(numbers: Numbers, matching: Indices | None) -> tuple[Indices | None, Indices]:
    """Of the examples `matching`: those with a number (None: all there are), and those without."""
    if numbers.empty is None:
        return matching, np.zeros(0, np.int64)
    if matching is None:
        return np.flatnonzero(~numbers.empty), np.flatnonzero(numbers.empty)
    empty = numbers.empty.take(matching)
    return matching[~empty], matching[empty]


def _empty_after(indices: Indices, after: tuple[int, Value] | None) -> list[int]:
    if after is not None and after[1] is None:
        indices = indices[indices > after[0]]
    found: list[int] = indices.tolist()
    return found


def _flipped(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Values in the opposite order; of whole numbers, whose lowest has no negative, by bits."""
    return -values if values.dtype.kind == "f" else ~values


def _smallest(keys: npt.NDArray[Any], limit: int | None) -> Indices:
    """The places of the `limit` smallest keys, in order, the earlier place first among equals."""
    if limit is None or len(keys) <= limit:
        return np.argsort(keys, kind="stable")
    bound = np.partition(keys, limit - 1)[limit - 1]
    below = np.flatnonzero(keys < bound)
    equal = np.flatnonzero(keys == bound)[: limit - len(below)]
    places = np.sort(np.concatenate([below, equal]))
    return places[np.argsort(keys[places], kind="stable")]
