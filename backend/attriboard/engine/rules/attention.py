"""Attention, however the model spells it: its weights are what a softmax over keys gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.rules.calls import Call, CallMode
from attriboard.engine.sites import fresh_leaf


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """What `torch.nn.functional.scaled_dot_product_attention` does, as calls a mode can see.

    query (..., Lq, E), key (..., Lk, E), value (..., Lk, V) -> (..., Lq, V).
    """
    if enable_gqa:
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], -3)
        value = value.repeat_interleave(query.shape[-3] // value.shape[-3], -3)
    scores = (query * (query.shape[-1] ** -0.5 if scale is None else scale)) @ key.transpose(-2, -1)
    if is_causal:
        above = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(above, float("-inf"))
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        scores = scores.masked_fill(~attn_mask, float("-inf"))
    elif attn_mask is not None:
        scores = scores + attn_mask
    weights = scores.softmax(-1)
    if dropout_p > 0:
        weights = torch.dropout(weights, dropout_p, True)
    return weights @ value


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
