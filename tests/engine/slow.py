"""Methods written again in the plainest loops, to hold the engine's against."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.problems import Problem

Tensors = tuple[Tensor, ...]


def score(model: nn.Module, rows: Tensors, target: Any) -> Tensor:
    """The target's score of a batch of one row, as a 0-d tensor."""
    output = model(*rows)[0]
    if target is None:
        return output
    return output[target]


def row(problem: Problem, i: int) -> Tensors:
    return tuple(x[i : i + 1] for x in problem.inputs)


def gradient(model: nn.Module, rows: Tensors, target: Any) -> Tensors:
    leaves = tuple(r.clone().requires_grad_() for r in rows)
    return torch.autograd.grad(score(model, leaves, target), leaves)


def saliency(problem: Problem) -> Tensors:
    return _each(problem, lambda m, x: tuple(g.abs() for g in gradient(m, x, problem.target)))


def input_x_gradient(problem: Problem) -> Tensors:
    def one(model: nn.Module, rows: Tensors) -> Tensors:
        return tuple(
            x * g for x, g in zip(rows, gradient(model, rows, problem.target), strict=True)
        )

    return _each(problem, one)


def quadrature(name: str, n: int) -> list[tuple[float, float]]:
    """(position, weight) pairs on [0, 1]."""
    if name == "gausslegendre":
        x, w = np.polynomial.legendre.leggauss(n)
        return [((1 + a) / 2, b / 2) for a, b in zip(x, w, strict=True)]
    if name == "riemann_trapezoid":
        ends = {0, n - 1}
        return [(i / (n - 1), (0.5 if i in ends else 1) / (n - 1)) for i in range(n)]
    shift = {"riemann_left": 0, "riemann_right": 1, "riemann_middle": 0.5}[name]
    return [((i + shift) / n, 1 / n) for i in range(n)]


def integrated_gradients(problem: Problem, name: str, n: int) -> Tensors:
    def one(model: nn.Module, rows: Tensors) -> Tensors:
        sums = [torch.zeros_like(x) for x in rows]
        for alpha, weight in quadrature(name, n):
            at = tuple(b + alpha * (x - b) for x, b in zip(rows, problem.baselines, strict=True))
            for total, g in zip(sums, gradient(model, at, problem.target), strict=True):
                total += weight * g
        return tuple((x - b) * g for x, b, g in zip(rows, problem.baselines, sums, strict=True))

    return _each(problem, one)


def feature_ablation(problem: Problem) -> Tensors:
    def one(model: nn.Module, rows: Tensors) -> Tensors:
        full = score(model, rows, problem.target)
        results = []
        for i, x in enumerate(rows):
            result = torch.zeros(x.shape, dtype=torch.float64)
            for place in product(*(range(s) for s in x.shape)):
                changed = [r.clone() for r in rows]
                changed[i][place] = problem.baselines[i][place]
                result[place] = full - score(model, tuple(changed), problem.target)
            results.append(result)
        return tuple(results)

    return _each(problem, one)


def occlusion(problem: Problem, windows: list[tuple[int, ...]], strides: list[int]) -> Tensors:
    def one(model: nn.Module, rows: Tensors) -> Tensors:
        full = score(model, rows, problem.target)
        results = []
        for i, x in enumerate(rows):
            total, hits = torch.zeros(x.shape, dtype=torch.float64), torch.zeros(x.shape)
            for corner in _corners(x.shape[1:], windows[i], strides[i]):
                place = (0, *(slice(c, c + w) for c, w in zip(corner, windows[i], strict=True)))
                changed = [r.clone() for r in rows]
                changed[i][place] = problem.baselines[i][place]
                total[place] += full - score(model, tuple(changed), problem.target)
                hits[place] += 1
            results.append(total / hits)
        return tuple(results)

    return _each(problem, one)


def _corners(shape: torch.Size, window: tuple[int, ...], stride: int) -> list[tuple[int, ...]]:
    sides = []
    for size, width in zip(shape, window, strict=True):
        side, start = [0], 0
        while start + width < size:
            start += stride
            side.append(start)
        sides.append(side)
    return list(product(*sides))


def _each(problem: Problem, one: Any) -> Tensors:
    model = problem.model()
    rows = []
    for i in range(len(problem.inputs[0])):
        with torch.set_grad_enabled(True):
            rows.append(tuple(t.detach() for t in one(model, row(problem, i))))
    return tuple(torch.cat(parts) for parts in zip(*rows, strict=True))
