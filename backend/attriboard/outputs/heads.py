"""Models with several heads: one output each, returned together as a dict or a tuple."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Head, Output, Places, Predictions, Scored
from attriboard.outputs.head_layout import HeadLayout, One
from attriboard.outputs.head_parts import figures_of, label_of, map_of, row_of
from attriboard.outputs.labels import Answer, ClassMap, HeadLabels, Label
from attriboard.outputs.per_pixel import PerPixel
from attriboard.outputs.per_token import PerToken
from attriboard.outputs.regression import Regression


class Heads(Output, Places):
    """Several outputs by name: `Heads({"kind": Classes([...]), "age": Regression("age")})`.

    The model returns a dict with these names, an object with attributes of these names, or a
    tuple in their order. A head may have scores at each pixel or position: `PerPixel`, `PerToken`.
    A label is a dict with a label for some of the heads, or a tuple. A row holds the heads'
    numbers one after another, in the order given, a head of positions last; targets are
    {"index": [head, class]}, {"index": [head, y, x, class]} or {"index": [head, position, class]},
    or that flat index.

    Examples are listed and filtered by the `main` head, the first where it is left out. The other
    heads' labels are metadata of that name, their figures columns such as `age_residual`.
    """

    reads = True
    what = "head"

    def __init__(self, heads: Mapping[str, Output], main: str | None = None) -> None:
        if not heads:
            raise InvalidInput("Heads needs at least one head: name -> output.", "output")
        self._layout = HeadLayout(heads)
        self._given = tuple(heads)
        self._all = self._layout.all
        if main is not None and main not in self._all:
            raise InvalidInput(
                f"main={main!r} is none of the heads: {', '.join(self._all)}.", "output"
            )
        self.main = self._given[0] if main is None else main
        self.kind = self._main.kind
        self.names = self._main.names
        self.unit = self._main.unit

    @property
    def _main(self) -> One:
        return self._all[self.main]

    @property
    def places(self) -> Places:
        return self

    @property
    def heads(self) -> Sequence[Head]:
        return self._layout.heads

    @property
    def width(self) -> int | None:
        return None if self._layout.open else self._layout.starts()[-1]

    def config(self) -> Mapping[str, Any]:
        heads = {name: dict(one.config()) for name, one in self._all.items()}
        return {"kind": "heads", "main": self.main, "heads": heads}

    # What the model returned

    def read(self, returned: Any, arguments: Mapping[str, Tensor]) -> Tensor:
        given = dict(zip(self._given, self._parts(returned), strict=True))
        parts = [row_of(name, one, given[name], arguments) for name, one in self._all.items()]
        return torch.cat([part.to(parts[0].dtype) for part in parts], 1)

    def _parts(self, returned: Any) -> list[Any]:
        """What was returned for each head, in the order given."""
        if isinstance(returned, Mapping):
            missing = [name for name in self._given if name not in returned]
            if missing:
                raise InvalidInput(
                    f"The model returns no {missing[0]!r}; it returns {', '.join(returned)}. Name "
                    "the heads as the model does.",
                    "output",
                )
            return [returned[name] for name in self._given]
        if all(hasattr(returned, name) for name in self._given):
            return [getattr(returned, name) for name in self._given]
        if isinstance(returned, tuple | list) and len(returned) == len(self._given):
            return list(returned)
        what = f"{len(returned)} parts" if isinstance(returned, tuple | list) else "one part"
        raise InvalidInput(
            f"The model returns {what}, but output= names {len(self._given)} heads. Return a dict "
            f"with the keys {', '.join(self._given)}, or a tuple in that order.",
            "output",
        )

    def _split(self, rows: Tensor) -> dict[str, Tensor]:
        """(..., F) rows as each head's own (..., F of it)."""
        starts = self._layout.starts(rows.shape[-1])
        bounds = zip(self._all, pairwise(starts), strict=True)
        return {name: rows[..., a:b] for name, (a, b) in bounds}

    def apart(self, raw: Tensor, padding: Tensor) -> Tensor:
        parts = self._split(raw).items()
        return torch.cat([self._all[name].apart(part, padding) for name, part in parts], -1)

    def check(self, raw: Tensor) -> str | None:
        found = [self._all[name].check(part) for name, part in self._split(raw).items()]
        said = [f"Head {n!r}: {odd}" for n, odd in zip(self._all, found, strict=True) if odd]
        return " ".join(said) or None

    def probabilities(self, scores: Tensor) -> Tensor:
        parts = self._split(scores).items()
        return torch.cat([self._all[name].probabilities(part) for name, part in parts], -1)

    # Places and targets

    def place(self, index: int) -> int:
        head = self._layout.head_at(index)
        within = index - self._layout.starts()[head]
        one = self._layout.outputs[head]
        step = one.place(within) if isinstance(one, PerPixel | PerToken) else 0
        return self._layout.first_places()[head] + step

    def start(self, place: int) -> int:
        head = self._layout.head_of(place)
        within = place - self._layout.first_places()[head]
        return self._layout.starts()[head] + within * len(self._layout.outputs[head].names)

    def count(self, row: Tensor) -> int:
        return sum(self._layout.counts(row.shape[-1]))

    def shape(self, row: Tensor) -> tuple[int, ...]:
        return (self.count(row),)

    def parts(self, row: Tensor) -> list[tuple[int, ...]]:
        rows = self._split(row)
        return [
            one.shape(rows[name]) if isinstance(one, PerPixel | PerToken) else (1,)
            for name, one in self._all.items()
        ]

    def name(self, index: int) -> str:
        head = self._layout.head_at(index)
        name, one = self._layout.names[head], self._layout.outputs[head]
        if isinstance(one, Regression):
            return name
        return f"{name}: {one.name(index - self._layout.starts()[head])}"

    def index(self, path: Sequence[Any]) -> int:
        if len(path) == 1:
            return self.checked(path[0])
        heads = len(self._all)
        known = path and isinstance(path[0], int) and 0 <= path[0] < heads
        dense = known and isinstance(self._layout.outputs[path[0]], PerPixel | PerToken)
        if not known or len(path) > (4 if dense else 2):
            raise InvalidInput(
                f"`target` is [head, class] for this output, with heads 0 to {heads - 1}, and "
                "[head, y, x, class] or [head, position, class] where it has pixels or positions.",
                "target",
            )
        one, starts = self._layout.outputs[path[0]], self._layout.starts()
        found: int = starts[path[0]] + (one.index(path[1:]) if dense else one.checked(path[1]))
        if path[0] + 1 < heads and found >= starts[path[0] + 1]:
            name, count = self._layout.names[path[0]], self._layout.counts()[path[0]]
            raise InvalidInput(f"The head {name!r} has {count} places, from 0.", "target")
        return found

    def scored(self, row: Tensor, place: int) -> list[Scored]:
        head = self._layout.head_of(place)
        start, one = self._layout.starts()[head], self._layout.outputs[head]
        own = self._split(row.detach())[self._layout.names[head]]
        if isinstance(one, PerPixel | PerToken):
            there = one.scored(own, place - self._layout.first_places()[head])
            return [replace(score, index=score.index + start) for score in there]
        scores = own.double()
        shares = one.probabilities(scores)
        pairs = zip(scores.tolist(), shares.tolist(), strict=True)
        return [Scored(start + i, one.names[i], s, p) for i, (s, p) in enumerate(pairs)]

    def map(self, row: Tensor) -> tuple[list[int], list[float]]:
        kinds: list[int] = []
        shares: list[float] = []
        for name, part in self._split(row.detach()).items():
            found = map_of(self._all[name], part)
            kinds += found[0]
            shares += found[1]
        return kinds, shares

    def own(self, row: Tensor) -> int | None:
        part = self._split(row)[self.main]
        start = self._layout.starts()[self._layout.names.index(self.main)]
        return start + (0 if self._main.lone else self._main.own(part) or 0)

    # Labels and predictions

    def label(self, value: Any) -> Label | None:
        if value is None:
            return None
        if isinstance(value, Mapping):
            unknown = [key for key in value if key not in self._all]
            if unknown:
                raise InvalidInput(
                    f"the label names {unknown[0]!r}, which is none of the heads: "
                    f"{', '.join(self._given)}.",
                    "label",
                )
            given = dict(value)
        elif isinstance(value, tuple | list) and len(value) == len(self._given):
            given = dict(zip(self._given, value, strict=True))
        else:
            raise InvalidInput(
                f"the label {value!r:.60} is no dict of heads. Give a label for each head: "
                f"{{{', '.join(repr(name) + ': ...' for name in self._given)}}}.",
                "label",
            )
        found = tuple(label_of(name, one, given.get(name)) for name, one in self._all.items())
        return None if all(part is None for part in found) else HeadLabels(found)

    def _own(self, name: str, label: Label | None) -> Answer | ClassMap | None:
        """The label of one head."""
        if not isinstance(label, HeadLabels):
            return None
        return label.values[self._layout.names.index(name)]

    def answer(self, label: Label | None) -> Answer | None:
        return self._main.answer(self._own(self.main, label))

    def label_name(self, label: Label | None) -> str | None:
        return self._main.label_name(self._own(self.main, label))

    def label_places(self, label: Label | None) -> list[int] | None:
        if not isinstance(label, HeadLabels):
            return None
        found: list[int] = []
        for value, count in zip(label.values, self._layout.counts(), strict=True):
            if isinstance(value, ClassMap):
                found += value.classes.flatten().tolist()
            else:
                found += [value if isinstance(value, int) else -1] * count
        return found

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

    def loss(self, probabilities: Tensor, labels: Sequence[Label | None]) -> Tensor:
        """The main head's."""
        part = self._split(probabilities)[self.main]
        shaped = part.reshape(len(part)) if self._main.kind == "regression" else part
        return self._main.loss(shaped, [self._own(self.main, label) for label in labels])

    def correct(self, predicted: Answer, label: Label) -> bool | None:
        truth = self._own(self.main, label)
        return None if truth is None else self._main.correct(predicted, truth)

    def verdicts(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> list[bool | None]:
        part = self._split(predictions.probabilities)[self.main]
        main = replace(predictions, probabilities=part, output=self._main)
        return self._main.verdicts(main, [self._own(self.main, label) for label in labels])

    def columns(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> Mapping[str, Sequence[float | None]]:
        """The main head's columns under their own names, the others' with the head's in front."""
        found: dict[str, Sequence[float | None]] = {}
        for name, shares in self._split(predictions.probabilities).items():
            own = [self._own(name, label) for label in labels]
            told = figures_of(self._all[name], shares, own, name != self.main)
            prefix = "" if name == self.main else f"{name}_"
            found |= {prefix + column: values for column, values in told.items()}
        return found
