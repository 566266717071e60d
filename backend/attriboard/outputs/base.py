"""What an output is: how the model's raw rows and the dataset's labels are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor

from attriboard.outputs.labels import Label


@dataclass(frozen=True)
class Predictions:
    """What the model said about N rows.

    `predicted` holds a class index, a number, or a tuple of class indices a row; `score` the
    confidence in it and `margin` its lead over the next best answer, both (N,) and NaN where the
    output has none; `probabilities` (N, K) for class outputs, the values themselves otherwise.
    """

    predicted: Sequence[Label]
    score: Tensor
    margin: Tensor
    probabilities: Tensor
    output: Output

    def loss(self, labels: Sequence[Label | None]) -> Tensor:
        """The loss of each row against its label, shape (N,); NaN where there is no label."""
        return self.output.loss(self.probabilities, labels)

    def correct(self, labels: Sequence[Label | None]) -> list[bool | None]:
        """Whether each row is right; None where there is no label, or no right and wrong."""
        return [
            None if label is None else self.output.correct(predicted, label)
            for predicted, label in zip(self.predicted, labels, strict=True)
        ]


class Output(ABC):
    """The meaning of the model's output and of the dataset's labels."""

    kind: ClassVar[str]
    names: list[str]
    unit: str | None = None

    @abstractmethod
    def label(self, value: Any) -> Label | None:
        """The dataset's label as plain Python, or None; `InvalidInput` where it cannot be one."""

    @abstractmethod
    def check(self, raw: Tensor) -> str | None:
        """Refuse raw outputs of a wrong shape or range; return a warning where they look odd."""

    @abstractmethod
    def probabilities(self, scores: Tensor) -> Tensor:
        """Probabilities in the shape of `scores`; NaN where the output has none."""

    @abstractmethod
    def predictions(self, raw: Tensor) -> Predictions:
        """What raw outputs (N, ...) say, row by row."""

    @abstractmethod
    def loss(self, probabilities: Tensor, labels: Sequence[Label | None]) -> Tensor:
        """The loss of each row, shape (N,); NaN where there is no label."""

    @abstractmethod
    def correct(self, predicted: Label, label: Label) -> bool | None:
        """Whether a prediction is right; None for outputs with no right and wrong."""

    def columns(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> Mapping[str, Sequence[float | None]]:
        """Further numbers of each row that examples can be filtered and sorted by, by name."""
        return {}

    def label_name(self, label: Label | None) -> str | None:
        """The label in words; None where there is none."""
        if label is None:
            return None
        if isinstance(label, tuple):
            return ", ".join(self.names[index] for index in label) or "none"
        return self.names[int(label)]

    def config(self) -> Mapping[str, Any]:
        """What decides how outputs and labels are read, as JSON."""
        return {"kind": self.kind, "names": self.names}
