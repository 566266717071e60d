"""Outputs with the same named classes at every one of many places, such as tokens or pixels."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Head, Output, Places, Predictions, Scored
from attriboard.outputs.classes import Classes, Scores
from attriboard.outputs.labels import IGNORED, Answer, ClassMap, Label, class_map


class Grid(Output, Places):
    """A row holds P places of K classes: the number of class k at place p stands at p * K + k.

    An example as a whole is labelled and predicted with the classes that occur in it, the
    `background` aside. It is right where every labelled place is; `accuracy`, a column of the
    catalog, is the share of them that are. Its score is the mean over its places of the
    predicted class's probability, its margin the least lead of any place.
    """

    kind = "multilabel"
    reads = True
    dims = 1

    def __init__(
        self, names: Sequence[str], scores: Scores, background: str | None, of: str | None
    ) -> None:
        self._classes = Classes(names, scores)
        self.names = self._classes.names
        if background is not None and background not in self.names:
            raise InvalidInput(f"background={background!r} is not among the names.", "output")
        self.background = None if background is None else self.names.index(background)
        self.of = of

    @property
    def fixed_count(self) -> int | None:
        """How many places every example has; None where examples differ."""
        return None

    @property
    def places(self) -> Places:
        return self

    @property
    def heads(self) -> Sequence[Head]:
        return (Head("", "classes", self.names),)

    @property
    def width(self) -> int | None:
        return None

    def config(self) -> Mapping[str, Any]:
        own = {"places": type(self).__name__, "background": self.background, "of": self.of}
        return {**self._classes.config(), **own}

    # What the model returned

    @abstractmethod
    def grid(self, returned: Tensor) -> Tensor:
        """The model's scores as (N, ..., K), classes last. InvalidInput where they cannot be."""

    def read(self, returned: Any, arguments: Mapping[str, Tensor]) -> Tensor:
        returned = getattr(returned, "logits", returned)
        if isinstance(returned, tuple | list) and returned:
            returned = returned[0]
        found = self.grid(torch.as_tensor(returned))
        if found.shape[-1] != len(self.names):
            raise InvalidInput(
                f"The model returns {found.shape[-1]} scores for each place, but output= names "
                f"{len(self.names)} classes. Give one name for each score, in its order.",
                "output",
            )
        return found.flatten(1)

    def apart(self, raw: Tensor, padding: Tensor) -> Tensor:
        rows = self.split(raw)
        if self.what != "position" or rows.shape[:2] != padding.shape or not padding.any():
            return raw
        return rows.masked_fill(padding.to(rows.device)[..., None], math.nan).flatten(1)

    def check(self, raw: Tensor) -> str | None:
        return self._classes.check(raw.reshape(-1, len(self.names)))

    def split(self, raw: Tensor) -> Tensor:
        """(N, F) or (F,) -> (..., P, K)."""
        split: Tensor = raw.unflatten(-1, (-1, len(self.names)))
        return split

    def probabilities(self, scores: Tensor) -> Tensor:
        return self._classes.probabilities(self.split(scores)).flatten(-2)

    # Places and targets

    def place(self, index: int) -> int:
        return index // len(self.names)

    def start(self, place: int) -> int:
        return place * len(self.names)

    def count(self, row: Tensor) -> int:
        return row.numel() // len(self.names)

    def shape(self, row: Tensor) -> tuple[int, ...]:
        return (self.count(row),)

    @abstractmethod
    def place_name(self, place: int) -> str:
        """Where a place is, such as "position 3"."""

    def name(self, index: int) -> str:
        place, kind = divmod(index, len(self.names))
        return f"{self.names[kind]} at {self.place_name(place)}"

    def index(self, path: Sequence[Any]) -> int:
        if len(path) == 1:
            return self.checked(path[0])
        if len(path) != 2:
            raise InvalidInput("`target` is [place, class] for this output.", "target")
        place, kind = self.checked(path[0]), self._classes.checked(path[1])
        return self.start(place) + kind

    def scored(self, row: Tensor, place: int) -> list[Scored]:
        one = self.split(row.detach())[place].double()
        shares = self._classes.probabilities(one)
        start = self.start(place)
        pairs = zip(one.tolist(), shares.tolist(), strict=True)
        return [Scored(start + i, self.names[i], s, p) for i, (s, p) in enumerate(pairs)]

    def map(self, row: Tensor) -> tuple[list[int], list[float]]:
        value, kind = self._best(row)
        kinds = kind.masked_fill(value.isnan(), -1)
        return kinds.tolist(), [round(share, 4) for share in value.tolist()]

    def own(self, row: Tensor) -> int | None:
        """The predicted class of the place the model is surest of, background places aside."""
        value, kind = self._best(row)
        value, there = value.nan_to_num(-2.0), ~value.isnan()
        if self.background is not None and bool((kind != self.background)[there].any()):
            value = value.masked_fill(kind == self.background, -1.0)
        place = int(value.argmax())
        return self.start(place) + int(kind[place])

    def _best(self, raw: Tensor) -> tuple[Tensor, Tensor]:
        """Probability and index of the likeliest class of each place."""
        best = self._classes.probabilities(self.split(raw.detach()).double()).max(-1)
        return best.values, best.indices

    # Labels and predictions

    def label(self, value: Any) -> Label | None:
        return class_map(value, self.names, self.dims)

    def answer(self, label: Label | None) -> Answer | None:
        if not isinstance(label, ClassMap):
            return None
        return self._occurring(label.classes[label.classes != IGNORED])

    def _occurring(self, classes: Tensor) -> tuple[int, ...]:
        found = classes.unique().tolist()
        return tuple(kind for kind in found if kind != self.background)

    def predictions(self, raw: Tensor) -> Predictions:
        shares = self._classes.probabilities(self.split(raw.detach().double()))
        best = shares.topk(min(2, shares.shape[-1]), dim=-1)
        there = _there(shares)
        rows = zip(best.indices[..., 0], there, strict=True)
        predicted = [self._occurring(kinds[known]) for kinds, known in rows]
        lead = best.values[..., 0] - best.values[..., 1:].sum(-1)
        least = lead.masked_fill(~there, math.inf).amin(1)
        margin = least.masked_fill(~there.any(1), math.nan)
        score = best.values[..., 0].nanmean(1)
        return Predictions(predicted, score, margin, shares.flatten(1), self)

    def loss(self, probabilities: Tensor, labels: Sequence[Label | None]) -> Tensor:
        """Cross-entropy, the mean over the labelled places."""
        losses = []
        for row, label in zip(self.split(probabilities.cpu()), labels, strict=True):
            truth = self._truth(label, len(row))
            known = (truth != IGNORED) & _there(row)
            picked = row.gather(1, truth.clamp_min(0)[:, None])[:, 0][known]
            tiny = torch.finfo(picked.dtype).tiny
            mean = -picked.clamp_min(tiny).log().mean() if len(picked) else torch.tensor(math.nan)
            losses.append(mean.double())
        return torch.stack(losses) if losses else torch.zeros(0)

    def correct(self, predicted: Answer, label: Label) -> bool | None:
        return predicted == self.answer(label)

    def verdicts(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> list[bool | None]:
        shares = self._right(predictions, labels)
        return [None if share is None else share == 1 for share in shares]

    def columns(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> Mapping[str, Sequence[float | None]]:
        found = self._right(predictions, labels)
        return {} if all(share is None for share in found) else {"accuracy": found}

    def _right(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> list[float | None]:
        """The share of each row's labelled places that are right."""
        found: list[float | None] = []
        for row, label in zip(self.split(predictions.probabilities.cpu()), labels, strict=True):
            truth = self._truth(label, len(row))
            known = (truth != IGNORED) & _there(row)
            same = (row.argmax(-1) == truth)[known]
            found.append(float(same.double().mean()) if len(same) else None)
        return found

    def _truth(self, label: Label | None, count: int) -> Tensor:
        """The class of each of `count` places (count,), IGNORED where there is no label."""
        truth = torch.full((count,), IGNORED)
        if isinstance(label, ClassMap):
            flat = label.classes.flatten()[:count]
            truth[: len(flat)] = flat
        return truth


def _there(rows: Tensor) -> Tensor:
    """(..., P, K) -> (..., P): whether a place was answered; padding (see `apart`) was not."""
    return ~rows[..., 0].isnan()
