"""Quadratures on the straight path from baseline to point."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal, get_args

import torch
from torch import Tensor

Quadrature = Literal[
    "gausslegendre", "riemann_trapezoid", "riemann_middle", "riemann_left", "riemann_right"
]
QUADRATURES: tuple[str, ...] = get_args(Quadrature)


@lru_cache(maxsize=64)
def nodes(method: str, n: int) -> tuple[Tensor, Tensor]:
    """(positions, weights) on [0, 1], each (n,) in float64; the weights sum to one.

    The trapezoid's weights do as well, unlike Captum's, which sum to (n - 1) / n.
    """
    even = torch.full((n,), 1 / n, dtype=torch.float64)
    steps = torch.arange(n, dtype=torch.float64)
    if method == "gausslegendre":
        return _gauss_legendre(n)
    if method == "riemann_left":
        return steps / n, even
    if method == "riemann_right":
        return (steps + 1) / n, even
    if method == "riemann_middle":
        return (steps + 0.5) / n, even
    return _trapezoid(n)


@lru_cache(maxsize=64)
def spread_first(n: int) -> Tensor:
    """An order of 0 .. n - 1 whose every beginning is spread over the range (bit reversal)."""
    bits = max(1, (n - 1).bit_length())
    order = [int(f"{i:0{bits}b}"[::-1], 2) for i in range(1 << bits)]
    return torch.tensor([i for i in order if i < n], dtype=torch.long)


def _trapezoid(n: int) -> tuple[Tensor, Tensor]:
    if n == 1:
        return _gauss_legendre(1)
    weights = torch.full((n,), 1 / (n - 1), dtype=torch.float64)
    weights[0] = weights[-1] = 0.5 / (n - 1)
    return torch.linspace(0, 1, n, dtype=torch.float64), weights


def _gauss_legendre(n: int) -> tuple[Tensor, Tensor]:
    """Newton's iteration on Legendre's polynomial P_n, from the usual guess of its roots."""
    x = torch.cos(math.pi * (torch.arange(n, 0, -1, dtype=torch.float64) - 0.25) / (n + 0.5))
    for _ in range(8):
        value, slope = _legendre(n, x)
        x = x - value / slope
    _, slope = _legendre(n, x)
    weights = 1 / ((1 - x * x) * slope * slope)
    return (1 + x) / 2, weights / weights.sum()


def _legendre(n: int, x: Tensor) -> tuple[Tensor, Tensor]:
    """P_n and its derivative at `x`, by the three-term recurrence."""
    before, here = torch.ones_like(x), x
    for k in range(2, n + 1):
        before, here = here, ((2 * k - 1) * x * here - (k - 1) * before) / k
    return here, n * (before - x * here) / (1 - x * x)
