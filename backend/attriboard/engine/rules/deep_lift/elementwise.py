"""The rescale rule: each number's gradient times delta out / delta in.

Shrikumar et al. 2017, https://arxiv.org/abs/1704.02685, section 3.5.1, for every function of one
number, not the rectifier alone.
"""

from __future__ import annotations

import torch
from torch import Tensor

from attriboard.engine.rules.deep_lift.rule import Pair, Rule, step, summed_to
from attriboard.engine.rules.deep_lift.slopes import NOISE, closed, mean_slope
from attriboard.engine.rules.names import words
from attriboard.engine.tensors import Tensors

ELEMENTWISE = words(
    """
    relu relu6 gelu silu elu selu celu leaky_relu prelu rrelu hardtanh hardswish hardsigmoid
    softplus softsign mish tanh sigmoid logsigmoid threshold softshrink hardshrink tanhshrink
    exp expm1 exp2 log log1p log2 log10 sqrt rsqrt reciprocal square pow rpow __rpow__
    float_power abs sign sgn sin cos tan sinh cosh asin acos atan asinh acosh atanh arctan sinc
    erf erfc erfinv lgamma digamma logit xlogy clamp clamp_min clamp_max nan_to_num round floor
    ceil trunc frac fix deg2rad rad2deg remainder fmod div special_erf special_erfc
    special_log1p special_expm1 special_exp2 special_log_ndtr special_ndtr
    """
)
"""Functions of one number at a time, each with parameters that do not depend on the input."""


class Elementwise(Rule):
    """One dependent tensor, broadcast to the output's shape where that is larger."""

    def __init__(self, pair: Pair) -> None:
        y, yb = pair.y[0], pair.yb[0]
        self._shape = pair.x[0].shape
        self._slope = _slope(pair, pair.x[0].expand_as(y), pair.b[0].expand_as(y), y, yb)

    def back(self, gradients: Tensors) -> Tensors:
        return (summed_to(gradients[0] * self._slope, self._shape),)


class Switched(Rule):
    """A linear call whose mask or factor differs between input and baseline: where(x > 0, x, 0).

    Where the gradient as it is explains the output's change, it stays. Elsewhere the change goes
    to the dependent tensors by the shares of their own changes, which for a function spelled with
    masks is the rescale rule.
    """

    def __init__(self, pair: Pair) -> None:
        y, yb = pair.y[0], pair.yb[0]
        self._shapes = [x.shape for x in pair.x]
        steps = [step(x, b).expand_as(y) for x, b in zip(pair.x, pair.b, strict=True)]
        slopes = _as_is(pair)
        explained = torch.stack([s * dx for s, dx in zip(slopes, steps, strict=True)]).sum(0)
        change, square = step(y, yb), torch.stack([dx * dx for dx in steps]).sum(0)
        size = torch.maximum(y.abs(), yb.abs())
        keeps = (change - explained).abs() <= NOISE * torch.finfo(y.dtype).eps * size
        keeps = keeps | (square == 0)
        share = change / torch.where(square == 0, 1, square)
        self._slopes = [
            torch.where(keeps, s, share * dx) for s, dx in zip(slopes, steps, strict=True)
        ]

    def back(self, gradients: Tensors) -> Tensors:
        pairs = zip(self._slopes, self._shapes, strict=True)
        return tuple(summed_to(gradients[0] * slope, shape) for slope, shape in pairs)


def _as_is(pair: Pair) -> list[Tensor]:
    """The plain slope of the output with each dependent tensor, in the output's shape."""
    with torch.enable_grad():
        leaves = [x.expand_as(pair.y[0]).clone().requires_grad_() for x in pair.x]
        out = pair.call.pure(*leaves)
        found = torch.autograd.grad(out.sum(), leaves, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(leaves, found, strict=True)]


def _slope(pair: Pair, x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    form = closed(pair.call)
    if form is not None:
        return form(x, b, y, yb)
    alone = len(pair.call.tensors()) == 1
    if not alone or torch.finfo(x.dtype).eps < 1e-4:
        return mean_slope(pair.call.pure, x, b, y, yb, alone)
    wide = (x.float(), b.float())  # half precision leaves too few digits for differences
    ends = (pair.call.pure(wide[0]), pair.call.pure(wide[1]))
    return mean_slope(pair.call.pure, *wide, *ends, True).to(x.dtype)
