"""Changed backward passes of the rectifier: guided backpropagation and deconvolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.rules.calls import Call, CallMode
from attriboard.engine.tensors import Tensors

Backward = Callable[[Tensor, Tensor], Tensor]
"""(gradient of the output, the output) -> gradient of the input."""


def guided(gradient: Tensor, output: Tensor) -> Tensor:
    """Springenberg et al. 2014, arXiv:1412.6806: only where input and gradient are positive."""
    return gradient.relu() * (output > 0)


def deconvolution(gradient: Tensor, output: Tensor) -> Tensor:
    """Zeiler and Fergus 2013, arXiv:1311.2901: only where the gradient is positive."""
    return gradient.relu()


@dataclass(frozen=True)
class ReluRules:
    """Rules for a probe: every rectifier's backward pass is `backward`."""

    backward: Backward
    note: Callable[[int], None]

    @contextmanager
    def active(self, forward: Callable[[Tensors], Tensor], reference: Tensors) -> Iterator[object]:
        """The pass in which rectifiers follow the rule; `note` hears how many there were."""
        mode = _ReluMode(self.backward)
        with mode:
            yield mode
        self.note(mode.count)


class _ReluMode(CallMode):
    def __init__(self, backward: Backward) -> None:
        super().__init__()
        self._backward = backward
        self.count = 0

    def seen(self, call: Call) -> Any:
        if call.name != "relu":
            return call.run()
        self.count += 1
        (x,) = call.dependent()
        return call.written(_Relu.apply(self._backward, x))  # type: ignore[no-untyped-call]


class _Relu(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, backward: Backward, x: Tensor) -> Tensor:
        ctx.rule, ctx.output = backward, x.relu()
        output: Tensor = ctx.output.clone()
        return output

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor]:
        return None, ctx.rule(gradient, ctx.output)
