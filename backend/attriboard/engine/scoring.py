"""The user's model and targets as one function of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import ModelError
from attriboard.engine.model_tree import Prepared
from attriboard.engine.targets import Terms, seen_all
from attriboard.engine.tensors import Tensors


@dataclass
class Scorer:
    """(rows, index) -> (R, T): the targets' scores of rows that stem from examples `index`.

    extra: further arguments of the model; a tensor with one row per example follows `index`.
    latest: the model's raw output for the rows asked last, (R, ...), where it is such a tensor.
    """

    prepared: Prepared
    targets: Sequence[Terms]
    extra: tuple[Any, ...]
    count: int
    latest: Tensor | None = field(default=None, init=False, repr=False)

    def __call__(self, rows: Tensors, index: Tensor) -> Tensor:
        count = index.shape[0]
        if count > 1 and "lone output" in self.prepared.learned.notes:
            return self._one_by_one(rows, index)
        output = self.output(rows, index)
        if isinstance(output, Tensor) and output.ndim == 0 and count > 1:
            self.prepared.learned.notes["lone output"] = True
            return self._one_by_one(rows, index)
        self.latest = _rows_of(output, count)
        return seen_all(self.targets, output, index)

    def class_of(self, t: int) -> Tensor | None:
        """(N,): the class that target t is for each example; None where it is no plain class."""
        if t >= len(self.targets) or len(self.targets[t]) != 1:
            return None
        index = self.targets[t][0].index
        return index[:, 0] if index is not None and index.shape[1] == 1 else None

    def output(self, rows: Tensors, index: Tensor) -> Any:
        """What the model returns for the rows; arrays and numbers of black boxes as tensors."""
        extra = tuple(self._gathered(argument, index) for argument in self.extra)
        output = self.prepared.call(*rows, *extra)
        if self.prepared.differentiable or isinstance(output, Tensor):
            return output
        try:
            return torch.as_tensor(output)
        except (TypeError, ValueError, RuntimeError):
            return output

    def _one_by_one(self, rows: Tensors, index: Tensor) -> Tensor:
        """A model that gives one number for a batch is asked about each row alone."""
        self.latest = None
        parts = []
        for i in range(len(index)):
            row = tuple(tensor[i : i + 1] for tensor in rows)
            parts.append(
                seen_all(self.targets, self.output(row, index[i : i + 1]), index[i : i + 1])
            )
        return torch.cat(parts)

    def _gathered(self, argument: Any, index: Tensor) -> Any:
        if isinstance(argument, Tensor) and argument.ndim and len(argument) == self.count:
            return argument.index_select(0, index.to(argument.device))
        return argument


def _rows_of(output: Any, count: int) -> Tensor | None:
    whole = isinstance(output, Tensor) and output.ndim > 0 and output.shape[0] == count
    return output.detach() if whole else None


def outputs(scorer: Scorer, rows: Tensors, index: Tensor) -> Tensor:
    """The model's raw output for rows, which must be one tensor with the batch first."""
    output = scorer.output(rows, index)
    if not isinstance(output, Tensor):
        output = getattr(
            output, "logits", output[0] if isinstance(output, tuple | list) else output
        )
    if not isinstance(output, Tensor):
        raise ModelError(f"The model returns a {type(output).__name__}, not a tensor of scores.")
    if output.ndim == 0 and len(index) == 1:
        return output.reshape(1)
    if output.ndim == 0 or len(output) != len(index):
        raise ModelError(
            f"The model returned shape {tuple(output.shape)} for {len(index)} rows: its output "
            "must have the batch first, one row for each row of the input."
        )
    return output
