"""Methods over coalitions of features again, one example and one coalition at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, permutations, product
from typing import Any

import numpy as np
import torch
from torch import Tensor

Tensors = tuple[Tensor, ...]
Place = tuple[int, tuple[int, ...]]
"""An input and an index into one example of it."""


@dataclass(frozen=True)
class Game:
    """A score of one example's rows (each (1, ...)), whose elements are grouped into players."""

    score: Callable[[Tensors, int], float]
    point: Tensors
    absent: Tensors
    ids: Tensors | None = None

    @property
    def examples(self) -> range:
        return range(len(self.point[0]))

    @cached_property
    def places(self) -> list[Place]:
        sides = [[range(s) for s in x.shape[1:]] for x in self.point]
        return [(i, place) for i, side in enumerate(sides) for place in product(*side)]

    @cached_property
    def names(self) -> list[list[int]]:
        """The id at each place of each example."""
        if self.ids is None:
            return [list(range(len(self.places))) for _ in self.examples]
        wide = [i.expand(x.shape).tolist() for i, x in zip(self.ids, self.point, strict=True)]
        return [[_at(wide[i][n], place) for i, place in self.places] for n in self.examples]

    @cached_property
    def owners(self) -> list[dict[Place, int]]:
        """Per example the player that owns each place; players count their ids in order."""
        known = sorted({name for row in self.names for name in row})
        rows = ([known.index(name) for name in row] for row in self.names)
        return [dict(zip(self.places, row, strict=True)) for row in rows]

    @cached_property
    def players(self) -> range:
        return range(1 + max(max(row.values()) for row in self.owners))

    def row(self, n: int, kept: Collection[int], others: Tensors | None = None) -> Tensors:
        """Example n where `kept` keep their value and the rest have that of `others`."""
        away = tuple(b[0] for b in self.absent) if others is None else others
        rows = [x[n].clone() for x in self.point]
        for (i, place), player in self.owners[n].items():
            if player not in kept:
                rows[i][place] = away[i][place]
        return tuple(r[None] for r in rows)

    def value(self, n: int, kept: Collection[int]) -> float:
        return self.score(self.row(n, kept), n)

    def table(self, n: int) -> dict[frozenset[int], float]:
        subsets = (s for size in range(len(self.players) + 1) for s in self.of_size(size))
        return {s: self.value(n, s) for s in subsets}

    def of_size(self, size: int) -> Iterable[frozenset[int]]:
        return (frozenset(s) for s in combinations(self.players, size))

    def painted(self, one: Callable[[int], Sequence[float]]) -> Tensors:
        """`one(n)` gives example n's number for each player; each element gets its player's."""
        results = [torch.zeros(x.shape, dtype=torch.float64) for x in self.point]
        for n in self.examples:
            numbers = one(n)
            for (i, place), player in self.owners[n].items():
                results[i][(n, *place)] = float(numbers[player])
        return tuple(results)


def _at(nested: Any, place: tuple[int, ...]) -> int:
    for i in place:
        nested = nested[i]
    return nested


def shapley_by_orders(game: Game) -> Tensors:
    def one(n: int) -> list[float]:
        values, total = game.table(n), [0.0 for _ in game.players]
        for order in permutations(game.players):
            _walk(order, lambda s: values[frozenset(s)], total)
        return [t / math.factorial(len(total)) for t in total]

    return game.painted(one)


def shapley_by_subsets(game: Game) -> Tensors:
    def one(n: int) -> list[float]:
        values, count, result = game.table(n), len(game.players), []
        for i in game.players:
            total = 0.0
            for s in values:
                if i not in s:
                    weight = 1 / (count * math.comb(count - 1, len(s)))
                    total += weight * (values[s | {i}] - values[s])
            result.append(total)
        return result

    return game.painted(one)


def shapley_sampling(game: Game, ranks: Tensor) -> Tensors:
    """ranks (samples, G): the place of each player in each order."""
    orders = [sorted(game.players, key=lambda i, r=r: r[i]) for r in ranks.tolist()]

    def one(n: int) -> list[float]:
        total = [0.0 for _ in game.players]
        for order in orders:
            _walk(order, lambda s: game.value(n, s), total)
        return [t / len(orders) for t in total]

    return game.painted(one)


def _walk(
    order: Sequence[int], value: Callable[[Collection[int]], float], total: list[float]
) -> None:
    joined: set[int] = set()
    before = value(joined)
    for player in order:
        joined.add(player)
        after = value(joined)
        total[player] += after - before
        before = after


def kernel_shap(game: Game, drawn: Tensor | None = None) -> Tensors:
    """Least squares under the sum's constraint by a multiplier; every coalition, or those drawn."""
    count = len(game.players)
    if drawn is None:
        inner = [s for size in range(1, count) for s in game.of_size(size)]
        weights = [
            (count - 1) / (math.comb(count, len(s)) * len(s) * (count - len(s))) for s in inner
        ]
    else:
        inner = [_kept(row) for row in drawn]
        weights = [1.0 for _ in inner]

    def one(n: int) -> list[float]:
        nobody, everybody = game.value(n, ()), game.value(n, game.players)
        system, right = np.zeros((count + 1, count + 1)), np.zeros(count + 1)
        for s, weight in zip(inner, weights, strict=True):
            rise = game.value(n, s) - nobody
            for i in s:
                right[i] += weight * rise
                for j in s:
                    system[i, j] += weight
        system[:count, count] = system[count, :count] = 1
        right[count] = everybody - nobody
        return np.linalg.solve(system, right)[:count].tolist()

    return game.painted(one)


