"""Places of a graph's nodes on the page, so that distances there resemble paths in the graph.

Stress majorisation: Gansner, Koren and North, Graph Drawing by Stress Majorization (2004).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

ROUNDS = 200
WORK = 2e7  # pairs of nodes moved in all: beyond, there are fewer rounds
APART = 1.5  # parts that no path joins lie so much further apart than the longest path


def places(adjacency: Matrix) -> Matrix:
    """(nodes, 2) in 0 to 1, the same for the same graph. Directions and weights do not matter."""
    count = len(adjacency)
    if count == 1:
        return np.full((1, 2), 0.5)
    distance = _paths(adjacency)
    weight = 1 / np.maximum(distance, 1) ** 2
    np.fill_diagonal(weight, 0)
    found = _start(distance)
    for _ in range(int(np.clip(WORK / count**2, 10, ROUNDS))):
        found = _moved(found, distance, weight)
    low, size = found.min(0), max(float(np.ptp(found, axis=0).max()), 1e-9)
    shown: Matrix = (found - low) / size + (1 - np.ptp(found, axis=0) / size) / 2
    return shown


def _paths(adjacency: Matrix) -> Matrix:
    """The number of edges on the shortest path between any two nodes."""
    joined = (adjacency != 0) | (adjacency.T != 0)
    distance = np.where(np.eye(len(joined), dtype=bool), 0.0, np.inf)
    front, steps = np.eye(len(joined), dtype=bool), 0
    while front.any():
        steps += 1
        front = ((front.astype(np.float32) @ joined.astype(np.float32)) > 0) & np.isinf(distance)
        distance[front] = steps
    longest = distance[np.isfinite(distance)].max()
    distance[np.isinf(distance)] = APART * (longest + 1)
    return distance


def _start(distance: Matrix) -> Matrix:
    """Classical scaling, with a slight turn of each node so that no two share a place."""
    count = len(distance)
    centre = np.eye(count) - 1 / count
    values, vectors = np.linalg.eigh(-centre @ distance**2 @ centre / 2)
    flat = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 0))
    flat *= np.where(flat[np.abs(flat).argmax(0), [0, 1]] < 0, -1, 1)  # of either sign: the same
    turn = 2.4 * np.arange(count)
    jitter: Matrix = flat + 0.05 * np.stack([np.cos(turn), np.sin(turn)], 1)
    return jitter


def _moved(found: Matrix, distance: Matrix, weight: Matrix) -> Matrix:
    apart = found[:, None] - found[None]
    length = np.maximum(np.sqrt((apart**2).sum(2)), 1e-9)
    wanted = found[None] + apart * (distance / length)[:, :, None]
    moved: Matrix = (weight[:, :, None] * wanted).sum(1) / weight.sum(1)[:, None]
    return moved
