"""Columns as codes, so that facets are counted by `bincount`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from attriboard.catalog.arrays import Arrays, Mask, Numbers, Revision
from attriboard.catalog.histogram import Scale
from attriboard.catalog.layout import Stored

Codes = npt.NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Coded:
    """A column of codes: 0 where it is empty, else the place of its value, from 1.

    `values` are those that the codes stand for; with a `scale` they are its bins, from 0.
    """

    codes: Codes
    values: list[Any]
    scale: Scale | None = None

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.values) + 1


def coded(
    arrays: Arrays, revision: Revision, stored: Stored, scale: Scale | None = None
) -> Coded | None:
    """A column's codes: its values where they are few, else bins of its numbers over `scale`, or
    over its finite range. None for free text, and for numbers of which there are none."""

    def work() -> Coded | None:
        if stored.column.type == "str":
            return None if stored.few is None else _texts(arrays, stored)
        numbers = arrays.numbers(revision, stored)
        if stored.column.type == "bool":
            return _listed(numbers, [False, True])
        if stored.column.type == "class":
            return _classes(numbers)
        if stored.few is not None:
            return _listed(numbers, sorted(value for value in stored.few if isinstance(value, int)))
        return _binned(numbers, scale or Scale.of(numbers.full))

    return arrays.derived(revision, (stored, scale), work)


def _texts(arrays: Arrays, stored: Stored) -> Coded:
    values = sorted(value for value in stored.few or () if isinstance(value, str))
    return Coded(arrays.places(stored, values).astype(np.uint8), values)


def _listed(numbers: Numbers, values: Sequence[int]) -> Coded:
    known = np.array(values, np.int64)
    places = np.searchsorted(known, numbers.values).clip(max=len(known) - 1)
    codes = _codes(places, numbers.empty, len(values))
    codes[known[places] != numbers.values] = 0  # values written since `values` were noted
    return Coded(codes, list(values))


def _classes(numbers: Numbers) -> Coded:
    full = numbers.full
    if not len(full):
        return Coded(_codes(np.zeros(len(numbers.values)), numbers.empty, 1), [])
    if full.min() >= 0 and full.max() < 2**16 - 1:
        highest = int(full.max()) + 1
        return Coded(_codes(numbers.values, numbers.empty, highest), list(range(highest)))
    values, places = np.unique(numbers.values, return_inverse=True)
    return Coded(_codes(places, numbers.empty, len(values)), values.tolist())


def _binned(numbers: Numbers, scale: Scale | None) -> Coded | None:
    if scale is None:
        return None
    places = scale.places(numbers.values)
    return Coded(_codes(places, numbers.empty, scale.bins), list(range(scale.bins)), scale)


def _codes(places: npt.NDArray[Any], empty: Mask | None, highest: int) -> Codes:
    codes = places.astype(np.min_scalar_type(highest))
    codes += 1
    if empty is not None:
        codes[empty] = 0
    return codes
