"""Figures of numeric columns over the matching examples: means with intervals, spread, bins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attriboard.catalog.arrays import Arrays, Indices, Revision
from attriboard.catalog.coding import coded
from attriboard.catalog.histogram import BINS, Scale
from attriboard.catalog.intervals import mean_interval
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.rows import Bin
from attriboard.catalog.sample import hashes
from attriboard.catalog.where import listing
from attriboard.engine.errors import InvalidInput

NUMERIC = ("int", "float", "bool")
MOST_GROUPS = 100
QUARTILES = (0, 0.25, 0.5, 0.75, 1)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Wanted:
    """What to work out.

    columns: numeric columns, those of true and false as 0 and 1. of: the model whose columns are
    meant; None is the first. by: a column with few values, of which the most frequent are groups.
    complete: whether to leave out examples that lack a number in one of the columns.
    low, high: the ends of the bins; None for those of the columns together. points: at most so
    many examples of each group are told one by one, drawn without regard to their values.
    """

    columns: tuple[str, ...]
    of: str | None = None
    by: str | None = None
    complete: bool = False
    low: float | None = None
    high: float | None = None
    points: int = 0


@dataclass(frozen=True)
class Summary:
    """One column over one set of examples. Figures are None where no example has a number.

    interval: the 95 % interval of the mean, None for fewer than two. quartiles: least, first
    quartile, median, third quartile, greatest. points: pairs of an example and its number.
    """

    column: str
    count: int
    empty: int
    mean: float | None
    interval: tuple[float, float] | None
    quartiles: tuple[float, ...] | None
    bins: list[Bin]
    points: list[tuple[int, float]]


@dataclass(frozen=True)
class Group:
    """The examples that share a value, which is None where they have none."""

    value: int | float | str | bool | None
    name: str
    count: int
    columns: list[Summary]


@dataclass(frozen=True)
class Aggregate:
    """Figures over all matching examples, and over each group of them."""

    total: int
    columns: list[Summary]
    groups: list[Group]


def aggregate(
    wanted: Wanted, indices: Indices, layout: Layout, arrays: Arrays, revision: Revision
) -> Aggregate:
    """The figures of the examples `indices`."""
    reader = _Reader(wanted, indices, layout, arrays, revision)
    everything = reader.everything()
    return Aggregate(
        len(everything),
        reader.summaries(everything),
        [] if wanted.by is None else list(reader.groups(wanted.by)),
    )


class _Reader:
    def __init__(
        self, wanted: Wanted, indices: Indices, layout: Layout, arrays: Arrays, revision: Revision
    ) -> None:
        self._wanted = wanted
        self._indices = indices
        self._layout = layout
        self._arrays = arrays
        self._revision = revision
        self._stored = layout.columns(wanted.of)
        self._values = {name: self._read(self._column(name)) for name in wanted.columns}
        self._scale = self._scale_of()

    def everything(self) -> Indices:
        """The places of the examples that are meant."""
        if not self._wanted.complete:
            return np.arange(len(self._indices))
        known = [np.isfinite(values) for values in self._values.values()]
        return np.flatnonzero(np.logical_and.reduce(known))

    def summaries(self, places: Indices) -> list[Summary]:
        """Each column over the examples at `places` of the indices."""
        return [self._summary(name, places) for name in self._wanted.columns]

    def groups(self, by: str) -> Iterator[Group]:
        """The groups that have examples, in the order of their values, the empty one last."""
        everything = self.everything()
        for value, name, found in self._grouped(by):
            places = np.intersect1d(found, everything) if self._wanted.complete else found
            if len(places):
                yield Group(value, name, len(places), self.summaries(places))

    def _column(self, name: str) -> Stored:
        found = self._stored.get(name)
        if found is None or found.column.type not in NUMERIC:
            known = [n for n, s in self._stored.items() if s.column.type in NUMERIC]
            said = "There is no column" if found is None else "No figures are made of"
            raise InvalidInput(f"{said} {name!r}.{listing(known)}", "column")
        return found

    def _read(self, stored: Stored) -> Floats:
        """The column's numbers at the indices; NaN where there is none."""
        numbers = self._arrays.numbers(self._revision, stored)
        values = numbers.values[self._indices].astype(np.float64)
        if numbers.empty is not None:
            values[numbers.empty[self._indices]] = np.nan
        return values

    def _scale_of(self) -> Scale | None:
        low, high = self._wanted.low, self._wanted.high
        if low is not None and high is not None:
            if not low < high:
                raise InvalidInput("`low` must be below `high`.", "low")
            return Scale(low, high)
        return Scale.of(np.concatenate([np.zeros(0), *self._values.values()]))

    def _summary(self, name: str, places: Indices) -> Summary:
        values = self._values[name][places]
        known = np.isfinite(values)
        full = values[known]
        return Summary(
            column=name,
            count=len(full),
            empty=len(values) - len(full),
            mean=float(full.mean()) if len(full) else None,
            interval=mean_interval(full),
            quartiles=tuple(np.quantile(full, QUARTILES).tolist()) if len(full) else None,
            bins=self._bins(full),
            points=self._points(self._indices[places[known]], full),
        )

    def _bins(self, values: Floats) -> list[Bin]:
        if self._scale is None:
            return []
        counts = np.bincount(self._scale.places(values), minlength=BINS)
        return self._scale.filled(counts.tolist())

    def _points(self, indices: Indices, values: Floats) -> list[tuple[int, float]]:
        most = self._wanted.points
        if most < len(indices):
            drawn = np.sort(np.argsort(hashes(indices, 0))[:most])
            indices, values = indices[drawn], values[drawn]
        return list(zip(indices.tolist(), values.tolist(), strict=True))

    def _grouped(self, by: str) -> Iterator[tuple[int | float | str | bool | None, str, Indices]]:
        stored = self._stored.get(by)
        if stored is not None and stored.column.type == "classes":
            yield from self._by_classes(stored)
            return
        column = None if stored is None else coded(self._arrays, self._revision, stored)
        if stored is None or column is None or column.scale is not None:
            raise InvalidInput(
                f"{by!r} is no column with few values to group by. Group by label, predicted, "
                "correct or a column of few values.",
                "by",
            )
        codes = column.codes[self._indices]
        counts = np.bincount(codes, minlength=column.size)[1:]
        for place in np.sort(np.argsort(-counts, kind="stable")[:MOST_GROUPS]).tolist():
            value = column.values[place]
            yield value, self._name(stored, value), np.flatnonzero(codes == place + 1)
        yield None, "none", np.flatnonzero(codes == 0)

    def _by_classes(
        self, stored: Stored
    ) -> Iterator[tuple[int | float | str | bool | None, str, Indices]]:
        """An example with several classes counts in the group of each."""
        held = self._arrays.several(self._revision, stored)
        for value in np.unique(held.classes).tolist()[:MOST_GROUPS]:
            having = held.examples[held.classes == value]
            yield (
                value,
                self._layout.class_name(value),
                np.flatnonzero(np.isin(self._indices, having)),
            )

    def _name(self, stored: Stored, value: object) -> str:
        if stored.column.name == "correct":
            return "right" if value else "wrong"
        if stored.column.type == "class" and isinstance(value, int):
            return self._layout.class_name(value)
        return str(value).lower() if isinstance(value, bool) else str(value)
