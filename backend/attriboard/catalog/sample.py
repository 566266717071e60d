"""Seeded subsamples: the examples whose seeded hash is lowest.

The hash is 32-bit integer arithmetic of our own, so a seed draws the same examples on every
machine and version. It is a bijection of the index for each seed: no two examples tie.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from attriboard.catalog.arrays import Indices, Mask
from attriboard.catalog.coding import Coded, Codes
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


def drawn(matching: Mask, n: int, seed: int, strata: Coded | None = None) -> Mask | None:
    """Where the hash is low enough to keep `n` of the examples `matching`; None to keep all.

    With `strata`, as many of each of their values as there are, as far as `n` goes. Under other
    filters the same bounds keep about the same shares, so that the facets of a subsample count
    what choosing them would show.
    """
    if n < 1:
        raise InvalidInput("sample is how many examples to keep: at least 1.", "sample")
    indices = np.flatnonzero(matching)
    if len(indices) <= n:
        return None
    everywhere = hashes(np.arange(len(matching)), seed)
    places = everywhere[indices]
    if strata is None:
        lowest: Mask = everywhere <= np.partition(places, n - 1)[n - 1]
        return lowest
    bounds = _bounds(strata.codes[indices], places, strata.size, n)
    mask: Mask = everywhere.astype(np.int64) <= bounds[strata.codes]
    return mask


def _bounds(
    codes: Codes, places: Hashes, strata: int, n: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each stratum the highest hash that is kept, -1 for none."""
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes, minlength=strata)
    bounds = np.full(strata, -1, np.int64)
    ends = np.cumsum(counts)
    for stratum, take in enumerate(shared(counts.tolist(), n)):
        if take:
            held = places[order[ends[stratum] - counts[stratum] : ends[stratum]]]
            bounds[stratum] = np.partition(held, take - 1)[take - 1]
    return bounds


def shared(counts: list[int], n: int) -> list[int]:
    """`n` places shared out evenly among strata; what a small one cannot fill goes to the others.

    Where the last places do not go round, the earlier strata get them.
    """
    taken = [0] * len(counts)
    left = n
    while left > 0 and (open_ := [i for i, count in enumerate(counts) if count > taken[i]]):
        share = max(1, left // len(open_))
        for i in open_[:left]:
            more = min(share, counts[i] - taken[i])
            taken[i] += more
            left -= more
    return taken
