"""Mean slopes of functions of one number: delta out / delta in, sound for steps of any size.

A bare ratio of two small differences is rounding noise. So common functions have closed forms
without a division by the step, and all others take their mean derivative where the step is small.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.rules.calls import Call
from attriboard.engine.rules.deep_lift.rule import step

Function = Callable[[Tensor], Tensor]
Closed = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""(x, b, y, yb) -> the mean slope between b and x."""

NOISE = 16
"""Roundings by which two ways to reach the change of an output may differ."""


def mean_slope(
    function: Function, x: Tensor, b: Tensor, y: Tensor, yb: Tensor, free: bool
) -> Tensor:
    """The ratio where the step is large enough for it, else the mean derivative.

    free: the function treats every place alike, so that it may be asked about some of them.
    """
    dx, dy = step(x, b), step(y, yb)
    size = _largest(x, b, y, yb)
    small = dx.abs() <= (24 * torch.finfo(x.dtype).eps) ** (1 / 3) * size
    ratio = dy / dx.masked_fill(dx == 0, 1)
    if not small.any():
        return ratio
    if not free:
        mean = _mean_derivative(function, b, torch.where(small, dx, 0))
        return torch.where(small & _smooth(mean, dx, dy, size), mean, ratio)
    dx, dy, size = dx[small], dy[small], size[small]
    mean = _mean_derivative(function, b[small], dx)
    ratio[small] = torch.where(_smooth(mean, dx, dy, size), mean, ratio[small])
    return ratio


def _smooth(mean: Tensor, dx: Tensor, dy: Tensor, size: Tensor) -> Tensor:
    """Where a small step holds no kink and no jump: there the ratio is no noise, the mean wrong."""
    noise = NOISE * torch.finfo(dx.dtype).eps * size
    return (dx == 0) | ((mean * dx - dy).abs() <= noise)


def _largest(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    """The largest size at each place; nothing where one is not finite, as in masked scores."""
    ends = torch.maximum(x.abs(), b.abs())
    size = torch.maximum(ends, torch.maximum(y.abs(), yb.abs()))
    return size.nan_to_num_(0.0, 0.0, 0.0).clamp_(min=torch.finfo(x.dtype).tiny)


def _mean_derivative(function: Function, b: Tensor, dx: Tensor) -> Tensor:
    """Two Gauss nodes between b and b + dx: exact to the fourth order, and for no step at all."""
    total = torch.zeros_like(b)
    for place in (0.21132486540518712, 0.7886751345948129):
        with torch.enable_grad():
            node = (b + place * dx).detach().requires_grad_()
            (slope,) = torch.autograd.grad(function(node).sum(), node)
        total = total + slope
    return total / 2


def bounded(low: float, high: float, open_ends: bool) -> Closed:
    """Cut off below and above, as a rectifier is. Nothing cancels in the ratio of what is copied.

    open_ends: whether the derivative at a bound itself is zero, as torch has it for `relu` and
    `hardtanh`, or one, as for `clamp`.
    """

    def mean(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
        ratio = (y - yb).div_(x - b)
        still = ratio.isnan()
        if not still.any():
            return ratio
        inside = (x > low) & (x < high) if open_ends else (x >= low) & (x <= high)
        return torch.where(still, inside.to(ratio.dtype), ratio)

    return mean


def leaky(slope: float) -> Closed:
    """One or `slope` on one side of the kink; across it nothing cancels in the ratio."""

    def mean(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
        above = x > 0
        same = above == (b > 0)
        piece = torch.where(above, torch.ones_like(x), slope)
        return torch.where(same, piece, (y - yb) / torch.where(same, 1, x - b))

    return mean


def square(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    return x + b


def cube(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    return x * x + x * b + b * b


def reciprocal(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    return -y * yb


def sqrt(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    """Zero where both ends are zero: there is no change, and no slope either."""
    total = y + yb
    return torch.where(total > 0, 1 / torch.where(total > 0, total, 1), torch.zeros_like(total))


def rsqrt(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    return -y * yb * (y * yb / (y + yb))


def tanh(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    """From tanh(x - b) = (y - yb) / (1 - y yb)."""
    return _tanh_over(step(x, b)) * (1 - y * yb)


def sigmoid(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    """The same of tanh, since sigmoid(x) = (1 + tanh(x / 2)) / 2."""
    return _tanh_over(step(x, b) / 2) / 2 * (y + yb - 2 * y * yb)


def silu(x: Tensor, b: Tensor, y: Tensor, yb: Tensor) -> Tensor:
    """The product of x and its sigmoid, at the midpoint."""
    s, sb = x.sigmoid(), b.sigmoid()
    return (s + sb) / 2 + (x + b) / 2 * sigmoid(x, b, s, sb)


def _tanh_over(z: Tensor) -> Tensor:
    return torch.where(z == 0, 1, z.tanh() / torch.where(z == 0, 1, z))


CLOSED: dict[str, Closed] = {
    "relu": bounded(0.0, math.inf, open_ends=True),
    "relu6": bounded(0.0, 6.0, open_ends=True),
    "square": square,
    "reciprocal": reciprocal,
    "sqrt": sqrt,
    "rsqrt": rsqrt,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "silu": silu,
}

POWERS: dict[float, Closed] = {
    2: square,
    3: cube,
    0.5: sqrt,
    -0.5: rsqrt,
    -1: reciprocal,
}
"""Of `pow`, by its exponent."""


def closed(call: Call) -> Closed | None:
    """The closed form of a call, by its name and the numbers it was given; None without one."""
    name = call.name
    if name == "pow":
        exponent = call.argument(1, "exponent")
        return POWERS.get(exponent) if _is_number(exponent) else None
    if name == "leaky_relu":
        slope = call.argument(1, "negative_slope", 0.01)
        return leaky(slope) if _is_number(slope) else None
    bounds = _bounds(call)
    if bounds is not None and all(map(_is_number, bounds)):
        return bounded(*bounds, open_ends=name == "hardtanh")
    return CLOSED.get(name)


def _bounds(call: Call) -> tuple[Any, Any] | None:
    """What a call cuts its numbers off at, as it was written: numbers, tensors or None."""
    name = call.name
    if name == "hardtanh":
        return call.argument(1, "min_val", -1.0), call.argument(2, "max_val", 1.0)
    if name == "clamp":
        low, high = call.argument(1, "min"), call.argument(2, "max")
        return -math.inf if low is None else low, math.inf if high is None else high
    if name == "clamp_min":
        return call.argument(1, "min"), math.inf
    if name == "clamp_max":
        return -math.inf, call.argument(1, "max")
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
