"""Counts and histograms of the matching examples, each facet under all filters but its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attriboard.catalog.arrays import Arrays, Indices, Mask
from attriboard.catalog.coding import coded
from attriboard.catalog.histogram import UNIT
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.rows import Bin, Column, ColumnFacet, Count, Facets
from attriboard.catalog.selection import Selection
from attriboard.catalog.values import finite
from attriboard.catalog.where import listing
from attriboard.engine.errors import InvalidInput

_ON_REQUEST = ("margin", "loss")


def column_names(layout: Layout, model: str | None, names: Sequence[str] | None) -> list[str]:
    """The columns to count besides the fixed facets: `names`, or all but margin and loss."""
    columns = layout.columns(model)
    known = [n for n, stored in columns.items() if stored.column.role in ("metadata", "computed")]
    if layout.output_kind == "regression":
        known += [name for name in ("label", "predicted") if name in columns]
    if names is None:
        return known
    known += [name for name in _ON_REQUEST if name in columns]
    for name in names:
        if name not in known:
            raise InvalidInput(f"There is no column {name!r} to count.{listing(known)}", "columns")
    return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Counter:
    """Counts the examples of a selection."""

    layout: Layout
    arrays: Arrays
    revision: int
    columns: dict[str, Stored]
    selection: Selection
    matching: Indices | None  # by all filters; None for every example

    def facets(self, names: Sequence[str]) -> Facets:
        """The fixed facets, and those of the columns `names`."""
        _, wrong, right = self._correct(self.matching)
        found = [self._column(self.columns[name]) for name in names]
        return Facets(
            total=self.total,
            labels=self._classes("label", "no label"),
            predicted=self._classes("predicted", "not predicted"),
            correct=self._right_and_wrong(),
            score=self._score(),
            columns=[facet for facet in found if facet is not None],
            accuracy=right / (right + wrong) if right + wrong else None,
            predicted_count=self._predicted_count(),
        )

    @property
    def total(self) -> int:
        """How many examples match all filters."""
        return self.arrays.size if self.matching is None else len(self.matching)

    def _under(self, name: str) -> Indices | None:
        """The examples that match all filters but the one called `name`."""
        return self.selection.indices(name) if name in self.selection.own else self.matching

    def _correct(self, indices: Indices | None) -> list[int]:
        stored = self.columns.get("correct")
        found = coded(self.arrays, self.revision, stored) if stored else None
        return found.counts(indices) if found else [self.total, 0, 0]

    def _right_and_wrong(self) -> list[Count]:
        unknown, wrong, right = self._correct(self._under("correct"))
        both = [Count(True, "right", right), Count(False, "wrong", wrong)]
        return [*both, Count(None, "not known", unknown)] if unknown else both

    def _classes(self, name: str, empty: str) -> list[Count]:
        if name not in self.columns or self.layout.output_kind == "regression":
            return []
        counts = (
            self._several(self.columns[name])
            if self.layout.output_kind == "multilabel"
            else self._single(self.columns[name])
        )
        unknown = counts.pop(None, 0)
        named = [Count(i, self.layout.class_name(i), n) for i, n in counts.items() if i is not None]
        return [*named, Count(None, empty, unknown)] if unknown else named

    def _single(self, stored: Stored) -> dict[int | None, int]:
        found = coded(self.arrays, self.revision, stored)
        if found is None:
            return {}
        counts = found.counts(self._under(stored.column.name))
        return {v: n for v, n in zip([None, *found.values], counts, strict=True) if n}

    def _several(self, stored: Stored) -> dict[int | None, int]:
        held = self.arrays.several(self.revision, stored)
        mask = self.selection.mask(stored.column.name)
        classes = held.classes if mask is None else held.classes[mask[held.examples]]
        values, counts = np.unique(classes, return_counts=True)
        empty = held.empty if mask is None else held.empty & mask
        found: dict[int | None, int] = dict(zip(values.tolist(), counts.tolist(), strict=True))
        return {**found, None: int(empty.sum())}

    def _score(self) -> list[Bin]:
        if "score" not in self.columns:
            return []
        scale = None if self.layout.output_kind == "regression" else UNIT
        found = coded(self.arrays, self.revision, self.columns["score"], scale)
        if found is None or found.scale is None:
            return []
        return found.scale.filled(found.counts(self._under("score"))[1:])

    def _predicted_count(self) -> int:
        stored = self.columns.get("predicted")
        if stored is None:
            return 0
        if self.layout.output_kind == "multilabel":
            return self.total - self._among(self.arrays.several(self.revision, stored).empty)
        return self.total - self._among(self.arrays.numbers(self.revision, stored).empty)

    def _among(self, mask: Mask | None) -> int:
        """How many of the matching examples are marked."""
        if mask is None:
            return 0
        return int(np.count_nonzero(mask if self.matching is None else mask[self.matching]))

    def _column(self, stored: Stored) -> ColumnFacet | None:
        found = coded(self.arrays, self.revision, stored)
        if found is None:
            return None
        column: Column = stored.column
        empty, *counts = found.counts(self._under(column.name))
        if found.scale:
            return ColumnFacet(column.name, column.type, None, found.scale.filled(counts), empty)
        listed = zip(found.values, counts, strict=True)
        values = [Count(value, _said(value), n) for value, n in listed if n]
        return ColumnFacet(column.name, column.type, values, None, empty)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(finite(value))
