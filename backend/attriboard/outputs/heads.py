"""Models with several heads: one output each, returned together as a dict or a tuple."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Head, Output, Places, Predictions, Scored
from attriboard.outputs.classes import Classes, MultiLabel
from attriboard.outputs.labels import Answer, HeadLabels, Label
from attriboard.outputs.regression import Regression

One = Classes | MultiLabel | Regression


class Heads(Output, Places):
    """Several outputs by name: `Heads({"kind": Classes([...]), "age": Regression("age")})`.

    The model returns a dict with these names, an object with attributes of these names, or a
    tuple in their order. A label is a dict with a label for some of the heads, or a tuple.
    A row holds the heads' numbers one after another, in the order given; targets are
    {"index": [head, class]}, or that flat index.

    Examples are listed and filtered by the `main` head, the first where it is left out. The other
    heads' labels are metadata of that name, their figures columns such as `age_residual`.
    """

    reads = True
    what = "head"

    def __init__(self, heads: Mapping[str, Output], main: str | None = None) -> None:
        if not heads:
            raise InvalidInput("Heads needs at least one head: name -> output.", "output")
        self._all: dict[str, One] = {name: _checked(name, one) for name, one in heads.items()}
        if main is not None and main not in self._all:
            raise InvalidInput(
                f"main={main!r} is none of the heads: {', '.join(self._all)}.", "output"
            )
        self.main = next(iter(self._all)) if main is None else main
        self.kind = self._main.kind
        self.names = self._main.names
        self.unit = self._main.unit
        self._starts = [0]
        for one in self._all.values():
            self._starts.append(self._starts[-1] + len(one.names))

    @property
    def _main(self) -> One:
        return self._all[self.main]

    @property
    def places(self) -> Places:
        return self

    @property
    def heads(self) -> Sequence[Head]:
        return [Head(name, one.kind, one.names, one.unit) for name, one in self._all.items()]

    @property
    def width(self) -> int | None:
        return self._starts[-1]

    def config(self) -> Mapping[str, Any]:
        heads = {name: dict(one.config()) for name, one in self._all.items()}
        return {"kind": "heads", "main": self.main, "heads": heads}

    # What the model returned

    def read(self, returned: Any, arguments: Mapping[str, Tensor]) -> Tensor:
        parts = []
        for name, part in zip(self._all, self._parts(returned), strict=True):
            found = torch.as_tensor(part)
            parts.append(found[:, None] if found.ndim == 1 else found)
            self._check_shape(name, parts[-1])
        return torch.cat([part.to(parts[0].dtype) for part in parts], 1)

    def _parts(self, returned: Any) -> list[Any]:
        """What was returned for each head, in order."""
        if isinstance(returned, Mapping):
            missing = [name for name in self._all if name not in returned]
            if missing:
                raise InvalidInput(
                    f"The model returns no {missing[0]!r}; it returns {', '.join(returned)}. Name "
                    "the heads as the model does.",
                    "output",
                )
            return [returned[name] for name in self._all]
        if all(hasattr(returned, name) for name in self._all):
            return [getattr(returned, name) for name in self._all]
        if isinstance(returned, tuple | list) and len(returned) == len(self._all):
            return list(returned)
        what = f"{len(returned)} parts" if isinstance(returned, tuple | list) else "one part"
        raise InvalidInput(
            f"The model returns {what}, but output= names {len(self._all)} heads. Return a dict "
            f"with the keys {', '.join(self._all)}, or a tuple in that order.",
            "output",
        )

    def _check_shape(self, name: str, part: Tensor) -> None:
        wanted = len(self._all[name].names)
        if part.ndim != 2 or part.shape[1] != wanted:
            raise InvalidInput(
                f"The head {name!r} returns shape {tuple(part.shape)}, but output= names {wanted} "
                f"number{'' if wanted == 1 else 's'} for it: it must be (N, {wanted}).",
                "output",
            )

    def _split(self, rows: Tensor) -> dict[str, Tensor]:
        """(N, F) rows as each head's own (N, K)."""
        bounds = zip(self._starts, self._starts[1:], strict=False)
        return {name: rows[:, a:b] for name, (a, b) in zip(self._all, bounds, strict=True)}

    def check(self, raw: Tensor) -> str | None:
        found = [self._all[name].check(part) for name, part in self._split(raw).items()]
        said = [f"Head {n!r}: {odd}" for n, odd in zip(self._all, found, strict=True) if odd]
        return " ".join(said) or None

    def probabilities(self, scores: Tensor) -> Tensor:
        parts = self._split(scores.reshape(-1, self._starts[-1]))
        found = [self._all[name].probabilities(part) for name, part in parts.items()]
        return torch.cat(found, 1).reshape(scores.shape)

    # Places and targets

    def place(self, index: int) -> int:
        return max(place for place, start in enumerate(self._starts[:-1]) if start <= index)

    def start(self, place: int) -> int:
        return self._starts[place]

    def count(self, row: Tensor) -> int:
        return len(self._all)

    def shape(self, row: Tensor) -> tuple[int, ...]:
        return (len(self._all),)

    def name(self, index: int) -> str:
        place = self.place(index)
        head = self.heads[place]
        if head.kind == "regression":
            return head.name
        return f"{head.name}: {head.names[index - self._starts[place]]}"

    def index(self, path: Sequence[Any]) -> int:
        if len(path) == 1:
            return self.checked(path[0])
        places = len(self._all)
        if len(path) != 2 or not isinstance(path[0], int) or not 0 <= path[0] < places:
            raise InvalidInput(
                f"`target` is [head, class] for this output, with heads 0 to {places - 1}.",
                "target",
            )
        return self._starts[path[0]] + list(self._all.values())[path[0]].checked(path[1])

    def scored(self, row: Tensor, place: int) -> list[Scored]:
        start, one = self._starts[place], list(self._all.values())[place]
        scores = row.detach()[start : start + len(one.names)].double()
        shares = one.probabilities(scores)
        pairs = zip(scores.tolist(), shares.tolist(), strict=True)
        return [Scored(start + i, one.names[i], s, p) for i, (s, p) in enumerate(pairs)]

    def map(self, row: Tensor) -> tuple[list[int], list[float]]:
        best = [max(self.scored(row, p), key=lambda one: one.score) for p in range(len(self._all))]
        kinds = [one.index - self._starts[place] for place, one in enumerate(best)]
        return kinds, [one.probability for one in best]

    def own(self, row: Tensor) -> int | None:
        place = list(self._all).index(self.main)
        start = self._starts[place]
        return start + int(row[start : self._starts[place + 1]].argmax())

    # Labels and predictions

    def label(self, value: Any) -> Label | None:
        if value is None:
            return None
        if isinstance(value, Mapping):
            unknown = [key for key in value if key not in self._all]
            if unknown:
                raise InvalidInput(
                    f"the label names {unknown[0]!r}, which is none of the heads: "
                    f"{', '.join(self._all)}.",
                    "label",
                )
            given = [value.get(name) for name in self._all]
        elif isinstance(value, tuple | list) and len(value) == len(self._all):
            given = list(value)
        else:
            raise InvalidInput(
                f"the label {value!r:.60} is no dict of heads. Give a label for each head: "
                f"{{{', '.join(repr(name) + ': ...' for name in self._all)}}}.",
                "label",
            )
        pairs = zip(self._all.items(), given, strict=True)
        found = tuple(_answer(name, one, value) for (name, one), value in pairs)
        return None if all(part is None for part in found) else HeadLabels(found)

    def answer(self, label: Label | None) -> Answer | None:
        if not isinstance(label, HeadLabels):
            return None
        return label.values[list(self._all).index(self.main)]

    def label_name(self, label: Label | None) -> str | None:
        return self._main.label_name(self.answer(label))

    def facts(self, label: Label | None) -> Mapping[str, Any]:
        if not isinstance(label, HeadLabels):
            return {}
        pairs = zip(self._all.items(), label.values, strict=True)
        return {
            name: value if one.kind == "regression" else one.label_name(value)
            for (name, one), value in pairs
            if name != self.main
        }

    def predictions(self, raw: Tensor) -> Predictions:
        parts = {n: self._all[n].predictions(part) for n, part in self._split(raw).items()}
        main = parts[self.main]
        shares = [part.probabilities.reshape(len(raw), -1) for part in parts.values()]
        return Predictions(main.predicted, main.score, main.margin, torch.cat(shares, 1), self)

    def _own(self, name: str, labels: Sequence[Label | None]) -> list[Answer | None]:
        """The labels of one head."""
        place = list(self._all).index(name)
        return [one.values[place] if isinstance(one, HeadLabels) else None for one in labels]

    def loss(self, probabilities: Tensor, labels: Sequence[Label | None]) -> Tensor:
        """The main head's."""
        part = self._split(probabilities)[self.main]
        shaped = part.reshape(len(part)) if self._main.kind == "regression" else part
        return self._main.loss(shaped, self._own(self.main, labels))

    def correct(self, predicted: Answer, label: Label) -> bool | None:
        truth = self.answer(label)
        return None if truth is None else self._main.correct(predicted, truth)

    def columns(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> Mapping[str, Sequence[float | None]]:
        """The main head's columns under their own names, the others' with the head's in front."""
        found: dict[str, Sequence[float | None]] = {}
        for name, shares in self._split(predictions.probabilities).items():
            own = self._own(name, labels)
            told = _figures(self._all[name], shares, own, name != self.main)
            prefix = "" if name == self.main else f"{name}_"
            found |= {prefix + column: values for column, values in told.items()}
        return found


def _figures(
    one: One, shares: Tensor, labels: Sequence[Answer | None], apart: bool
) -> Mapping[str, Sequence[float | None]]:
    """A head's columns, from probabilities (N, K), or its numbers (N, 1).

    apart: with what the catalog says of the main head alone: its score and whether it is right.
    """
    if isinstance(one, Regression):
        said = one.predictions(shares)
        own = dict(one.columns(said, labels))
        return {"predicted": _numbers(shares[:, 0]), **own} if apart else own
    if not apart:
        return {}
    known = type(one)(one.names, "probabilities").predictions(shares)
    right = [None if one is None else float(one) for one in known.correct(labels)]
    judged = {} if all(value is None for value in right) else {"correct": right}
    return {"score": _numbers(known.score), **judged}


def _numbers(values: Tensor) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]


def _checked(name: str, one: Output) -> One:
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"A head's name is a text, not {name!r}.", "output")
    if isinstance(one, Classes | MultiLabel | Regression):
        return one
    raise InvalidInput(
        f"The head {name!r} is {one!r:.60}; give Classes, MultiLabel or Regression.", "output"
    )


def _answer(name: str, one: One, value: Any) -> Answer | None:
    try:
        found = one.label(value)
    except InvalidInput as error:
        raise InvalidInput(f"head {name!r}: {error}", error.field) from None
    return one.answer(found)
