"""Seeded subsamples: the examples whose seeded hash is lowest.

The hash is 32-bit integer arithmetic of our own, so a seed draws the same examples on every
machine and version. It is a bijection of the index for each seed: no two examples tie.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attriboard.catalog.arrays import Indices, Mask
from attriboard.engine.errors import InvalidInput

Hashes = npt.NDArray[np.uint32]


def hashes(indices: Indices, seed: int) -> Hashes:
    """The place of each index in the draw of `seed`, which may be any integer."""
    xored, factor = _keys(seed)
    x = indices.astype(np.uint32)
    x *= np.uint32(0x9E3779B1)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x ^= np.uint32(xored)
    x *= np.uint32(factor)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0xC2B2AE35)
    return x


def _keys(seed: int) -> tuple[int, int]:
    """Two 32-bit keys of the seed, the second odd (splitmix64, Steele and others 2014)."""
    z = (seed + 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    z ^= z >> 31
    return z & 0xFFFFFFFF, (z >> 32) | 1


def drawn(matching: Mask, n: int, seed: int) -> Mask | None:
    """Where the hash is low enough to keep `n` of the examples `matching`; None to keep all.

    Under other filters the same bound keeps about the same share, so that the facets of a
    subsample count what choosing them would show.
    """
    if n < 1:
        raise InvalidInput("sample is how many examples to keep: at least 1.", "sample")
    places = hashes(np.flatnonzero(matching), seed)
    if len(places) <= n:
        return None
    bound = np.partition(places, n - 1)[n - 1]
    mask: Mask = hashes(np.arange(len(matching)), seed) <= bound
    return mask
