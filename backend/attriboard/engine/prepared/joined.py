"""A convolution, the padding before it and the ReLU after it as one call.

A convolution pads its rows itself where the padding is the same on both sides, so that no padded
copy is made. oneDNN, which PyTorch brings for processors, clamps the numbers of a convolution
before it writes them. Backward, only the clamped numbers are needed; PyTorch's ReLU6 in place
keeps a copy of what it read as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

_FUSED = getattr(torch.ops.mkldnn, "_convolution_pointwise", None)


@dataclass(frozen=True)
class Clamp:
    """What ReLU, ReLU6 and Hardtanh do: numbers below `low` become `low`, those above `high` it."""

    low: float
    high: float = math.inf

    def backward(self, grad: Tensor, output: Tensor) -> Tensor:
        """The gradient before the clamp; `output` is what came after it."""
        if math.isinf(self.high):
            return torch.ops.aten.threshold_backward(grad, output, self.low)  # type: ignore[no-any-return]
        return torch.ops.aten.hardtanh_backward(grad, output, self.low, self.high)  # type: ignore[no-any-return]

    @property
    def attribute(self) -> tuple[str, list[float]]:
        """As oneDNN's call names it."""
        return ("relu", []) if math.isinf(self.high) else ("hardtanh", [self.low, self.high])


def clamp_of(module: nn.Module) -> Clamp | None:
    """What `module` does, if it is one of the clamps that PyTorch brings."""
    forward = getattr(type(module), "forward", None)  # scripted modules have none in their class
    if forward is nn.ReLU.forward:
        return Clamp(0.0)
    if forward is nn.Hardtanh.forward:
        low, high = module.min_val, module.max_val
        assert isinstance(low, int | float)
        assert isinstance(high, int | float)
        return Clamp(float(low), float(high))
    return None


class Joining(TorchFunctionMode):
    """While it is active, the convolution with `weight` pads and clamps as well, where it can.

    pads: whether padding may be left to it. clamped: whether what it made is clamped.
    """

    def __init__(self, weight: Tensor, pads: bool, clamp: Clamp | None) -> None:
        super().__init__()
        self._weight, self._pads, self._clamp = weight, pads, clamp
        self._bare: Tensor | None = None
        self._sides: tuple[int, int] = (0, 0)
        self.clamped = self._padded = self._strayed = False

    @property
    def sound(self) -> bool:
        """Whether it alone read the rows whose padding was left to it."""
        return self._padded == (self._bare is not None) and not self._strayed

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.conv2d:
            input, call = _call(*args, **kwargs)
            if call.weight is self._weight:
                return self._convolved(input, call)
        first = self._pads and self._bare is None
        if func is F.pad and first and (sides := even_padding(*args, **kwargs)):
            self._bare, self._sides = args[0].view_as(args[0]), sides
            return self._bare
        if self._bare is not None:
            self._strayed |= any(leaf is self._bare for leaf in tree_leaves((args, kwargs)))
        return func(*args, **kwargs)

    def _convolved(self, input: Tensor, call: _Call) -> Tensor:
        if self._bare is not None and input is self._bare:
            self._strayed = isinstance(call.padding, str)
            call, self._padded = call.padded(self._sides), True
        if self._clamp is None or not call.can_clamp(input):
            return call.plain(input)
        self.clamped = True
        return call.clamped(input, self._clamp)


def even_padding(
    input: Tensor, pad: Any, mode: str = "constant", value: float | None = None
) -> tuple[int, int] | None:
    """(rows, columns) of zeros that `F.pad` puts on both sides; None where it does otherwise."""
    if input.ndim != 4 or mode != "constant" or value or len(pad) != 4:
        return None
    left, right, top, bottom = pad
    return (top, left) if left == right >= 0 and top == bottom >= 0 else None


@dataclass(frozen=True)
class _Call:
    """What a convolution is given beside its rows."""

    weight: Tensor
    bias: Tensor | None
    stride: list[int]
    padding: list[int] | str
    dilation: list[int]
    groups: int

    def can_clamp(self, input: Tensor) -> bool:
        """Whether oneDNN takes this call."""
        tensors = [t for t in (input, self.weight, self.bias) if t is not None]
        return (
            _FUSED is not None
            and torch.backends.mkldnn.is_available()
            and bool(torch.backends.mkldnn.enabled)
            and not torch.is_autocast_enabled("cpu")
            and input.ndim == 4
            and not isinstance(self.padding, str)
            and all(t.dtype == torch.float32 and t.device.type == "cpu" for t in tensors)
        )

    def padded(self, sides: tuple[int, int]) -> _Call:
        """The same with zeros on both sides of its rows, (rows, columns) of them."""
        own = [0, 0] if isinstance(self.padding, str) else self.padding
        return replace(self, padding=[a + b for a, b in zip(own, sides, strict=True)])

    def plain(self, input: Tensor) -> Tensor:
        """What the convolution makes of `input`."""
        return torch.conv2d(
            input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )

    def clamped(self, input: Tensor, clamp: Clamp) -> Tensor:
        """The same, clamped."""
        if torch.is_grad_enabled() and input.requires_grad:
            return _Clamped.apply(input, self, clamp)  # type: ignore[no-any-return, no-untyped-call]
        return self.run(input, clamp)

    def run(self, input: Tensor, clamp: Clamp) -> Tensor:
        """The one call, which has no gradient of its own."""
        assert _FUSED is not None
        name, bounds = clamp.attribute
        return _FUSED(  # type: ignore[no-any-return]
            input, self.weight, self.bias, self.padding, self.stride, self.dilation, self.groups,
            name, bounds, "",
        )  # fmt: skip


class _Clamped(torch.autograd.Function):
    """The one call with the gradient of its input, which needs what it made alone."""

    @staticmethod
    def forward(ctx: Any, input: Tensor, call: _Call, clamp: Clamp) -> Tensor:
        made = call.run(input, clamp)
        ctx.save_for_backward(input, call.weight, made)
        ctx.call, ctx.clamp = call, clamp
        return made

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        input, weight, made = ctx.saved_tensors
        call: _Call = ctx.call
        before = ctx.clamp.backward(grads[0], made)
        given, _, _ = torch.ops.aten.convolution_backward(
            before, input, weight, None, call.stride, call.padding, call.dilation, False, [0, 0],
            call.groups, [True, False, False],
        )  # fmt: skip
        return given, None, None


def _call(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> tuple[Tensor, _Call]:
    """The arguments of one call of `torch.conv2d`: its rows, and all else."""
    padding = padding if isinstance(padding, str) else _two(padding)
    return input, _Call(weight, bias, _two(stride), padding, _two(dilation), groups)


def _two(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)
