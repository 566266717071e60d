"""Labels as people store them (numbers, tensors, names, one-hot rows), read as plain Python."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from attriboard.engine.errors import InvalidInput

Label: TypeAlias = int | float | tuple[int, ...]


def class_index(value: Any, names: Sequence[str]) -> int | None:
    """The index of a class given as an index or a name; None and NaN mean no label."""
    plain = _plain(value)
    if plain is None or (isinstance(plain, float) and math.isnan(plain)):
        return None
    if isinstance(plain, str):
        return _named(plain, names)
    if isinstance(plain, list):
        raise InvalidInput(
            f"a label is a list of {len(plain)} values, but Classes needs one class index per "
            "example. For one-hot rows store their argmax; for several labels at once use "
            "MultiLabel.",
            "label",
        )
    if isinstance(plain, (int, float)) and plain == int(plain):
        return _within(int(plain), names)
    raise InvalidInput(
        f"the label {plain!r} is neither a class index nor a class name. Use Regression where "
        "labels are numbers.",
        "label",
    )


def class_set(value: Any, names: Sequence[str]) -> tuple[int, ...] | None:
    """The sorted indices of labels given as indices, as names, or as a row of zeros and ones.

    A row of zeros and ones has one entry a class; it is told from a list of indices by its length.
    """
    plain = _plain(value)
    if plain is None:
        return None
    if not isinstance(plain, list):
        raise InvalidInput(
            f"the label {plain!r} is not a list. MultiLabel needs a list of class indices or "
            "names, or a row with a zero or one for each class.",
            "label",
        )
    if len(plain) == len(names) and all(item in (0, 1) for item in plain):
        return tuple(index for index, item in enumerate(plain) if item)
    indices = {class_index(item, names) for item in plain}
    return tuple(sorted(index for index in indices if index is not None))


def number(value: Any) -> float | None:
    """A label that is a number; None and NaN mean no label."""
    plain = _plain(value)
    if isinstance(plain, list) and len(plain) == 1:
        plain = plain[0]
    if plain is None or (isinstance(plain, float) and math.isnan(plain)):
        return None
    if isinstance(plain, (int, float)):
        return float(plain)
    raise InvalidInput(
        f"the label {plain!r} is not a number, but output= is a Regression.", "label"
    )


def _plain(value: Any) -> Any:
    """Tensors, arrays and their scalars as Python numbers or lists."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [_plain(item) for item in value]
    return value


def _named(name: str, names: Sequence[str]) -> int:
    if name in names:
        return list(names).index(name)
    raise InvalidInput(
        f"the label {name!r} is not among the {len(names)} class names given in output=.", "label"
    )


def _within(index: int, names: Sequence[str]) -> int:
    if 0 <= index < len(names):
        return index
    raise InvalidInput(
        f"the label {index} is outside the {len(names)} classes named in output=, which are "
        f"numbered 0 to {len(names) - 1}. Add the missing names, or renumber the labels from 0.",
        "label",
    )
