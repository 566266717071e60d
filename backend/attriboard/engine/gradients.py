"""Gradients of scores at the tensors a pass saw."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from attriboard.engine.errors import Unsupported
from attriboard.engine.tensors import Tensors, is_integer


def gradients_of(scores: Tensor, seen: Tensors, inside: bool) -> Tensors:
    """The gradient of each score (R, T) at each tensor (R, ...), each (T, R, ...).

    They may lie in one another's memory or the model's: nobody may write into them, and they are
    good until the model runs again.
    inside: whether the tensors are a layer's, as the sentences of errors say. Raises Unsupported
    where no gradient arrives.
    """
    if not scores.requires_grad:
        place = "layer" if inside else "inputs"
        raise Unsupported(
            f"No gradient reaches the {place}: the model's output is detached from there (it "
            "ran under no_grad, through NumPy or integers). Use a perturbation method."
        )
    if scores.is_complex():
        raise Unsupported(
            "The score is a complex number, which has no gradient of its own: let the model return "
            "its size or its real part."
        )
    columns = [
        torch.autograd.grad(total, seen, retain_graph=more, allow_unused=True)
        for total, more in _totals(scores)
    ]
    return tuple(
        _stacked(i, tensor, [column[i] for column in columns], inside)
        for i, tensor in enumerate(seen)
    )


def _totals(scores: Tensor) -> Iterator[tuple[Tensor, bool]]:
    """The sum of each column of (R, T), and whether more come.

    A sum needs no gradient to start from; where one is given, torch first imports a package for
    symbolic shapes, which takes a second.
    """
    columns = (scores,) if scores.shape[1] == 1 else scores.unbind(1)
    for t, column in enumerate(columns):
        yield column.sum(), t < len(columns) - 1


def _stacked(i: int, seen: Tensor, columns: list[Tensor | None], inside: bool) -> Tensor:
    if all(column is None for column in columns):
        place = "the layer" if inside else f"input {i}"
        cause = "is an integer" if is_integer(seen) else "has no differentiable path to it"
        raise Unsupported(
            f"No gradient reaches {place}: the score {cause} there. "
            "Leave it out of the inputs (`extra_args`), or use a perturbation method."
        )
    found = [torch.zeros_like(seen) if c is None else c.detach().contiguous() for c in columns]
    return found[0][None] if len(found) == 1 else torch.stack(found)
