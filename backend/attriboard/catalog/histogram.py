"""Bins of equal width between two bounds, the same whatever is filtered."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attriboard.catalog.rows import Bin

BINS = 20


@dataclass(frozen=True)
class Scale:
    """Bounds of a histogram. Values outside, infinities included, count in the outer bins."""

    low: float
    high: float

    @staticmethod
    def of(values: npt.NDArray[Any]) -> Scale | None:
        """The lowest and the highest finite value; None where there is no finite value."""
        finite = values[np.isfinite(values)]
        return Scale(float(finite.min()), float(finite.max())) if len(finite) else None

    @property
    def bins(self) -> int:
        """How many bins: one where the bounds are equal or too close to tell apart."""
        return BINS if self._width > 1e-300 else 1

    @property
    def _width(self) -> float:
        return self.high / BINS - self.low / BINS  # divided first: the difference may overflow

    def places(self, values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """The bin of each value, from 0."""
        if self.bins == 1:
            return np.zeros(len(values), np.uint8)
        factor = 1 / self._width
        places = np.asarray(values * factor - self.low * factor)
        return np.clip(places, 0, BINS - 1, out=places).astype(np.uint8)

    def filled(self, counts: list[int]) -> list[Bin]:
        """The bins with their counts."""
        edges = [*(self._edge(i) for i in range(self.bins)), self.high]
        return [Bin(edges[i], edges[i + 1], counts[i]) for i in range(self.bins)]

    def _edge(self, i: int) -> float:
        width = self.high - self.low
        if math.isinf(width):
            return self.low * (1 - i / BINS) + self.high * (i / BINS)
        return self.low + width * i / BINS


UNIT = Scale(0.0, 1.0)
