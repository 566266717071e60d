"""The gradient of a convolution that goes in steps over few channels, as a network's first does.

oneDNN computes the numbers of a pixel's channels side by side, sixteen at a time, so that thirteen
are for nothing where a pixel has three. Of a convolution whose steps are s pixels wide, the pixels
at the same place within their step see the same weights: the s * s places are channels of one
convolution without steps, whose result is then laid out as pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attriboard.engine.prepared.geometry import Geometry, geometry_of
from attriboard.engine.prepared.layout import is_channels_last

LANES = 16
"""Numbers that a processor computes at a time, at most."""

FEWER = 2.4
"""How many times fewer must be computed: moving them about costs as well."""

LEAST = 100
"""Multiplications for each output and input pixel below which that costs more than it saves."""


def stepped(module: nn.Module) -> Callable[[Tensor], Tensor]:
    """A pass of the convolution `module` with the quicker gradient, where it has one."""
    how, usual = geometry_of(module), module.forward
    weight = module._parameters.get("weight")
    if how is None or weight is None or not _pays(weight, how):
        return usual

    return partial(_forward, module, usual)  # whose parts a model that copies layers copies too


def _forward(module: nn.Module, usual: Callable[[Tensor], Tensor], input: Tensor) -> Tensor:
    weight, bias = module.weight, module.bias  # which `torch.func` may have put there
    assert isinstance(weight, Tensor)
    how = Geometry.of(module.stride, module.padding, module.dilation, module.groups)  # type: ignore[arg-type]
    wanted = torch.is_grad_enabled() and input.requires_grad and input.ndim == 4
    fixed = not any(t is not None and t.requires_grad for t in (weight, bias))
    if how is None or not wanted or not fixed or is_transformed(input):
        return usual(input)
    made: Tensor = _Stepped.apply(input, weight, bias, how)  # type: ignore[no-untyped-call]
    return made


def input_gradient(grad: Tensor, input: Tensor, weight: Tensor, how: Geometry) -> Tensor:
    """The gradient of a convolution's input (N, C, H, W), given its output's `grad`."""
    # Weights of zero fill the places up, which make NaN of what is infinite.
    if _pays(weight, how) and not is_transformed(grad) and bool(grad.sum().isfinite()):
        return _by_places(grad, input, weight, how)
    made: Tensor = torch.ops.aten.convolution_backward(
        grad, input, weight, None, how.stride, how.padding, how.dilation, False, [0, 0],
        how.groups, [True, False, False],
    )[0]  # fmt: skip
    return made


def is_transformed(tensor: Tensor) -> bool:
    """Whether torch computes otherwise now: in another type, for many at once, or forward."""
    return (
        torch.is_autocast_enabled(tensor.device.type)
        or torch._C._are_functorch_transforms_active()
        or torch.autograd.forward_ad._current_level >= 0
    )


class _Stepped(torch.autograd.Function):
    """A convolution whose weights want no gradient."""

    @staticmethod
    def forward(
        ctx: Any, input: Tensor, weight: Tensor, bias: Tensor | None, how: Geometry
    ) -> Tensor:
        ctx.save_for_backward(input, weight)
        ctx.how = how
        return torch.conv2d(input, weight, bias, how.stride, how.padding, how.dilation, how.groups)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        input, weight = ctx.saved_tensors
        return input_gradient(grads[0], input, weight, ctx.how), None, None, None


def _pays(weight: Tensor, how: Geometry) -> bool:
    """Whether so much less is computed place by place that it takes less time."""
    down, across = how.stride
    plain = weight.dtype is torch.float32 and weight.device.type == "cpu"
    if down != across or down == 1 or how.groups > 1 or how.dilation != [1, 1] or not plain:
        return False
    channels, (high, wide) = weight.shape[1], weight.shape[2:]
    usual = int(high * wide) * _lanes(channels)
    places = math.ceil(high / down) * math.ceil(wide / down) * _lanes(channels * down * down)
    there = torch.backends.mkldnn.is_available() and bool(torch.backends.mkldnn.enabled)
    return there and usual >= max(LEAST, FEWER * places)


def _lanes(numbers: int) -> int:
    return math.ceil(numbers / LANES) * LANES


def _by_places(grad: Tensor, input: Tensor, weight: Tensor, how: Geometry) -> Tensor:
    """The gradient by one convolution for all places within a step.

    Pixel i of the padded input lies in step u at place r, i = s u + r. Output y reads it with the
    weight at a = i - s y, so that with a = r + s t its gradient is the sum over t of weight
    r + s t times the gradient of output u - t.
    """
    step = how.stride[0]
    outputs, channels, high, wide = weight.shape
    down, across = math.ceil(high / step), math.ceil(wide / step)
    whole = F.pad(weight, (0, across * step - wide, 0, down * step - high))
    parts = whole.reshape(outputs, channels, down, step, across, step).flip(2, 4)
    places = parts.permute(1, 3, 5, 0, 2, 4).reshape(-1, outputs, down, across)
    found = F.pixel_shuffle(F.conv2d(grad, places, padding=(down - 1, across - 1)), step)
    sizes = zip(input.shape[2:], how.padding, found.shape[2:], strict=True)
    (lower, right) = (max(0, size + edge - there) for size, edge, there in sizes)
    if lower or right:  # no output reads the last pixels
        found = F.pad(found, (0, right, 0, lower))
    top, left = how.padding
    inner = found[:, :, top : top + input.shape[2], left : left + input.shape[3]]
    # As torch lays it out: a backward pass of the user's may rely on that.
    last = is_channels_last(input)
    return inner.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
