"""How a convolution in two dimensions goes over its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from torch import nn


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
    ways = ("forward", "_conv_forward")
    if any(getattr(type(module), way) is not getattr(nn.Conv2d, way) for way in ways):
        return None
    if any(way in vars(module) for way in ways):
        return None
    return Geometry.of(module.stride, module.padding, module.dilation, module.groups)


def _two(value: Any) -> list[int]:
    values = [value] if isinstance(value, int) else list(value)
    return values * 2 if len(values) == 1 else values
