"""Regions of a labelled grid: connected parts, small ones joined to a neighbour."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int64]


def compact(ids: Ids) -> Ids:
    """The same groups with ids from 0 without gaps, in the order of their first pixel."""
    _, first, inverse = np.unique(ids, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.reshape(ids.shape)]


def connected(ids: Ids) -> Ids:
    """Ids (H, W) in which every group is one region of pixels joined by an edge.

    Each pixel takes the smallest pixel number of its region: the two ends of every inner edge
    hook the larger root to the smaller, then roots are followed, until nothing changes.
    """
    number = np.arange(ids.size).reshape(ids.shape)
    start, end = _inner_edges(ids, number)
    root = np.arange(ids.size)
    while True:
        low = np.minimum(root[start], root[end])
        hooked = root.copy()
        np.minimum.at(hooked, root[start], low)
        np.minimum.at(hooked, root[end], low)
        while not np.array_equal(hooked[hooked], hooked):
            hooked = hooked[hooked]
        if np.array_equal(hooked, root):
            return compact(root.reshape(ids.shape))
        root = hooked


def without_crumbs(ids: Ids, smallest: int) -> Ids:
    """Regions under `smallest` pixels join the neighbour they share the longest border with."""
    ids = compact(ids)
    while True:
        sizes = np.bincount(ids.ravel())
        small = np.flatnonzero(sizes < smallest)
        if not len(small) or len(sizes) == 1:
            return ids
        goal = _longest_border(ids, len(sizes))
        joined = np.arange(len(sizes))
        for region in small[np.argsort(sizes[small], kind="stable")]:
            if joined[region] == region and joined[goal[region]] == goal[region]:
                joined[region] = goal[region]
        ids = compact(_followed(joined)[ids])


def _followed(joined: Ids) -> Ids:
    while not np.array_equal(joined[joined], joined):
        joined = joined[joined]
    return joined


def _longest_border(ids: Ids, count: int) -> Ids:
    """For each region the neighbour with the most shared edges; the smaller id on a tie."""
    left, right = _outer_edges(ids)
    pairs, shared = np.unique(
        np.concatenate([left * count + right, right * count + left]), return_counts=True
    )
    owner, other = pairs // count, pairs % count
    order = np.lexsort((other, -shared, owner))
    owners, first = np.unique(owner[order], return_index=True)
    goal = np.arange(count)
    goal[owners] = other[order][first]
    return goal


def _inner_edges(ids: Ids, number: Ids) -> tuple[Ids, Ids]:
    across, down = ids[:, 1:] == ids[:, :-1], ids[1:] == ids[:-1]
    start = np.concatenate([number[:, :-1][across], number[:-1][down]])
    return start, np.concatenate([number[:, 1:][across], number[1:][down]])


def _outer_edges(ids: Ids) -> tuple[Ids, Ids]:
    across, down = ids[:, 1:] != ids[:, :-1], ids[1:] != ids[:-1]
    left = np.concatenate([ids[:, :-1][across], ids[:-1][down]])
    return left, np.concatenate([ids[:, 1:][across], ids[1:][down]])
