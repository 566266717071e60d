"""A mean over examples, and how far it can be trusted."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from attriboard.catalog.intervals import student


@dataclass(frozen=True)
class Mean:
    """A mean with its 95 % interval, which is None for a single value. count: values behind it."""

    mean: float
    low: float | None
    high: float | None
    count: int

    def json(self) -> dict[str, Any]:
        """The mean as the page reads it."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "count": self.count}


def mean_of(values: Iterable[float | None]) -> Mean | None:
    """The mean of the values that are there, by Student's t; None where there are none."""
    known = [value for value in values if value is not None]
    count = len(known)
    if not count:
        return None
    mean = math.fsum(known) / count
    if count == 1:
        return Mean(mean, None, None, 1)
    variance = math.fsum((value - mean) ** 2 for value in known) / (count - 1)
    half = student(count - 1) * math.sqrt(variance / count)
    return Mean(mean, mean - half, mean + half, count)
