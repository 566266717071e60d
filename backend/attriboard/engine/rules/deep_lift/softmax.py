"""Softmax and its kin, in logarithmic means: exact, and sound where exponentials underflow.

With L(u, v) = (u - v) / (ln u - ln v), the change of log-sum-exp is the sum of w_j dz_j, where
w_j = L(e^z_j, e^b_j) / L(sum e^z, sum e^b); that of softmax is L(y_i, yb_i) (dz_i - d lse).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from attriboard.engine.rules.deep_lift.rule import Pair, Rule
from attriboard.engine.tensors import Tensors


class LogSumExp(Rule):
    """logsumexp over one or several dimensions."""

    def __init__(self, pair: Pair) -> None:
        dim = pair.call.argument(1, "dim")
        self._shape = pair.x[0].logsumexp(dim, keepdim=True).shape
        self._weights = _weights(pair.x[0], pair.b[0], dim)

    def back(self, gradients: Tensors) -> Tensors:
        return (gradients[0].reshape(self._shape) * self._weights,)


class LogSoftmax(Rule):
    """z - logsumexp(z)."""

    def __init__(self, pair: Pair) -> None:
        self._dim, x, b = _read(pair)
        self._weights = _weights(x, b, self._dim)

    def back(self, gradients: Tensors) -> Tensors:
        gradient = self._inner(gradients[0])
        return (gradient - self._weights * gradient.sum(self._dim, keepdim=True),)

    def _inner(self, gradient: Tensor) -> Tensor:
        return gradient


class Softmax(LogSoftmax):
    """exp of the log-softmax."""

    def __init__(self, pair: Pair) -> None:
        super().__init__(pair)
        dim, x, b = _read(pair)
        self._means = _finite(_log_mean(x.log_softmax(dim), b.log_softmax(dim)).exp())

    def _inner(self, gradient: Tensor) -> Tensor:
        return gradient * self._means


def _read(pair: Pair) -> tuple[int, Tensor, Tensor]:
    """(dim, x, b), in the type the output was asked for."""
    dtype = pair.y[0].dtype
    return pair.call.argument(1, "dim"), pair.x[0].to(dtype), pair.b[0].to(dtype)


def _weights(x: Tensor, b: Tensor, dim: Any) -> Tensor:
    ends = x.logsumexp(dim, keepdim=True), b.logsumexp(dim, keepdim=True)
    return _finite((_log_mean(x, b) - _log_mean(*ends)).exp())


def _log_mean(u: Tensor, v: Tensor) -> Tensor:
    """The logarithm of L(e^u, e^v): max(u, v) + ln((1 - e^-d) / d) with d = |u - v|."""
    d = (u - v).abs()
    near = d < 1e-3  # the series' next term is d^4 / 2880
    far = torch.where(near, 1, d)
    factor = torch.where(near, d * d / 24 - d / 2, torch.log(-torch.expm1(-far) / far))
    return torch.maximum(u, v) + factor


def _finite(tensor: Tensor) -> Tensor:
    """Masked places, whose scores are minus infinity, take no part."""
    return torch.where(tensor.isfinite(), tensor, torch.zeros_like(tensor))