def _kept(mask: Tensor) -> frozenset[int]:
    return frozenset(i for i, kept in enumerate(mask.tolist()) if kept)


Fit = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""(z (K, G), weights (K,), y (K,)) -> the coefficients (G,)."""


def lime(game: Game, masks: Tensor, distance: str, width: float, fit: Fit) -> Tensors:
    def one(n: int) -> list[float]:
        weights, values = [], []
        for mask in masks:
            kept = _kept(mask)
            apart = _apart(game, n, kept, distance)
            weights.append(math.exp(-(apart**2) / (2 * width**2)))
            values.append(game.value(n, kept))
        return fit(masks.double().numpy(), np.array(weights), np.array(values)).tolist()

    return game.painted(one)


def _apart(game: Game, n: int, kept: Collection[int], distance: str) -> float:
    if distance == "coalition":
        return 1 - len(kept) / len(game.players)
    x = np.concatenate([r.double().numpy().ravel() for r in game.row(n, game.players)])
    z = np.concatenate([r.double().numpy().ravel() for r in game.row(n, kept)])
    if distance == "euclidean":
        return float(np.linalg.norm(x - z))
    sizes = max(float(np.linalg.norm(x)), 1e-8) * max(float(np.linalg.norm(z)), 1e-8)
    return 1 - float(x @ z) / sizes


def ridge(alpha: float) -> Fit:
    """With a free intercept, as a column of ones without a penalty."""

    def fit(z: np.ndarray, w: np.ndarray, y: np.ndarray) -> np.ndarray:
        wide = np.hstack([z, np.ones((len(z), 1))])
        penalty = alpha * np.eye(wide.shape[1])
        penalty[-1, -1] = 0
        weighted = wide.T * w
        return np.linalg.solve(weighted @ wide + penalty, weighted @ y)[:-1]

    return fit


def lasso(alpha: float, sweeps: int = 20_000) -> Fit:
    """Coordinate descent, one coefficient at a time and the intercept last."""

    def fit(z: np.ndarray, w: np.ndarray, y: np.ndarray) -> np.ndarray:
        w = w / w.sum()
        b, level = np.zeros(z.shape[1]), 0.0
        for _ in range(sweeps):
            before = b.copy()
            for j in range(len(b)):
                rest = y - level - z @ b + z[:, j] * b[j]
                along = float((w * z[:, j]) @ rest)
                b[j] = np.sign(along) * max(abs(along) - alpha, 0) / float(w @ z[:, j] ** 2)
            level = float(w @ (y - z @ b))
            if np.abs(b - before).max() <= 1e-15 * np.abs(b).max():
                break
        return b

    return fit


def permutation(game: Game, orders: Tensor) -> Tensors:
    """orders (G, N): from which example each takes the player's elements."""

    def one(n: int) -> list[float]:
        full, result = game.value(n, game.players), []
        for i in game.players:
            others = tuple(x[int(orders[i, n])] for x in game.point)
            kept = [j for j in game.players if j != i]
            result.append(full - game.score(game.row(n, kept, others), n))
        return result

    return game.painted(one)


def rise(game: Game, masks: Callable[[int, int], Tensors], samples: int, keep: float) -> Tensors:
    """`masks(k, n)`: mask k for example n, each in its input's shape without the batch."""
    results = [torch.zeros(x.shape, dtype=torch.float64) for x in game.point]
    for n in game.examples:
        drawn = [masks(k, n) for k in range(samples)]
        scores = [game.score(_seen(game, n, mask), n) for mask in drawn]
        mean = sum(scores) / samples
        for mask, score in zip(drawn, scores, strict=True):
            for result, m in zip(results, mask, strict=True):
                result[n] += (score - mean) * m.double() / (keep * samples)
    return tuple(results)


def _seen(game: Game, n: int, mask: Tensors) -> Tensors:
    rows = []
    for x, b, m in zip(game.point, game.absent, mask, strict=True):
        blend = m.double() * x[n] + (1 - m.double()) * b[0]
        rows.append(blend.to(x.dtype)[None])
    return tuple(rows)


def ablation(game: Game) -> Tensors:
    def one(n: int) -> list[float]:
        full = game.value(n, game.players)
        return [full - game.value(n, [j for j in game.players if j != i]) for i in game.players]

    return game.painted(one)


def occlusion(game: Game, windows: Sequence[tuple[int, ...]], stride: int) -> Tensors:
    results = []
    for i, x in enumerate(game.point):
        total, hits = torch.zeros(x.shape, dtype=torch.float64), torch.zeros(x.shape)
        sides = [_starts(s, w, stride) for s, w in zip(x.shape[1:], windows[i], strict=True)]
        for n, corner in product(game.examples, product(*sides)):
            place = (n, *(slice(c, c + w) for c, w in zip(corner, windows[i], strict=True)))
            rows = [p[n : n + 1].clone() for p in game.point]
            rows[i][(0, *place[1:])] = game.absent[i][(0, *place[1:])]
            total[place] += game.value(n, game.players) - game.score(tuple(rows), n)
            hits[place] += 1
        results.append(total / hits)
    return tuple(results)


def _starts(size: int, width: int, stride: int) -> list[int]:
    starts = [0]
    while starts[-1] + width < size:
        starts.append(starts[-1] + stride)
    return starts
