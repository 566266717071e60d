"""A decoder's scores of the token that comes next, at every position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Predictions
from attriboard.outputs.classes import Scores
from attriboard.outputs.grid import Grid
from attriboard.outputs.labels import Answer, Label, class_index


class NextToken(Grid):
    """Which token follows: a decoder returns (N, L, V), scores of V tokens after each position.

    vocabulary: the tokens in the order of their ids, a mapping from token to id or from id to
    token, or a tokenizer of `transformers` or `tokenizers`. Each example is predicted, and
    labelled where the dataset knows it, with the token after `position`, the last by default
    (negative positions count from the end, padding aside). On the page any position can be chosen,
    and among many tokens they are searched. `of` names the text; it may be left out where there is
    one.

    Targets are {"index": [position, token]}, or the flat index position * V + token.
    """

    kind = "classes"
    what = "position"

    def __init__(
        self,
        vocabulary: Any,
        scores: Scores = "logits",
        *,
        position: int = -1,
        of: str | None = None,
    ) -> None:
        super().__init__(_names(vocabulary), scores, None, of)
        self.position = position

    def config(self) -> Mapping[str, Any]:
        return {**super().config(), "position": self.position}

    def grid(self, returned: Tensor) -> Tensor:
        if returned.ndim == 3:
            return returned
        raise InvalidInput(
            f"The model returns shape {tuple(returned.shape)}; NextToken needs (N, L, V): a score "
            "of each token at each position.",
            "output",
        )

    def place_name(self, place: int) -> str:
        return f"position {place}"

    def name(self, index: int) -> str:
        place, token = divmod(index, len(self.names))
        return f"{self.names[token]} after position {place}"

    def _place(self, count: int) -> int:
        """The position that stands for the example, of `count`."""
        place = self.position + count if self.position < 0 else self.position
        return min(max(place, 0), count - 1)

    def own(self, row: Tensor) -> int | None:
        rows = self.split(row)
        place = self._place(_answered(rows))
        return self.start(place) + int(rows[place].argmax())

    def check(self, raw: Tensor) -> str | None:
        return super().check(raw[:1, : len(self.names)])

    # The example as a whole is its one position: a class as any other.

    def label(self, value: Any) -> Label | None:
        return class_index(value, self.names)

    def answer(self, label: Label | None) -> Answer | None:
        return label if isinstance(label, int) else None

    def predictions(self, raw: Tensor) -> Predictions:
        rows = self.split(raw.detach())
        asked = [self._place(_answered(row)) for row in rows]
        found = self._classes.predictions(rows[range(len(rows)), asked])
        shares = found.probabilities
        return Predictions(found.predicted, found.score, found.margin, shares, self)

    def loss(self, probabilities: Tensor, labels: Sequence[Label | None]) -> Tensor:
        return self._classes.loss(probabilities, labels)

    def verdicts(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> list[bool | None]:
        return self._classes.verdicts(predictions, labels)

    def columns(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> Mapping[str, Sequence[float | None]]:
        return {}


def _answered(rows: Tensor) -> int:
    """How many positions of (L, V) come before padding; all where none is known to be."""
    return int((~rows[:, 0].isnan()).sum()) or len(rows)


def _names(vocabulary: Any) -> list[str]:
    """Tokens in the order of their ids; ids that no token has are called by their number."""
    if hasattr(vocabulary, "get_vocab"):
        vocabulary = vocabulary.get_vocab()
    if isinstance(vocabulary, Mapping):
        pairs = [(k, v) if isinstance(k, int) else (v, k) for k, v in vocabulary.items()]
        named = {index: str(token) for index, token in pairs}
        found = [named.get(index, f"id {index}") for index in range(max(named, default=-1) + 1)]
    elif isinstance(vocabulary, Sequence) and not isinstance(vocabulary, str):
        found = [str(token) for token in vocabulary]
    else:
        raise InvalidInput(
            "NextToken needs a vocabulary: tokens in the order of their ids, a dict from token to "
            "id, or a tokenizer.",
            "output",
        )
    return _distinct(found)


def _distinct(names: list[str]) -> list[str]:
    """Names that are all different: one that comes again carries its id."""
    seen: set[str] = set()
    found = []
    for index, name in enumerate(names):
        found.append(f"{name} ({index})" if name in seen else name)
        seen.add(found[-1])
    return found
