"""Operations spelled out in simpler ones, which the mode then sees one by one.

Each function takes the arguments of the operation it spells. None says that these arguments are
not spelled here: the operation is then taken whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.rules.deep_lift import attention, norms, recurrent


def maximum(input: Tensor, other: Tensor) -> Tensor:
    return input + torch.relu(other - input)


def minimum(input: Tensor, other: Tensor) -> Tensor:
    return input - torch.relu(input - other)


def largest(input: Tensor, *rest: Any, **named: Any) -> Tensor | None:
    """`max` of two tensors; over a dimension it is an operation of its own."""
    other = rest[0] if rest else named.get("other")
    return maximum(input, other) if isinstance(other, Tensor) else None


def smallest(input: Tensor, *rest: Any, **named: Any) -> Tensor | None:
    """`min` of two tensors."""
    other = rest[0] if rest else named.get("other")
    return minimum(input, other) if isinstance(other, Tensor) else None


def rdiv(input: Tensor, other: Any) -> Tensor:
    """other / input."""
    result: Tensor = input.reciprocal() * other
    return result


def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    return input + value * tensor1 / tensor2


def logaddexp(input: Tensor, other: Tensor) -> Tensor:
    return torch.stack(torch.broadcast_tensors(input, other)).logsumexp(0)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    value, gate = input.chunk(2, dim)
    return value * gate.sigmoid()


def absolute(input: Tensor) -> Tensor | None:
    """Of complex numbers; of real ones it is an operation of its own."""
    if not input.is_complex():
        return None
    return torch.view_as_real(input).square().sum(-1).sqrt()


def hypot(input: Tensor, other: Tensor) -> Tensor:
    return (input.square() + other.square()).sqrt()


SPELLED: dict[str, Callable[..., Any]] = {
    "maximum": maximum,
    "minimum": minimum,
    "fmax": maximum,
    "fmin": minimum,
    "max": largest,
    "min": smallest,
    "rdiv": rdiv,
    "addcdiv": addcdiv,
    "logaddexp": logaddexp,
    "glu": glu,
    "hypot": hypot,
    "abs": absolute,
    "layer_norm": norms.layer_norm,
    "rms_norm": norms.rms_norm,
    "group_norm": norms.group_norm,
    "instance_norm": norms.instance_norm,
    "batch_norm": norms.batch_norm,
    "var": norms.var,
    "std": norms.std,
    "norm": norms.norm,
    "linalg_vector_norm": norms.vector_norm,
    "cosine_similarity": norms.cosine_similarity,
    "pairwise_distance": norms.pairwise_distance,
    "cdist": norms.cdist,
    "scaled_dot_product_attention": attention.scaled_dot_product_attention,
    "gru": recurrent.gru,
    "lstm": recurrent.lstm,
    "rnn_tanh": recurrent.rnn_tanh,
    "rnn_relu": recurrent.rnn_relu,
    "gru_cell": recurrent.one_gru_cell,
    "lstm_cell": recurrent.one_lstm_cell,
    "rnn_tanh_cell": recurrent.one_tanh_cell,
    "rnn_relu_cell": recurrent.one_relu_cell,
}
"""By normalised name."""
