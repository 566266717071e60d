"""Labels and predictions on their way in and out of the table.

A class is its index, a number itself, and several classes are ",3,7,", in which ",3," is found.
"""

from __future__ import annotations

import math
from typing import Any

from attriboard.catalog.layout import Layout
from attriboard.catalog.rows import Answer, OutputKind
from attriboard.engine.errors import InvalidInput

_INT32 = range(-(2**31), 2**31)


def encoded(kind: OutputKind, answer: Answer, field: str) -> int | float | str | None:
    """`answer` as the table holds it; InvalidInput where it does not fit the output's kind."""
    if answer is None:
        return None
    try:
        if kind == "regression":
            return number(answer)
        if kind == "multilabel":
            return "," + "".join(f"{_class(each)}," for each in sorted(set(answer)))  # type: ignore[arg-type]
        return _class(answer)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{answer!r} is not {_EXPECTED[kind]}.", field) from error


_EXPECTED: dict[OutputKind, str] = {
    "classes": "the index of a class",
    "regression": "a number",
    "multilabel": "a tuple of class indices",
}


def _class(value: Any) -> int:
    index = int(value)
    if index != value or index not in _INT32:
        raise ValueError(f"{value!r} is not a class index")
    return index


def number(value: Any) -> float | None:
    """`value` as a float, None where it is empty or not a number (NaN)."""
    if value is None:
        return None
    found = float(value)
    return None if math.isnan(found) else found


def decoded(kind: OutputKind, stored: Any) -> int | float | list[int] | None:
    """The label or prediction that `encoded` stored, JSON-able."""
    if stored is None:
        return None
    if kind == "multilabel":
        return [int(each) for each in stored.split(",") if each]
    return float(stored) if kind == "regression" else int(stored)


def name_of(layout: Layout, answer: int | float | list[int] | None) -> str | None:
    """What a person reads: the class's name, several joined by commas, None for a number."""
    if answer is None or layout.output_kind == "regression":
        return None
    indices = answer if isinstance(answer, list) else [int(answer)]
    return ", ".join(layout.class_name(index) for index in indices)
