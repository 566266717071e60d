"""Bins of equal width between two bounds, the same whatever is filtered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from attriboard.catalog.rows import Bin

BINS = 20


@dataclass(frozen=True)
class Scale:
    """Bounds of a histogram. Values outside, infinities included, count in the outer bins."""

    low: float
    high: float

    @property
    def bins(self) -> int:
        """How many bins: one where the bounds are equal or too close to tell apart."""
        return BINS if math.isfinite(self._factor) else 1

    @property
    def _factor(self) -> float:
        width = self.high / BINS - self.low / BINS  # divided first: the difference may overflow
        return 1 / width if width > 1e-300 else math.inf

    def sql(self, column: str) -> str:
        """SQL of the bin that `column` falls in, from 0; NULL where it is empty."""
        if self.bins == 1:
            return f"(CASE WHEN {column} IS NOT NULL THEN 0 END)::UTINYINT"
        factor = self._factor
        place = f"floor({column} * {factor!r}::DOUBLE - {self.low * factor!r}::DOUBLE)"
        return f"least(greatest({place}, 0), {BINS - 1})::UTINYINT"

    def bin_of(self, value: float) -> int:
        """The bin that `sql` gives `value`."""
        if self.bins == 1:
            return 0
        place = value * self._factor - self.low * self._factor
        return int(min(max(place, 0.0), BINS - 1.0))

    def filled(self, counts: Mapping[int, int]) -> list[Bin]:
        """Every bin with its count, empty ones included."""
        edges = [self._edge(i) for i in range(self.bins)] + [self.high]
        return [Bin(edges[i], edges[i + 1], counts.get(i, 0)) for i in range(self.bins)]

    def _edge(self, i: int) -> float:
        return self.low * (1 - i / BINS) + self.high * (i / BINS)


UNIT = Scale(0.0, 1.0)


def scales(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> dict[str, Scale]:
    """The finite lowest and highest number in each column; none for a column without any."""
    if not columns:
        return {}
    bounds = ", ".join(
        f"min({c}) FILTER (isfinite({c}::DOUBLE)), max({c}) FILTER (isfinite({c}::DOUBLE))"
        for c in columns
    )
    row = connection.execute(f"SELECT {bounds} FROM examples").fetchone() or ()
    pairs = zip(row[::2], row[1::2], strict=True)
    return {
        column: Scale(float(low), float(high))
        for column, (low, high) in zip(columns, pairs, strict=True)
        if low is not None
    }
