"""Attention, however the model spells it: its weights are what a softmax over keys gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from attriboard.engine.rules.calls import Call, CallMode
from attriboard.engine.rules.deep_lift.attention import scaled_dot_product_attention
from attriboard.engine.sites import fresh_leaf


@dataclass(frozen=True)
class AttentionMaps:
    """The model's attention maps as a site: each (R or R * heads, ..., Lq, Lk), in call order."""

    @contextmanager
    def captured(self) -> Iterator[list[Tensor]]:
        """Leave every map of a pass in the list, each with a gradient where there is one."""
        with _MapMode() as mode:
            yield mode.maps


class _MapMode(CallMode):
    needs_gradient = False  # maps of integer inputs, and maps read without autograd

    def __init__(self) -> None:
        super().__init__()
        self.maps: list[Tensor] = []

    def seen(self, call: Call) -> Any:
        if call.name == "scaled_dot_product_attention":
            with self:
                return scaled_dot_product_attention(*call.args, **call.kwargs)
        result = call.run()
        if call.name != "softmax" or not _is_map(call, result):
            return result
        self.maps.append(fresh_leaf(result))
        return self.maps[-1].clone()  # in-place calls spare the original


def _is_map(call: Call, result: Tensor) -> bool:
    """Whether a softmax is over the keys: the last of at least three dimensions."""
    dim = call.argument(1, "dim")
    return result.ndim >= 3 and dim in (-1, result.ndim - 1)
