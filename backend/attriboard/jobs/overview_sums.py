"""Sums over attributions that can be added up: means and intervals come of them at the end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attriboard.catalog.intervals import student

Map = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Tally:
    """Numbers seen so far: how many, and the sums of them, of their squares and sizes."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    sizes: float = 0.0

    def add(self, value: float) -> None:
        """One more number."""
        self.merge(Tally(1, value, value * value, abs(value)))

    def merge(self, other: Tally) -> None:
        """All that another has seen."""
        self.count += other.count
        self.total += other.total
        self.squares += other.squares
        self.sizes += other.sizes

    def json(self) -> list[float]:
        """As it is stored."""
        return [self.count, self.total, self.squares, self.sizes]

    @staticmethod
    def of(stored: Iterable[float]) -> Tally:
        """What `json` gave."""
        count, total, squares, sizes = stored
        return Tally(int(count), total, squares, sizes)

    def mean(self) -> dict[str, Any]:
        """The mean with its 95 % interval by Student's t, and the mean size."""
        mean = self.total / self.count
        low = high = None
        if self.count > 1:
            # What is left of the squares after rounding may be just below nothing.
            variance = max(0.0, self.squares - self.count * mean * mean) / (self.count - 1)
            half = student(self.count - 1) * math.sqrt(variance / self.count)
            low, high = mean - half, mean + half
        return {
            "count": self.count,
            "mean": mean,
            "low": low,
            "high": high,
            "size": self.sizes / self.count,
        }


@dataclass
class Picture:
    """Maps of one class added up, and the pictures they lie on.

    attribution: (H, W). shown: (H, W, 3), 0 to 1. contrast: the sum of each picture's own standard
    deviation, which tells how much of it is left in the mean.
    """

    count: int
    attribution: Map
    shown: Map
    contrast: float

    def merge(self, other: Picture) -> None:
        """Those of another part."""
        self.count += other.count
        self.attribution = self.attribution + other.attribution
        self.shown = self.shown + other.shown
        self.contrast += other.contrast

    @property
    def alignment(self) -> float | None:
        """How much of a single picture's contrast their mean keeps, 0 to 1; None for few.

        Pictures that have nothing in common keep 1 / sqrt(count), which is taken off.
        """
        if self.count < 2 or not self.contrast:
            return None
        kept = float((self.shown / self.count).mean(2).std()) / (self.contrast / self.count)
        chance = 1 / math.sqrt(self.count)
        return max(0.0, min(1.0, (kept - chance) / (1 - chance)))


@dataclass
class InputSums:
    """What is summed up of one input under one model.

    features: words or columns by name. drift: the same features' difference from the first
    model's, example by example. pictures: by class.
    """

    features: dict[str, Tally] = field(default_factory=dict)
    drift: dict[str, Tally] = field(default_factory=dict)
    pictures: dict[int, Picture] = field(default_factory=dict)

    def merge(self, other: InputSums) -> None:
        """Those of another part."""
        _merged(self.features, other.features)
        _merged(self.drift, other.drift)
        for group, picture in other.pictures.items():
            known = self.pictures.get(group)
            if known is None:
                self.pictures[group] = picture
            else:
                known.merge(picture)

    def json(self) -> dict[str, Any]:
        """As it is stored; the maps lie beside it as arrays."""
        return {
            "features": {name: tally.json() for name, tally in self.features.items()},
            "drift": {name: tally.json() for name, tally in self.drift.items()},
            "pictures": {
                str(group): [each.count, each.contrast] for group, each in self.pictures.items()
            },
        }

    def arrays(self, name: str) -> dict[str, Map]:
        """The maps, named after the input and the class."""
        return {
            f"{name}/{group}/{what}": values
            for group, each in self.pictures.items()
            for what, values in (("attribution", each.attribution), ("shown", each.shown))
        }

    @staticmethod
    def of(stored: Mapping[str, Any], name: str, arrays: Mapping[str, Map]) -> InputSums:
        """What `json` and `arrays` gave."""
        return InputSums(
            {key: Tally.of(each) for key, each in stored["features"].items()},
            {key: Tally.of(each) for key, each in stored["drift"].items()},
            {
                int(group): Picture(
                    count,
                    arrays[f"{name}/{group}/attribution"],
                    arrays[f"{name}/{group}/shown"],
                    contrast,
                )
                for group, (count, contrast) in stored["pictures"].items()
            },
        )


def _merged(into: dict[str, Tally], more: Mapping[str, Tally]) -> None:
    for name, tally in more.items():
        into.setdefault(name, Tally()).merge(tally)
