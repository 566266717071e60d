"""Which examples a query matches, as masks over all examples.

Each facet counts under all filters but its own, so the filters that have a facet are kept apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attriboard.catalog.arrays import Arrays, Indices, Mask, Revision
from attriboard.catalog.coding import Coded, coded
from attriboard.catalog.conditions import named_class
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.marks import Marks
from attriboard.catalog.query import Choice, Only, Query
from attriboard.catalog.sample import drawn
from attriboard.catalog.sharing import both, shared
from attriboard.catalog.sql import Sql
from attriboard.catalog.where import listing
from attriboard.engine.errors import InvalidInput

FEW = 16


@dataclass(frozen=True)
class Selection:
    """`own` holds the filters that have a facet, by its name; `shared` the others, if any."""

    size: int
    own: dict[str, Mask]
    shared: Mask | None

    def indices(self) -> Indices | None:
        """The examples that match all filters, in order; None for all."""
        mask = self.mask()
        return None if mask is None else np.flatnonzero(mask)

    def mask(self, *ignoring: str) -> Mask | None:
        """Where all filters but those ignored hold; None for everywhere."""
        masks = [mask for name, mask in self.own.items() if name not in ignoring]
        masks += [] if self.shared is None else [self.shared]
        return both(masks)


def select(
    query: Query, layout: Layout, arrays: Arrays, revision: Revision, marks: Marks
) -> Selection:
    """What `query` matches. InvalidInput names the field that makes no sense."""
    own = _Own(layout, arrays, revision, layout.columns(query.model))
    filters = {
        "label": own.chosen("label", query.label),
        "predicted": own.chosen("predicted", query.predicted),
        "correct": own.correct(query.correct),
        "score": own.between(query.min_score, query.max_score),
    }
    if query.tag:
        filters["tags"] = marks.mask(query.tag)
    for wanted in query.only:
        mask, before = own.only(wanted), filters.get(wanted.column)
        filters[wanted.column] = mask if before is None else mask & before
    found = Selection(
        arrays.size,
        {name: mask for name, mask in filters.items() if mask is not None},
        shared(query, layout, arrays, revision),
    )
    if query.sample is None:
        return found
    return _sampled(found, query, own.strata() if query.stratified else None)


def _sampled(found: Selection, query: Query, strata: Coded | None) -> Selection:
    matching = found.mask()
    everything = np.ones(found.size, np.bool_) if matching is None else matching
    sample = drawn(everything, query.sample or 0, query.seed, strata)
    masks = [mask for mask in (sample, found.shared) if mask is not None]
    return Selection(found.size, found.own, both(masks))


@dataclass(frozen=True)
class _Own:
    """The filters that have a facet; each gives None where it is not set."""

    layout: Layout
    arrays: Arrays
    revision: Revision
    columns: dict[str, Stored]

    def chosen(self, name: str, choice: Choice | tuple[Choice, ...] | None) -> Mask | None:
        if choice is None:
            return None
        stored = self._column(name)
        choices = choice if isinstance(choice, tuple) else (choice,)
        if self.layout.output_kind == "regression":
            return self._where(stored, lambda v: _any_of(v, [_number(c, name) for c in choices]))
        wanted = [index for each in choices for index in self._indices(each, name)]
        if self.layout.output_kind == "multilabel":
            held = self.arrays.several(self.revision, stored)
            mask = np.zeros(self.arrays.size, np.bool_)
            mask[held.examples[np.isin(held.classes, wanted)]] = True
            return mask
        return self._where(stored, lambda v: _any_of(v, wanted))

    def correct(self, correct: bool | None) -> Mask | None:
        if correct is None:
            return None
        return self._where(self._column("correct"), lambda v: v == bool(correct))

    def between(self, low: float | None, high: float | None) -> Mask | None:
        if low is None and high is None:
            return None
        least = -math.inf if low is None else _number(low, "min_score")
        most = math.inf if high is None else _number(high, "max_score")
        return self._where(self._column("score"), lambda v: (v >= least) & (v <= most))

    def only(self, wanted: Only) -> Mask:
        """Where a column has one of the values, or lies in the range."""
        stored = self.columns.get(wanted.column)
        if stored is None or stored.column.role == "mark":
            known = listing([n for n, s in self.columns.items() if s.column.role != "mark"])
            raise InvalidInput(f"There is no column {wanted.column!r} to keep by.{known}", "only")
        if wanted.low is None and wanted.high is None:
            return self._valued(stored, wanted.values)
        if stored.column.type not in ("int", "float"):
            raise InvalidInput(f"The column {wanted.column!r} does not hold numbers.", "only")
        low = -math.inf if wanted.low is None else _number(wanted.low, "only")
        high = math.inf if wanted.high is None else _number(wanted.high, "only")
        return self._where(stored, lambda v: (v >= low) & (v <= high))

    def _valued(self, stored: Stored, values: tuple[Choice | None, ...]) -> Mask:
        given = tuple(value for value in values if value is not None)
        if stored.column.type in ("class", "classes"):
            found = self.chosen(stored.column.name, given)
            assert found is not None
        elif stored.column.type == "str":
            found = self._texts(stored, [str(value) for value in given])
        else:
            numbers = [_number(value, "only") for value in given]
            found = self._where(stored, lambda v: _any_of(v, numbers))
        if None in values:
            empty = Sql(f"({stored.sql} IS NULL)")
            found = found | self.arrays.matching(self.revision, empty)
        return found

    def _texts(self, stored: Stored, texts: list[str]) -> Mask:
        listed = coded(self.arrays, self.revision, stored)
        if listed is not None:
            kept = np.array([False, *(value in texts for value in listed.values)])
            mask: Mask = kept[listed.codes]
            return mask
        among = Sql(f"({stored.sql} IN ({', '.join('?' * len(texts))}))", tuple(texts))
        return self.arrays.matching(self.revision, among if texts else Sql("FALSE"))

    def strata(self) -> Coded:
        """The classes to draw from evenly. InvalidInput where there are none."""
        stored = self.columns["label"]
        found = coded(self.arrays, self.revision, stored) if stored.column.type == "class" else None
        if found is None:
            raise InvalidInput(
                "A stratified sample needs one class as each example's label.", "stratified"
            )
        return found

    def _where(self, stored: Stored, test: Callable[..., Mask]) -> Mask:
        numbers = self.arrays.numbers(self.revision, stored)
        mask = test(numbers.values)
        return mask if numbers.empty is None else mask & ~numbers.empty

    def _indices(self, choice: Choice, name: str) -> tuple[int, ...]:
        if isinstance(choice, str):
            return named_class(self.layout, choice, name)
        if isinstance(choice, bool) or choice != int(_number(choice, name)):
            raise InvalidInput(f"{name} is a class's index or name, not {choice!r}.", name)
        return (int(choice),)

    def _column(self, name: str) -> Stored:
        if name not in self.columns:
            raise InvalidInput(f"There is no model whose {name} could be filtered by.", name)
        return self.columns[name]


def _any_of(values: npt.NDArray[Any], wanted: Sequence[float]) -> Mask:
    """Where `values` are one of those wanted: for a few, comparing each is the quickest."""
    if len(wanted) > FEW:
        return np.isin(values, wanted)
    found = np.zeros(len(values), np.bool_)
    for each in wanted:
        found |= values == each
    return found


def _number(value: Choice, field: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{field} is a number, not {value!r}.", field) from error
    if not math.isfinite(number):
        raise InvalidInput(f"{field} is a finite number, not {value!r}.", field)
    return number
