"""Where the numbers of several heads stand in one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Head, Output
from attriboard.outputs.classes import Classes, MultiLabel
from attriboard.outputs.per_pixel import PerPixel
from attriboard.outputs.per_token import PerToken
from attriboard.outputs.regression import Regression

One: TypeAlias = Classes | MultiLabel | Regression | PerPixel | PerToken
Dense: TypeAlias = PerPixel | PerToken


class HeadLayout:
    """The heads' numbers one after another; places count through them in the same order.

    A plain head is one place. One of pixels or positions is as many as it has of these; positions,
    whose number differs between examples, come last, so that all else stands at the same index.
    """

    def __init__(self, heads: Mapping[str, Output]) -> None:
        checked = {name: _checked(name, one) for name, one in heads.items()}
        last = [name for name, one in checked.items() if isinstance(one, PerToken)]
        if len(last) > 1:
            raise InvalidInput(
                f"Heads takes one head of positions, and {' and '.join(last)} are. Leave one of "
                "them out, or name the pairs of their classes.",
                "output",
            )
        order = [*(name for name in checked if name not in last), *last]
        self.all: dict[str, One] = {name: checked[name] for name in order}
        self.names = tuple(self.all)
        self.outputs = tuple(self.all.values())

    @property
    def heads(self) -> list[Head]:
        return [_head(name, one) for name, one in self.all.items()]

    @property
    def open(self) -> bool:
        """Whether rows differ in length."""
        return isinstance(self.outputs[-1], PerToken)

    def counts(self, numbers: int | None = None) -> list[int]:
        """The places of each head in a row of so many numbers.

        That of the positions is 0 where `numbers` is not given.
        """
        fixed = [
            1 if isinstance(one, Classes | MultiLabel | Regression) else one.fixed_count
            for one in self.outputs
        ]
        taken = sum(
            len(one.names) * count
            for one, count in zip(self.outputs, fixed, strict=True)
            if count is not None
        )
        left = 0 if numbers is None else numbers - taken
        return [
            left // len(one.names) if count is None else count
            for one, count in zip(self.outputs, fixed, strict=True)
        ]

    def starts(self, numbers: int | None = None) -> list[int]:
        """The index of each head's first number, and of what would follow the last."""
        found = [0]
        for one, count in zip(self.outputs, self.counts(numbers), strict=True):
            found.append(found[-1] + len(one.names) * count)
        return found

    def first_places(self) -> list[int]:
        """The place that each head begins at."""
        found = [0]
        for count in self.counts()[:-1]:
            found.append(found[-1] + count)
        return found

    def head_at(self, index: int) -> int:
        """The head that the number at `index` belongs to."""
        starts = self.starts()[:-1]
        return max(head for head, start in enumerate(starts) if start <= index)

    def head_of(self, place: int) -> int:
        """The head that a place belongs to."""
        return max(head for head, first in enumerate(self.first_places()) if first <= place)


def _head(name: str, one: One) -> Head:
    if isinstance(one, PerPixel | PerToken):
        kind = one.heads[0].kind
        return Head(name, kind, one.names, None, one.what, one.of, one.background)
    return Head(name, one.kind, one.names, one.unit)


def _checked(name: str, one: Output) -> One:
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"A head's name is a text, not {name!r}.", "output")
    if isinstance(one, Classes | MultiLabel | Regression | PerPixel | PerToken):
        return one
    raise InvalidInput(
        f"The head {name!r} is {one!r:.60}; give Classes, MultiLabel, Regression, PerPixel or "
        "PerToken.",
        "output",
    )
