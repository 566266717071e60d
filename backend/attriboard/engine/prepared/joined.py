"""A convolution, the padding before it and the ReLU after it as one call.

A convolution pads its rows itself where the padding is the same on both sides, so that no padded
copy is made. oneDNN, which PyTorch brings for processors, takes weights in an order of its own,
which it makes anew in each call unless it is given them so, and clamps the numbers of a convolution
before it writes them. Backward, only the clamped numbers are needed; PyTorch's ReLU6 in place
keeps a copy of what it read as well.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack
from torch.utils._pytree import tree_leaves

from attriboard.engine.prepared.geometry import Geometry
from attriboard.engine.prepared.plain_path import PlainPath
from attriboard.engine.prepared.stepped import input_gradient, is_transformed

_FUSED = getattr(torch.ops.mkldnn, "_convolution_pointwise", None)
_PACK = getattr(torch.ops.mkldnn, "_reorder_convolution_weight", None)


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
    if "forward" in vars(module):
        return None
    if forward is nn.ReLU.forward:
        return Clamp(0.0)
    if forward is nn.Hardtanh.forward:
        low, high = module.min_val, module.max_val
        assert isinstance(low, int | float)
        assert isinstance(high, int | float)
        return (
            Clamp(float(low), float(high)) if math.isfinite(low) and math.isfinite(high) else None
        )
    return None


def may_fuse(rows: Iterable[Any]) -> bool:
    """Whether oneDNN is there, numbers keep their type, and are numbers in `rows`."""
    here = (r.detach() for r in rows if isinstance(r, Tensor) and r.device.type == "cpu")
    return (
        _FUSED is not None
        and torch.backends.mkldnn.is_available()
        and bool(torch.backends.mkldnn.enabled)
        and not torch.is_autocast_enabled("cpu")
        and all(bool(row.sum().isfinite()) for row in here if row.is_floating_point())
    )


@dataclass(frozen=True)
class Weights:
    """A convolution's weight and bias.

    packed: the weight as oneDNN wants it for so many `groups`, if it is known. finite: whether
    all are numbers; oneDNN's clamps make numbers of what is none. address: where the weight lay
    when it was packed, since a model may give its parameter other memory.
    """

    plain: Tensor
    bias: Tensor | None
    packed: Tensor | None = None
    groups: int = 1
    finite: bool = True
    address: int = 0

    def take(self, input: Tensor, clamp: Clamp | None) -> bool:
        """Whether oneDNN can be asked for a convolution of `input`, and gains by it."""
        if (clamp is None and self.packed is None) or not self.finite or is_transformed(input):
            return False
        moved = self.packed is not None and self.address != self.plain.data_ptr()
        if moved or (self.bias is not None and _is_live(self.bias)):
            return False
        if not all(type(mode) is PlainPath for mode in _get_current_function_mode_stack()):
            return False  # somebody else looks at the calls of torch
        return input.ndim == 4 and all(
            t.dtype is torch.float32 and t.device.type == "cpu" for t in (input, self.plain)
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Weights:
        """Of a layer that a model copies and may change: without what oneDNN wants."""
        plain, bias = copy.deepcopy((self.plain, self.bias), memo)
        return Weights(plain, bias, groups=self.groups, finite=self.finite)

    def laid(self, plain: Tensor, convolution: nn.Module, packs: bool) -> Weights:
        """The same with the weight laid out as `plain`, and packed where that is wanted."""
        pack = packed(plain, convolution) if packs else None
        groups = getattr(convolution, "groups", 1)
        return replace(self, plain=plain, packed=pack, groups=groups, address=plain.data_ptr())

    def for_groups(self, groups: int) -> Tensor:
        """The weight as it goes into a convolution of so many groups."""
        return self.packed if self.packed is not None and groups == self.groups else self.plain


def _is_live(bias: Tensor) -> bool:
    """Whether a bias is made in the pass itself, and has a gradient to hand on."""
    return bias.requires_grad and torch.is_grad_enabled()


def packed(weight: Tensor, convolution: nn.Module) -> Tensor | None:
    """`weight` as oneDNN wants it, which it arranges anew in each pass else."""
    plain = weight.dtype is torch.float32 and weight.device.type == "cpu"
    if _PACK is None or not plain or not isinstance(convolution, nn.Conv2d):
        return None
    how = Geometry.of(convolution.stride, 0, convolution.dilation, convolution.groups)
    assert how is not None
    with torch.no_grad():  # for any padding
        made: Tensor = _PACK(weight.detach(), how.padding, how.stride, how.dilation, how.groups)
    return made


def fused(input: Tensor, weights: Weights, geometry: Geometry, clamp: Clamp | None) -> Tensor:
    """What the convolution makes of `input`, clamped where there is a clamp."""
    if torch.is_grad_enabled() and input.requires_grad:
        made: Tensor = _Fused.apply(input, weights, geometry, clamp)  # type: ignore[no-untyped-call]
        return made
    return _run(input, weights, geometry, clamp)


def _run(input: Tensor, weights: Weights, how: Geometry, clamp: Clamp | None) -> Tensor:
    """The one call, which has no gradient of its own."""
    assert _FUSED is not None
    weight = weights.for_groups(how.groups)
    name, bounds = ("none", []) if clamp is None else clamp.attribute
    made: Tensor = _FUSED(
        input, weight, weights.bias, how.padding, how.stride, how.dilation, how.groups,
        name, bounds, "",
    )  # fmt: skip
    return made


class _Fused(torch.autograd.Function):
    """The one call with the gradient of its input, for which a clamp needs what it made alone."""

    @staticmethod
    def forward(
        ctx: Any, input: Tensor, weights: Weights, geometry: Geometry, clamp: Clamp | None
    ) -> Tensor:
        made = _run(input, weights, geometry, clamp)
        ctx.save_for_backward(input, weights.plain, made if clamp is not None else None)
        ctx.geometry, ctx.clamp = geometry, clamp
        return made

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        input, weight, made = ctx.saved_tensors
        how: Geometry = ctx.geometry
        before = grads[0] if ctx.clamp is None else ctx.clamp.backward(grads[0], made)
        return input_gradient(before, input, weight, how), None, None, None


class Joining(TorchFunctionMode):
    """While it is active, the convolution with `weights` pads and clamps as well, where it can.

    For modules that convolve in a way of their own. pads: whether padding may be left to the
    convolution. fuses: whether oneDNN may be asked. clamped: whether what it made is clamped.
    """

    def __init__(self, weights: Weights, pads: bool, fuses: bool, clamp: Clamp | None) -> None:
        super().__init__()
        self._weights, self._pads, self._fuses, self._clamp = weights, pads, fuses, clamp
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
            input, weight, bias, geometry = _call(*args, **kwargs)
            if weight is self._weights.plain and geometry is not None:
                return self._convolved(input, replace(self._weights, bias=bias), geometry)
        first = self._pads and self._bare is None
        if func is F.pad and first and (sides := even_padding(*args, **kwargs)):
            self._bare, self._sides = args[0].view_as(args[0]), sides
            return self._bare
        if self._bare is not None:
            self._strayed |= any(leaf is self._bare for leaf in tree_leaves((args, kwargs)))
        return func(*args, **kwargs)

    def _convolved(self, input: Tensor, weights: Weights, how: Geometry) -> Tensor:
        if self._bare is not None and input is self._bare:
            how, self._padded = how.padded(self._sides), True
        if self._fuses and weights.take(input, self._clamp):
            self.clamped = self._clamp is not None
            return fused(input, weights, how, self._clamp)
        return torch.conv2d(
            input, weights.plain, weights.bias, how.stride, how.padding, how.dilation, how.groups
        )


def even_padding(
    input: Tensor, pad: Any, mode: str = "constant", value: float | None = None
) -> tuple[int, int] | None:
    """(rows, columns) of zeros that `F.pad` puts on both sides; None where it does otherwise."""
    if input.ndim != 4 or mode != "constant" or value or len(pad) != 4:
        return None
    left, right, top, bottom = pad
    return (top, left) if left == right >= 0 and top == bottom >= 0 else None


def _call(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> tuple[Tensor, Tensor, Tensor | None, Geometry | None]:
    """The arguments of one call of `torch.conv2d`."""
    return input, weight, bias, Geometry.of(stride, padding, dilation, groups)
