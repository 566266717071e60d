"""Baselines of a table: what they are, which one suits the data and why, what each one does."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from statistics import fmean, median, pstdev

import torch
from torch import Tensor

from attriboard.inputs.base import Choice
from attriboard.inputs.columns import Column, Value, onehot

SKEW = 0.3  # standard deviations between mean and median from which a column counts as skewed
FAR = 0.5  # of a column's range: zero further outside than this is unlike any row
NAMED = 4  # columns named in a sentence


class Summary:
    """What some rows of the data say about each column."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> None:
        self.columns = columns
        self._known = [
            [row[place] for row in rows if row[place] is not None] for place in range(len(columns))
        ]

    @cached_property
    def usual(self) -> list[Value]:
        """The median of numbers, the most frequent category; None where nothing is known."""
        return [_usual(values) for values in self._known]

    @cached_property
    def numeric(self) -> list[tuple[str, list[float]]]:
        """The columns of numbers with their values, those without any left out."""
        pairs = zip(self.columns, self._known, strict=True)
        found = [
            (c.name, [float(v) for v in known if v is not None])
            for c, known in pairs
            if c.categories is None
        ]
        return [(name, values) for name, values in found if values]

    @property
    def categorical(self) -> bool:
        return any(column.categories is not None for column in self.columns)

    @property
    def coded(self) -> bool:
        return any(column.coded for column in self.columns)

    @cached_property
    def skewed(self) -> list[str]:
        """Columns whose mean lies far from their median."""
        return [
            name
            for name, values in self.numeric
            if abs(fmean(values) - median(values)) > SKEW * pstdev(values) > 0
        ]

    @cached_property
    def holding_zero(self) -> list[str]:
        """Columns in which zero is a value like any other."""
        return [name for name, values in self.numeric if 0.0 in values]

    @cached_property
    def far_from_zero(self) -> list[str]:
        """Columns whose values are all far from zero, measured by their range."""
        return [name for name, values in self.numeric if _far(values)]


def automatic(summary: Summary) -> tuple[str, str]:
    """The baseline for these columns, and the reason in a sentence."""
    if summary.categorical:
        return "median", (
            "Some columns are categories, and a mean of categories is none of them; so each column "
            "takes its median or its most frequent category."
        )
    if summary.skewed:
        return "median", (
            f"The mean of {_listed(summary.skewed)} lies far from what most rows hold, so each "
            "column takes its median."
        )
    return "mean", "Every column is a number whose mean is a usual value, so each takes its mean."


def choices(summary: Summary) -> tuple[Choice, ...]:
    """The baselines on offer, each with what it does to these columns."""
    mean = () if summary.coded else (Choice("mean", "Data mean", _mean(summary)),)
    typical = "Data median" if not summary.categorical else "Median, most frequent"
    return (
        *mean,
        Choice("median", typical, _median(summary)),
        Choice("zero", "Zero", _zero(summary)),
        Choice(
            "sample",
            "A row of the data",
            "One row drawn by the seed. Attributions tell the step from that row alone: try "
            "several seeds before you conclude.",
        ),
    )


def made(kind: str, columns: Sequence[Column], sample: Sequence[Tensor], seed: int) -> Tensor:
    """The baseline `mean`, `median` or `sample` of encoded rows, (D,)."""
    if kind == "sample":
        return sample[random.Random(seed).randrange(len(sample))].clone()
    rows = torch.stack([row.detach().cpu().double() for row in sample])
    if kind == "mean":
        return rows.nanmean(0)
    parts = rows.split([column.width for column in columns], 1)
    return torch.cat([_middle(column, part) for column, part in zip(columns, parts, strict=True)])


def _middle(column: Column, numbers: Tensor) -> Tensor:
    """The median of a column's numbers (N, 1), or its most frequent category (N, width)."""
    known = numbers[~numbers.isnan().any(1)]
    if column.categories is None:
        middle = median(known[:, 0].tolist()) if len(known) else float("nan")
        return torch.tensor([middle], dtype=torch.float64)
    places = known[:, 0].long() if column.coded else known.argmax(1)
    place = Counter(places.tolist()).most_common(1)[0][0] if len(known) else 0
    found = [float(place)] if column.coded else onehot(place, column.width)
    return torch.tensor(found, dtype=torch.float64)


def _usual(values: Sequence[Value]) -> Value:
    if not values:
        return None
    if isinstance(values[0], str):
        return Counter(values).most_common(1)[0][0]
    return float(median(float(value) for value in values if value is not None))


def _far(values: Sequence[float]) -> bool:
    low, high = min(values), max(values)
    room = FAR * (high - low)
    return low - room > 0 or high + room < 0


def _mean(summary: Summary) -> str:
    said = "The mean of every column over a sample of the data."
    if summary.categorical:
        said += " A category becomes the share of each, which no row has."
    if summary.skewed:
        said += f" In {_listed(summary.skewed)} it lies far from most rows."
    return said


def _median(summary: Summary) -> str:
    if not summary.categorical:
        return "The median of every column: a usual value in each, though no row may hold them all."
    return (
        "The median of numbers and the most frequent of categories: a usual value in each column, "
        "though no row may hold them all. A row's own usual values then count for nothing."
    )


def _zero(summary: Summary) -> str:
    said = "Zero in every column."
    if summary.categorical:
        said += (
            " A category becomes the first of its list."
            if summary.coded
            else " A category becomes none at all, which no row has."
        )
    if summary.holding_zero:
        said += (
            f" Zero is a meaningful value in {_listed(summary.holding_zero)}: rows that hold it "
            "are given no credit for it."
        )
    if summary.far_from_zero:
        said += f" No row is near zero in {_listed(summary.far_from_zero)}: the model is asked "
        said += "about something it has never seen."
    return said


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:NAMED])
    if len(names) > NAMED:
        return f"{', '.join(shown)} and {len(names) - NAMED} more columns"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
