"""What an output is: how the model's raw rows and the dataset's labels are read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.labels import Answer, ClassMap, HeadLabels, Label


@dataclass(frozen=True)
class Predictions:
    """What the model said about N rows.

    `predicted` holds a class index, a number, or a tuple of class indices a row; `score` the
    confidence in it and `margin` its lead over the next best answer, both (N,) and NaN where the
    output has none; `probabilities` (N, K) for class outputs, the values themselves otherwise.
    """

    predicted: Sequence[Answer]
    score: Tensor
    margin: Tensor
    probabilities: Tensor
    output: Output

    def loss(self, labels: Sequence[Label | None]) -> Tensor:
        """The loss of each row against its label, shape (N,); NaN where there is no label."""
        return self.output.loss(self.probabilities, labels)

    def correct(self, labels: Sequence[Label | None]) -> list[bool | None]:
        """Whether each row is right; None where there is no label, or no right and wrong."""
        return self.output.verdicts(self, labels)


@dataclass(frozen=True)
class Head:
    """One set of scores: the whole of a plain output, of each place, or of one of several heads.

    kind: "classes", "multilabel" or "regression", which says how its scores are read. what:
    "position" or "pixel" where one of several heads has scores at many places; `of` and
    `background` are then as `Places` says.
    """

    name: str
    kind: str
    names: Sequence[str]
    unit: str | None = None
    what: str | None = None
    of: str | None = None
    background: int | None = None


@dataclass(frozen=True)
class Scored:
    """One number of a row: its index, name and score, and a probability where it has one."""

    index: int
    name: str
    score: float
    probability: float


class Places(ABC):
    """An output whose rows hold the scores of several places, one after another.

    what: "position", "pixel" or "head". of: the input whose tokens or pixels the places are, where
    it is known. heads: one for each head; a single one where all places have the same classes.
    background: the class that stands for "nothing here".
    """

    what: str
    of: str | None = None
    background: int | None = None

    @property
    @abstractmethod
    def heads(self) -> Sequence[Head]:
        """See above."""

    @abstractmethod
    def place(self, index: int) -> int:
        """The place that the number at `index` belongs to, from 0."""

    @abstractmethod
    def start(self, place: int) -> int:
        """The index of a place's first number."""

    @abstractmethod
    def count(self, row: Tensor) -> int:
        """How many places one raw row (F,) holds."""

    @abstractmethod
    def shape(self, row: Tensor) -> tuple[int, ...]:
        """The places laid out: (count,), or (H, W) for pixels."""

    def parts(self, row: Tensor) -> list[tuple[int, ...]]:
        """The places of each of the `heads`, laid out: (1,) for a plain one."""
        return [self.shape(row)]

    @abstractmethod
    def scored(self, row: Tensor, place: int) -> list[Scored]:
        """The scores of one place of a raw row (F,), in the order of its classes."""

    @abstractmethod
    def map(self, row: Tensor) -> tuple[list[int], list[float]]:
        """The likeliest class of each place, and its probability (NaN where it has none).

        The class of a position that is padding is -1.
        """


class Output(ABC):
    """The meaning of the model's output and of the dataset's labels."""

    kind: str
    """What is said of an example as a whole: "classes", "multilabel" or "regression"."""
    names: list[str]
    unit: str | None = None
    reads: ClassVar[bool] = False
    """Whether `read` makes (N, K) rows of what the model returns; they are such rows if not."""

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
    def correct(self, predicted: Answer, label: Label) -> bool | None:
        """Whether a prediction is right; None for outputs with no right and wrong."""

    def verdicts(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> list[bool | None]:
        """Whether each row is right; None where there is no label, or no right and wrong."""
        return [
            None if label is None else self.correct(predicted, label)
            for predicted, label in zip(predictions.predicted, labels, strict=True)
        ]

    def apart(self, raw: Tensor, padding: Tensor) -> Tensor:
        """Raw outputs (N, F), to be read and not explained, with NaN where a position is padding.

        padding: (N, L), true at those positions. Outputs of another number of places stay.
        """
        return raw

    def read(self, returned: Any, arguments: Mapping[str, Tensor]) -> Tensor:
        """What the model returned for N rows as (N, F), each number at the index targets use.

        arguments: what the model was given, by the input's name. Called where `reads` is set.
        """
        raise NotImplementedError

    def answer(self, label: Label | None) -> Answer | None:
        """The label of the example as a whole, which examples are listed and filtered by."""
        return None if isinstance(label, ClassMap | HeadLabels) else label

    def label_places(self, label: Label | None) -> list[int] | None:
        """The class of each place, -1 where there is none; None where places have no labels."""
        return label.classes.flatten().tolist() if isinstance(label, ClassMap) else None

    def facts(self, label: Label | None) -> Mapping[str, Any]:
        """What else the label tells, as metadata of the example."""
        return {}

    @property
    def places(self) -> Places | None:
        """The places (positions, pixels, heads) that each have scores of their own, if any."""
        return None

    # Targets: which number of a row is explained

    @property
    def lone(self) -> bool:
        """Whether the output is one number, which needs no index."""
        return False

    def index(self, path: Sequence[Any]) -> int:
        """Where the number stands in a row; `path` holds one index for plain outputs.

        Raises InvalidInput, field "target".
        """
        if len(path) != 1:
            raise InvalidInput(
                "`target` must be null (the model's own prediction), the index of a class, "
                '{"index": [class]} or {"contrast": [class, other class]}.',
                "target",
            )
        return self.checked(path[0])

    def checked(self, index: Any) -> int:
        """An index of a row, from 0. Raises InvalidInput, field "target"."""
        if isinstance(index, bool) or not isinstance(index, int):
            raise InvalidInput(f"`target` holds {index!r}: give the index of a class.", "target")
        last = None if self.width is None else self.width - 1
        if index < 0 or (last is not None and index > last):
            classes = "is one number, index 0" if last == 0 else f"has classes 0 to {last}"
            raise InvalidInput(f"There is no target {index}: the output {classes}.", "target")
        return index

    @property
    def width(self) -> int | None:
        """How many numbers a row has; None where examples differ."""
        return len(self.names)

    def name(self, index: int) -> str:
        """What the number at `index` is called."""
        return self.names[index]

    def own(self, row: Tensor) -> int | None:
        """The index of the model's own prediction in one raw row (F,); None for a lone number."""
        return None if self.lone else int(row.argmax())

    def columns(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> Mapping[str, Sequence[float | None]]:
        """Further numbers of each row that examples can be filtered and sorted by, by name."""
        return {}

    def label_name(self, label: Label | None) -> str | None:
        """The label in words; None where there is none."""
        if label is None:
            return None
        said = self.answer(label)
        if said is None:
            return None
        if isinstance(said, tuple):
            return ", ".join(self.names[index] for index in said) or "none"
        return self.names[int(said)]

    def config(self) -> Mapping[str, Any]:
        """What decides how outputs and labels are read, as JSON."""
        return {"kind": self.kind, "names": self.names}
