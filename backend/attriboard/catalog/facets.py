"""Counts and histograms of the matching examples, each facet under all filters but its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attriboard.catalog.arrays import Arrays, Mask, Revision
from attriboard.catalog.coding import Coded, coded
from attriboard.catalog.confusion import confusion, macro_f1, squared
from attriboard.catalog.histogram import UNIT
from attriboard.catalog.joint import Joint, packed
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.rows import Bin, ColumnFacet, Confusion, Count, Facets
from attriboard.catalog.selection import Selection
from attriboard.catalog.values import finite
from attriboard.catalog.where import listing
from attriboard.engine.errors import InvalidInput

_FIGURES = ("margin", "loss")
Counts = Mapping[str, list[int]]


def column_names(layout: Layout, model: str | None, names: Sequence[str] | None) -> list[str]:
    """The columns to count besides the fixed facets: `names`, or all there are."""
    columns = layout.columns(model)
    known = [n for n, stored in columns.items() if stored.column.role in ("metadata", "computed")]
    if layout.output_kind == "regression":
        known += [name for name in ("label", "predicted") if name in columns]
    known += [name for name in _FIGURES if name in columns]
    if names is None:
        return known
    for name in names:
        if name not in known:
            raise InvalidInput(f"There is no column {name!r} to count.{listing(known)}", "columns")
    return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Counter:
    """Counts the examples of a selection."""

    layout: Layout
    arrays: Arrays
    revision: Revision
    columns: dict[str, Stored]
    selection: Selection

    def facets(self, names: Sequence[str], *, same: bool = True) -> Facets:
        """The fixed facets, and those of the columns `names`; without `same`, not of a whole
        number that is the same in every example, such as the length of series of one length."""
        matching = self.selection.mask()
        coded = self._coded(names)
        counts = self._counts(coded, matching)
        _, wrong, right = (
            self._tallied({"correct": coded["correct"]}, matching)["correct"]
            if "correct" in self.selection.own
            else counts["correct"]
        )
        return Facets(
            total=self.selection.size if matching is None else int(np.count_nonzero(matching)),
            labels=self._classes("label", "no label", coded, counts),
            predicted=self._classes("predicted", "not predicted", coded, counts),
            correct=_right_and_wrong(counts["correct"]),
            score=_bins(coded.get("score"), counts.get("score")),
            columns=[
                _column(self.columns[n], coded[n], counts[n])
                for n in names
                if n in coded and (same or not _is_same(self.columns[n], coded[n]))
            ],
            accuracy=right / (right + wrong) if right + wrong else None,
            predicted_count=self._predicted_count(matching),
            macro_f1=self._macro_f1(coded, matching),
        )

    def confusion(self) -> Confusion:
        """Labels against predictions. InvalidInput where there are no single classes of both."""
        columns = self._coded([])
        if not {"label", "predicted"} <= columns.keys():
            raise InvalidInput(
                "A confusion matrix needs one class as label and one as prediction.", "model"
            )
        mask = self.selection.mask("label", "predicted")
        return confusion(*self._squared(columns, mask), self.layout)

    def _macro_f1(self, columns: Mapping[str, Coded], mask: Mask | None) -> float | None:
        if not {"label", "predicted"} <= columns.keys():
            return None
        return macro_f1(self._squared(columns, mask)[0])

    def _squared(
        self, columns: Mapping[str, Coded], mask: Mask | None
    ) -> tuple[npt.NDArray[np.int64], list[int]]:
        table = self._joint(columns, ["label", "predicted"]).table(mask)
        return squared(table, columns["label"], columns["predicted"])

    def _coded(self, names: Sequence[str]) -> dict[str, Coded]:
        """What is counted by codes. Columns of free text, or without numbers, are left out."""
        single = ["label", "predicted"] if self.layout.output_kind == "classes" else []
        found: dict[str, Coded] = {}
        for name in dict.fromkeys([*single, "correct", "score", *names]):
            unit = name == "score" and self.layout.output_kind != "regression"
            stored = self.columns.get(name)
            if stored is None:
                continue
            column = coded(self.arrays, self.revision, stored, UNIT if unit else None)
            if column is not None:
                found[name] = column
        return {"correct": Coded(np.zeros(self.arrays.size, np.uint8), [False, True]), **found}

    def _counts(self, columns: Mapping[str, Coded], matching: Mask | None) -> dict[str, list[int]]:
        """How many examples have each code of each column, under all filters but its own."""
        own = [name for name in columns if name in self.selection.own]
        rest = {name: column for name, column in columns.items() if name not in own}
        found = self._tallied(rest, matching)
        for name in own:
            found |= self._tallied({name: columns[name]}, self.selection.mask(name))
        return found

    def _tallied(self, columns: Mapping[str, Coded], mask: Mask | None) -> dict[str, list[int]]:
        names = list(columns)
        found: dict[str, list[int]] = {}
        for group in packed(list(columns.values())):
            together = [names[place] for place in group]
            found |= zip(together, self._joint(columns, together).counts(mask), strict=True)
        return found

    def _joint(self, columns: Mapping[str, Coded], names: Sequence[str]) -> Joint:
        key = tuple((name, self.columns.get(name), columns[name].size) for name in names)
        return self.arrays.derived(
            self.revision, key, lambda: Joint.of([columns[name] for name in names])
        )

    def _classes(
        self, name: str, empty: str, columns: Mapping[str, Coded], counts: Counts
    ) -> list[Count]:
        if self.layout.output_kind == "regression":
            return []
        if name in columns:
            unknown, *known = counts[name]
            found = dict(zip(columns[name].values, known, strict=True))
        elif name in self.columns and self.layout.output_kind == "multilabel":
            unknown, found = self._several(self.columns[name])
        else:
            return []
        named = [Count(i, self.layout.class_name(i), n) for i, n in found.items() if n]
        return [*named, Count(None, empty, unknown)] if unknown else named

    def _several(self, stored: Stored) -> tuple[int, dict[int, int]]:
        """How many examples have no classes, and how many have each."""
        held = self.arrays.several(self.revision, stored)
        mask = self.selection.mask(stored.column.name)
        classes = held.classes if mask is None else held.classes[mask[held.examples]]
        values, counts = np.unique(classes, return_counts=True)
        return _among(held.empty, mask), dict(zip(values.tolist(), counts.tolist(), strict=True))

    def _predicted_count(self, matching: Mask | None) -> int:
        stored = self.columns.get("predicted")
        if stored is None:
            return 0
        if self.layout.output_kind == "multilabel":
            empty: Mask | None = self.arrays.several(self.revision, stored).empty
        else:
            empty = self.arrays.numbers(self.revision, stored).empty
        total = self.selection.size if matching is None else int(np.count_nonzero(matching))
        return total - (0 if empty is None else _among(empty, matching))


def _among(marked: Mask, mask: Mask | None) -> int:
    return int(np.count_nonzero(marked if mask is None else marked & mask))


def _right_and_wrong(counts: list[int]) -> list[Count]:
    unknown, wrong, right = counts
    both = [Count(True, "right", right), Count(False, "wrong", wrong)]
    return [*both, Count(None, "not known", unknown)] if unknown else both


def _bins(column: Coded | None, counts: list[int] | None) -> list[Bin]:
    if column is None or column.scale is None or counts is None:
        return []
    return column.scale.filled(counts[1:])


def _is_same(stored: Stored, column: Coded) -> bool:
    whole = stored.column.type == "int" and column.scale is None
    return whole and len(column.values) == 1 and bool(column.codes.all())


def _column(stored: Stored, column: Coded, counts: list[int]) -> ColumnFacet:
    name, kind = stored.column.name, stored.column.type
    empty, *known = counts
    if column.scale:
        return ColumnFacet(name, kind, None, column.scale.filled(known), empty)
    listed = zip(column.values, known, strict=True)
    return ColumnFacet(name, kind, [Count(v, _said(v), n) for v, n in listed if n], None, empty)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(finite(value))
