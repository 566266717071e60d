"""Columns of a table: what a value means, and the numbers it becomes for the model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from attriboard.engine.errors import InvalidInput

Encoding: TypeAlias = Literal["onehot", "code"]
Value: TypeAlias = float | str | None  # as people read it; None where it is missing
SHOWN = 6  # categories listed in a message


class BadValue(Exception):
    """A value that a column cannot hold; the message is a whole sentence."""


@dataclass(frozen=True)
class Column:
    """One column of a table.

    unit: of its numbers, such as "years". mean, std: how the model's numbers are scaled,
        number = (value - mean) / std.
    categories: makes the column categorical. They stand in the order of the model's numbers, and
        values are one of them, or a whole number that is the place of one.
    encoding: "onehot" (one number a category) or "code" (one number, the category's place, which
        the model looks up in an embedding).
    missing: the value taken where the data has none; NaN hands NaN to the model. Without it a
        missing value is an error that names the column.
    group: columns of one group can be removed together.

    Raises InvalidInput for settings that contradict one another.
    """

    name: str
    unit: str | None = None
    categories: Sequence[Any] | None = None
    encoding: Encoding = "onehot"
    mean: float = 0.0
    std: float = 1.0
    missing: Any = None
    group: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise InvalidInput(f"A column's name must be a text, not {self.name!r}.", "columns")
        if self.encoding not in ("onehot", "code"):
            raise self._invalid(f'encoding= is "onehot" or "code", not {self.encoding!r}.')
        if not (math.isfinite(self.mean) and math.isfinite(self.std)) or self.std <= 0:
            raise self._invalid("mean= must be a number and std= one above zero.")
        if self.categories is None:
            return
        kept = tuple(plain(value) for value in self.categories)
        if not kept or len(set(kept)) < len(kept):
            raise self._invalid("categories= must name each category once, and at least one.")
        if (self.mean, self.std) != (0.0, 1.0):
            raise self._invalid("mean= and std= are for numbers, not for categories.")
        object.__setattr__(self, "categories", kept)

    def _invalid(self, message: str) -> InvalidInput:
        return InvalidInput(f"Column {self.name!r}: {message}", "columns")

    @property
    def width(self) -> int:
        """How many of the model's numbers this column takes."""
        onehot = self.categories is not None and self.encoding == "onehot"
        return len(self.categories or ()) if onehot else 1

    @property
    def coded(self) -> bool:
        """Whether the model is given the category's place."""
        return self.categories is not None and self.encoding == "code"

    def read(self, value: Any) -> Value:
        """A raw value as people read it; None where it is missing. Raises BadValue."""
        value = plain(value)
        if absent(value):
            return None
        if self.categories is not None:
            return str(self.categories[self._place(value)])
        try:
            return float(value)
        except (TypeError, ValueError):
            raise BadValue(
                f"column {self.name!r} holds {value!r:.60}, which is no number. Give "
                f"Column({self.name!r}, categories=[...]) where it is a category."
            ) from None

    def encode(self, value: Any) -> list[float]:
        """A raw value as the model's numbers, `width` of them. Raises BadValue."""
        value = plain(value)
        if absent(value):
            value = self._filled()
        if self.categories is None:
            found = self.read(value)
            return [math.nan if found is None else (float(found) - self.mean) / self.std]
        if absent(value):
            return [math.nan] * self.width
        place = self._place(value)
        return onehot(place, self.width) if self.encoding == "onehot" else [float(place)]

    def decode(self, numbers: Sequence[float]) -> Value:
        """The model's numbers as people read them: the inverse of `encode`."""
        if any(math.isnan(number) for number in numbers):
            return None
        if self.categories is None:
            return numbers[0] * self.std + self.mean
        place = largest(numbers) if self.encoding == "onehot" else round(numbers[0])
        if not 0 <= place < len(self.categories):
            raise BadValue(self._unseen(place))
        return str(self.categories[place])

    def zero(self) -> list[float]:
        """Zero as the model's numbers; for categories none of them, or the first."""
        return [0.0] * self.width if self.categories is not None else [-self.mean / self.std]

    def _filled(self) -> Any:
        if self.missing is None:
            raise BadValue(
                f"column {self.name!r} has no value here (NaN or None). Give "
                f"Column({self.name!r}, missing=...) with the value the model was trained with in "
                "its place, or leave such rows out."
            )
        return plain(self.missing)

    def _place(self, value: Any) -> int:
        """The place of a category, given by name or by its place."""
        known = self.categories or ()
        if value in known:
            return known.index(value)
        named = not any(isinstance(one, (int, float)) for one in known)
        if named and isinstance(value, (int, float)) and value == int(value):
            if 0 <= int(value) < len(known):
                return int(value)
        elif str(value) in [str(one) for one in known]:
            return [str(one) for one in known].index(str(value))
        raise BadValue(self._unseen(value))

    def _unseen(self, value: Any) -> str:
        known = self.categories or ()
        listed = ", ".join(str(one) for one in known[:SHOWN])
        more = f" and {len(known) - SHOWN} more" if len(known) > SHOWN else ""
        return (
            f"column {self.name!r} holds {value!r:.60}, which is none of its {len(known)} "
            f"categories ({listed}{more}). The model has no number for it: name it in "
            "categories= if the model knows it, or leave such rows out."
        )


def plain(value: Any) -> Any:
    """Scalars of NumPy and torch as Python's own."""
    return value.item() if hasattr(value, "item") and not isinstance(value, str) else value


def absent(value: Any) -> bool:
    """Whether a value is missing: None, NaN, or what pandas writes for it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return type(value).__name__ in ("NAType", "NaTType")


def onehot(place: int, width: int) -> list[float]:
    """One at `place`, zero elsewhere."""
    return [float(place == one) for one in range(width)]


def largest(numbers: Sequence[float]) -> int:
    """The place of the largest number."""
    return max(range(len(numbers)), key=numbers.__getitem__)
