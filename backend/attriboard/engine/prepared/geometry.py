"""How a convolution in two dimensions goes over its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch.nn.functional as F
from torch import nn

_WAYS = {way: getattr(nn.Conv2d, way) for way in ("forward", "_conv_forward")}
_CALL = F.conv2d
"""PyTorch's own, in whose place somebody may put another later."""


@dataclass(frozen=True)
class Geometry:
    """How a convolution in two dimensions goes over its rows."""

    stride: list[int]
    padding: list[int]
    dilation: list[int]
    groups: int

    @classmethod
    def of(cls, stride: Any, padding: Any, dilation: Any, groups: int) -> Geometry | None:
        """From what `torch.conv2d` takes; None where the padding is a word."""
        if isinstance(padding, str):
            return None
        return cls(_two(stride), _two(padding), _two(dilation), groups)

    def padded(self, sides: tuple[int, int]) -> Geometry:
        """The same with zeros on both sides of its rows, (rows, columns) of them."""
        own = zip(self.padding, sides, strict=True)
        return replace(self, padding=[a + b for a, b in own])


def geometry_of(module: nn.Module) -> Geometry | None:
    """How `module` convolves, if it does so as PyTorch's own do."""
    if not isinstance(module, nn.Conv2d) or module.padding_mode != "zeros":
        return None
    if not is_torchs(type(module)) or any(way in vars(module) for way in _WAYS):
        return None
    return Geometry.of(module.stride, module.padding, module.dilation, module.groups)


def is_torchs(kind: type[nn.Module]) -> bool:
    """Whether convolutions of this class run as PyTorch brings them, in whose place nobody put
    anything else."""
    return F.conv2d is _CALL and all(getattr(kind, way) is own for way, own in _WAYS.items())


def _two(value: Any) -> list[int]:
    values = [value] if isinstance(value, int) else list(value)
    return values * 2 if len(values) == 1 else values
