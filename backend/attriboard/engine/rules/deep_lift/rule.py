"""A call seen for the input and for its baseline, and the rule that takes its gradient."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.rules.calls import Call
from attriboard.engine.tensors import Tensors, is_integer


@dataclass(frozen=True)
class Pair:
    """One call in both passes.

    call: as the input made it, without its dependent tensors; x, b: what stood in their places
    for the input and for the baseline; y, yb: every tensor the call gave. All are detached.
    """

    call: Call
    x: Tensors
    b: Tensors
    y: Tensors
    yb: Tensors


class Rule(ABC):
    """The backward pass of one call. It keeps no tensor that the call gave: that would be a leak.

    What it needs is worked out when it is made, in the forward pass, and kept on the object, not
    by `save_for_backward`: checkpointing counts what is saved there.
    """

    @abstractmethod
    def back(self, gradients: Tensors) -> Tensors:
        """The gradients of the dependent tensors, from those of the call's outputs."""


def ruled(rule: Rule | None, inputs: Tensors, outputs: Sequence[Tensor]) -> Tensors:
    """`outputs` as a function of `inputs` whose backward pass is the rule's.

    Without a rule it has none: for a pass that is run again to no other end than its tensors.
    """
    mine = {tensor.data_ptr() for tensor in inputs}
    fresh = [y.clone() if y.data_ptr() in mine or y._is_view() else y for y in outputs]
    result: Tensors = _Ruled.apply(rule, fresh, *inputs)  # type: ignore[no-untyped-call]
    return result


class _Ruled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rule: Rule | None, outputs: list[Tensor], *inputs: Tensor) -> Tensors:
        ctx.rule = rule
        ctx.mark_non_differentiable(*(y for y in outputs if is_integer(y)))
        return tuple(outputs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        with torch._C.DisableTorchFunction():  # the mode is still on, and these calls are its own
            return (None, None, *ctx.rule.back(gradients))


def step(x: Tensor, b: Tensor) -> Tensor:
    """x - b, zero where both are the same infinity (masked scores)."""
    return (x - b).nan_to_num_(0.0, math.inf, -math.inf)


def summed_to(tensor: Tensor, shape: torch.Size) -> Tensor:
    """The gradient of a tensor of `shape` that was broadcast."""
    return tensor if tensor.shape == shape else tensor.sum_to_size(shape)
