"""Models as a board calls them: further arguments put back, and one number made two classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.board.callables import of_callable
from attriboard.outputs import Classes


class Called(nn.Module):
    """A model of the inputs alone: constants are held, further arguments get their type back."""

    def __init__(
        self, model: nn.Module, inputs: int, extra: Sequence[Tensor | None], constants: Any
    ) -> None:
        super().__init__()
        self.model = model
        self._inputs = inputs
        self._kinds = tuple(None if one is None else (one.dtype, one.shape) for one in extra)
        self._constants = tuple(constants)

    def forward(self, *given: Tensor) -> Tensor:
        split = iter(given[self._inputs :])
        extra = [
            constant if kind is None else next(split).to(kind[0]).reshape(-1, *kind[1])
            for kind, constant in zip(self._kinds, self._constants, strict=True)
        ]
        output: Tensor = self.model(*given[: self._inputs], *extra)
        # What is cast to whole numbers has no gradient; here it is zero, which is what is meant.
        for one in given[self._inputs :]:
            held = (0 * one.sum(1)).reshape(-1, *[1] * (output.dim() - 1))
            output = output + held.to(output.dtype)
        return output


class TwoClasses(nn.Module):
    """A model with one number between 0 and 1, as the two classes [1 - f, f]."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: Tensor) -> Tensor:
        output: Tensor = self.model(*inputs)
        one = output.reshape(len(inputs[0]), 1)
        return torch.cat([1 - one, one], 1)


class ScoredClasses(Classes):
    """Classes whose confidences are what `score_func` makes of the outputs."""

    def __init__(self, names: Sequence[str], score_func: Callable[[Tensor], Tensor]) -> None:
        super().__init__(names)
        self._score_func = score_func

    def config(self) -> Mapping[str, Any]:
        return {**super().config(), "score_func": of_callable(self._score_func)}

    def probabilities(self, scores: Tensor) -> Tensor:
        return self._score_func(scores)

    def check(self, raw: Tensor) -> str | None:
        self._check_width(raw)
        return None
