"""Outputs that are numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Output, Predictions
from attriboard.outputs.labels import Answer, Label, number


class Regression(Output):
    """One number; the model returns shape (N,) or (N, 1).

    The loss is the squared error. `residual` (prediction - label) and `abs_residual` are columns
    of the catalog, in the number's own unit.
    """

    kind = "regression"

    def __init__(self, name: str, unit: str | None = None) -> None:
        if not isinstance(name, str) or not name:
            raise InvalidInput("Regression needs the name of the number predicted.", "output")
        self.names = [name]
        self.unit = unit

    def label(self, value: Any) -> Label | None:
        return number(value)

    def label_name(self, label: Label | None) -> str | None:
        if not isinstance(label, (int, float)):
            return None
        return f"{label:g} {self.unit}" if self.unit else f"{label:g}"

    def config(self) -> Mapping[str, Any]:
        return {**super().config(), "unit": self.unit}

    @property
    def lone(self) -> bool:
        return True

    def name(self, index: int) -> str:
        return self.names[0]

    def check(self, raw: Tensor) -> str | None:
        if raw.dim() == 1 or (raw.dim() == 2 and raw.shape[1] == 1):
            return None
        raise InvalidInput(
            f"The model returns shape {tuple(raw.shape[1:])} per example, but output= is a "
            "Regression, which is one number. Use Classes or MultiLabel for several scores, or "
            "wrap the model to return the one number.",
            "output",
        )

    def probabilities(self, scores: Tensor) -> Tensor:
        return torch.full_like(scores, math.nan)

    def predictions(self, raw: Tensor) -> Predictions:
        values = raw.detach().double().reshape(len(raw))
        predicted: list[float] = values.tolist()
        nothing = torch.full_like(values, math.nan)
        return Predictions(predicted, nothing, nothing.clone(), values, self)

    def loss(self, probabilities: Tensor, labels: Sequence[Label | None]) -> Tensor:
        truth = torch.tensor([math.nan if label is None else label for label in labels])
        return (probabilities.cpu() - truth.double()) ** 2

    def columns(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> Mapping[str, Sequence[float | None]]:
        pairs = zip(predictions.predicted, labels, strict=True)
        found = [_difference(predicted, label) for predicted, label in pairs]
        if all(value is None for value in found):
            return {}
        return {
            "residual": found,
            "abs_residual": [None if value is None else abs(value) for value in found],
        }

    def correct(self, predicted: Answer, label: Label) -> bool | None:
        return None


def _difference(predicted: Answer, label: Label | None) -> float | None:
    if isinstance(predicted, tuple) or not isinstance(label, int | float):
        return None
    return float(predicted) - float(label)
