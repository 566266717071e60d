"""Which examples a query matches, as masks over all examples.

Each facet counts under all filters but its own, so the filters that have a facet are kept apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attriboard.catalog.arrays import Arrays, Indices, Mask
from attriboard.catalog.conditions import condition, named_class
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.query import Choice, Query
from attriboard.catalog.sample import drawn
from attriboard.catalog.sql import Sql, all_of, any_of
from attriboard.catalog.values import folded
from attriboard.catalog.where import parse
from attriboard.engine.errors import InvalidInput

LONGEST_SEARCH = 1000


@dataclass(frozen=True)
class Selection:
    """`own` holds the filters that have a facet, by its name; `shared` the others, if any."""

    size: int
    own: dict[str, Mask]
    shared: Mask | None

    def indices(self, ignoring: str | None = None) -> Indices | None:
        """The examples that match all filters but the one ignored, in order; None for all."""
        mask = self.mask(ignoring)
        return None if mask is None else np.flatnonzero(mask)

    def mask(self, ignoring: str | None = None) -> Mask | None:
        """Where all filters but the one ignored hold; None for everywhere."""
        masks = [mask for name, mask in self.own.items() if name != ignoring]
        masks += [] if self.shared is None else [self.shared]
        return _both(masks)


def _both(masks: list[Mask]) -> Mask | None:
    if len(masks) < 2:
        return masks[0] if masks else None
    found = masks[0] & masks[1]
    for mask in masks[2:]:
        found &= mask
    return found


def select(query: Query, layout: Layout, arrays: Arrays, revision: int) -> Selection:
    """What `query` matches. InvalidInput names the field that makes no sense."""
    shared = _shared(query, layout)
    own = _Own(layout, arrays, revision, layout.columns(query.model))
    filters = {
        "label": own.chosen("label", query.label),
        "predicted": own.chosen("predicted", query.predicted),
        "correct": own.correct(query.correct),
        "score": own.between(query.min_score, query.max_score),
    }
    found = Selection(
        arrays.size,
        {name: mask for name, mask in filters.items() if mask is not None},
        None if shared is None else arrays.matching(revision, shared),
    )
    return found if query.sample is None else _sampled(found, query.sample, query.seed)


def _sampled(found: Selection, n: int, seed: int) -> Selection:
    matching = found.mask()
    everything = np.ones(found.size, np.bool_) if matching is None else matching
    sample = drawn(everything, n, seed)
    masks = [mask for mask in (sample, found.shared) if mask is not None]
    return Selection(found.size, found.own, _both(masks))


def _shared(query: Query, layout: Layout) -> Sql | None:
    conditions = []
    if query.q:
        conditions.append(_search(query.q, layout))
    if query.where and query.where.strip():
        columns = layout.columns(query.model)
        conditions.append(condition(parse(query.where, list(columns)), layout, columns))
    return all_of(conditions) if conditions else None


def _search(text: str, layout: Layout) -> Sql:
    if len(text) > LONGEST_SEARCH:
        raise InvalidInput(f"q may have at most {LONGEST_SEARCH} characters.", "q")
    columns = [stored.folded for stored in layout.texts.values() if stored.folded]
    if not columns:
        raise InvalidInput("q searches texts, and this board has no text input.", "q")
    return any_of(Sql(f"contains({column}, ?)", (folded(text),)) for column in columns)


@dataclass(frozen=True)
class _Own:
    """The filters that have a facet; each gives None where it is not set."""

    layout: Layout
    arrays: Arrays
    revision: int
    columns: dict[str, Stored]

    def chosen(self, name: str, choice: Choice | tuple[Choice, ...] | None) -> Mask | None:
        if choice is None:
            return None
        stored = self._column(name)
        choices = choice if isinstance(choice, tuple) else (choice,)
        if self.layout.output_kind == "regression":
            return self._where(stored, lambda v: np.isin(v, [_number(c, name) for c in choices]))
        wanted = [index for each in choices for index in self._indices(each, name)]
        if self.layout.output_kind == "multilabel":
            held = self.arrays.several(self.revision, stored)
            mask = np.zeros(self.arrays.size, np.bool_)
            mask[held.examples[np.isin(held.classes, wanted)]] = True
            return mask
        return self._where(stored, lambda v: np.isin(v, wanted, kind=None))

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


def _number(value: Choice, field: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{field} is a number, not {value!r}.", field) from error
    if not math.isfinite(number):
        raise InvalidInput(f"{field} is a finite number, not {value!r}.", field)
    return number
