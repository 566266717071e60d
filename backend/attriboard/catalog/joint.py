"""Several columns of codes counted at once.

A pass over a million codes costs the same whatever they mean, so columns are packed together, as
the digits of one number, as long as all their combinations stay few; each column's counts are
sums over the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from attriboard.catalog.arrays import Mask
from attriboard.catalog.coding import Coded, Codes

MOST = 2**16
"""Combinations that are counted at once: they fit the cache, and their codes two bytes."""
SPARSE = 1 / 8
"""The share of matching examples under which picking them out is cheaper than counting all."""


@dataclass(frozen=True)
class Joint:
    """Codes of several columns in one: the first column is the most significant digit."""

    codes: Codes
    sizes: tuple[int, ...]

    @staticmethod
    def of(columns: Sequence[Coded]) -> Joint:
        """The columns packed together. One that has too many values alone is left alone."""
        sizes = tuple(column.size for column in columns)
        if len(columns) == 1:
            return Joint(columns[0].codes, sizes)
        dtype = np.min_scalar_type(int(np.prod(sizes)) - 1)
        codes = np.zeros(len(columns[0].codes), dtype)
        for column in columns:
            codes *= dtype.type(column.size)
            codes += column.codes.astype(dtype)
        return Joint(codes, sizes)

    def counts(self, mask: Mask | None) -> list[list[int]]:
        """For each column, how many of the masked examples have each code."""
        found = self.table(mask)
        axes = range(len(self.sizes))
        return [found.sum(axis=tuple(a for a in axes if a != axis)).tolist() for axis in axes]

    def table(self, mask: Mask | None) -> npt.NDArray[np.int64]:
        """How many of the masked examples have each combination, an axis a column."""
        return self._counted(mask).reshape(self.sizes)

    def _counted(self, mask: Mask | None) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        cells = int(np.prod(self.sizes))
        if mask is None:
            return np.bincount(self.codes, minlength=cells)
        matching = int(np.count_nonzero(mask))
        if matching < SPARSE * len(mask):
            return np.bincount(self.codes.take(np.flatnonzero(mask)), minlength=cells)
        found = np.bincount(self.codes * mask, minlength=cells)
        found[0] -= len(mask) - matching  # those masked out were counted as all empty
        return found


def packed(columns: Sequence[Coded]) -> list[list[int]]:
    """The places of `columns` in groups of at most `MOST` combinations, unless one has more."""
    groups: list[list[int]] = []
    combinations = MOST + 1
    for place, column in enumerate(columns):
        combinations *= column.size
        if combinations > MOST:
            groups.append([])
            combinations = column.size
        groups[-1].append(place)
    return groups
