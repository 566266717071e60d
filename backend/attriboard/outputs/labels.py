"""Labels as people store them (numbers, tensors, names, one-hot rows), read as plain Python."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput

Answer: TypeAlias = int | float | tuple[int, ...]
"""What an example as a whole is labelled or predicted: a class, a number, or several classes."""

IGNORED = -1
"""Stands in a `ClassMap` where there is no label."""


@dataclass(frozen=True, eq=False)
class ClassMap:
    """A class index for each place of one example, such as each token or pixel.

    classes: int32, of one dimension or, for pixels, two; IGNORED where there is no label.
    """

    classes: Tensor

    def __repr__(self) -> str:  # what tells two labels apart in a fingerprint
        content = self.classes.contiguous().numpy().tobytes()
        return f"ClassMap({tuple(self.classes.shape)}, {blake2b(content).hexdigest()})"


@dataclass(frozen=True)
class HeadLabels:
    """A label, or none, for each of several heads, in their order."""

    values: tuple[Answer | ClassMap | None, ...]


Label: TypeAlias = Answer | ClassMap | HeadLabels


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


def class_map(value: Any, names: Sequence[str], dims: int) -> ClassMap | None:
    """A class for each place, given as indices or names; None where there is no label.

    Negative numbers (such as -100), None and NaN mark places without a label. dims: how many
    dimensions the places have.
    """
    if value is None:
        return None
    if isinstance(value, Tensor) or hasattr(value, "__array__"):
        found = torch.as_tensor(value)
    else:
        found = _tensor_of(_plain(value), names, dims)
    if found.ndim != dims:
        form = "one class for each position" if dims == 1 else "a picture (H, W) of classes"
        raise InvalidInput(
            f"the label has shape {tuple(found.shape)}, but output= needs {form}.", "label"
        )
    if found.is_floating_point():
        found = found.nan_to_num(nan=float(IGNORED))
    whole = found.long()
    if found.is_floating_point() and not bool((whole == found).all()):
        raise InvalidInput("the label holds fractions; give class indices.", "label")
    if whole.numel() and int(whole.max()) >= len(names):
        _within(int(whole.max()), names)
    return ClassMap(whole.clamp_min(IGNORED).int())


def _tensor_of(rows: Any, names: Sequence[str], dims: int) -> Tensor:
    """Nested lists of indices or names as one tensor."""
    if not isinstance(rows, list):
        raise InvalidInput(
            f"the label {rows!r} is not a list. Give a class for each place of the output.", "label"
        )
    if dims > 1:
        parts = [_tensor_of(row, names, dims - 1) for row in rows]
        if len({part.shape for part in parts}) > 1:
            raise InvalidInput("the rows of the label differ in length.", "label")
        return torch.stack(parts) if parts else torch.zeros(0, 0, dtype=torch.int64)
    return torch.tensor([_place(item, names) for item in rows], dtype=torch.int64)


def _place(item: Any, names: Sequence[str]) -> int:
    if isinstance(item, (int, float)) and item < 0:
        return IGNORED
    found = class_index(item, names)
    return IGNORED if found is None else found


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
