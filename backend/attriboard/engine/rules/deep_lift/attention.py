"""Scaled dot-product attention, spelled out: torch runs it as one fused operation."""

from __future__ import annotations

import math

import torch
from torch import Tensor


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
    """softmax(q k' scale + mask) v. A query that may look nowhere gets zeros, as in torch."""
    if enable_gqa:  # several query heads share a head of keys and values
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], -3)
        value = value.repeat_interleave(query.shape[-3] // value.shape[-3], -3)
    scores = query @ key.transpose(-1, -2) * (scale or 1 / math.sqrt(query.shape[-1]))
    if is_causal:
        scores = scores.masked_fill(_future(scores), -math.inf)
    if attn_mask is not None:
        hidden = attn_mask.dtype == torch.bool
        scores = scores.masked_fill(~attn_mask, -math.inf) if hidden else scores + attn_mask
    weights = scores.softmax(-1)
    if attn_mask is not None:
        blind = (scores.detach() == -math.inf).all(-1, keepdim=True)
        weights = weights.masked_fill(blind, 0.0)
    if dropout_p > 0:
        weights = torch.dropout(weights, dropout_p, True)
    return weights @ value


def _future(scores: Tensor) -> Tensor:
    """(L, S): true where a query would look at a later key."""
    shape = scores.shape[-2:]
    return torch.ones(shape, dtype=torch.bool, device=scores.device).triu(1)
