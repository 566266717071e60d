"""How Python values become what the catalog stores, and which type a metadata column has."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

MetadataType = Literal["bool", "int", "float", "str"]
Plain = bool | int | float | str | None
Array = npt.NDArray[Any]

_INT64 = range(-(2**63), 2**63)


def storable_text(text: str) -> str:
    """`text` as UTF-8 can hold it: half of a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def folded(text: str) -> str:
    """`text` as the search compares it, with upper and lower case alike."""
    return storable_text(text.casefold())


def plain(value: Any) -> Plain:
    """A metadata value as a bool, int, float or str; None where it is empty.

    NaN counts as empty. One-element arrays and tensors give their element, dates their ISO form,
    and anything else its JSON, or its `str` where it has none.
    """
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value in _INT64 else str(int(value))
    if isinstance(value, float):
        return None if math.isnan(value) else float(value)
    if isinstance(value, str):
        return storable_text(str(value))
    return storable_text(_described(value))


def _described(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    if isinstance(value, (list, tuple, dict)):
        try:
            return json.dumps(value, ensure_ascii=False, default=str)
        except (TypeError, ValueError, RecursionError):
            return str(value)
    return str(value)


def type_of(values: Iterable[Any], known: MetadataType | None = None) -> MetadataType | None:
    """The narrowest type that holds all plain `values` and what is `known` so far."""
    kind = known
    for value in values:
        if value is not None:
            kind = widest(kind, _TYPES[type(value)])
    return kind


_TYPES: dict[type, MetadataType] = {bool: "bool", int: "int", float: "float", str: "str"}


def widest(first: MetadataType | None, second: MetadataType) -> MetadataType:
    """The type that holds both: ints among floats are floats; other mixtures are text."""
    if first is None or first == second:
        return second
    return "float" if {first, second} == {"int", "float"} else "str"


def as_text(value: Plain) -> str | None:
    """A plain value in a column of text: booleans read true and false."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else repr(value)


def array(values: list[Any], kind: str) -> Array:
    """Plain values as an array that DuckDB reads, with None masked or kept."""
    if kind == "str":
        return np.array([None, *map(as_text, values)], dtype=object)[1:]
    empty = [value is None for value in values]
    filled = [_ZEROS[kind] if value is None else _CASTS[kind](value) for value in values]
    return np.ma.array(np.array(filled, dtype=_DTYPES[kind]), mask=empty)


_ZEROS: dict[str, Any] = {"bool": False, "int": 0, "float": 0.0}
_CASTS: dict[str, Callable[[Any], Any]] = {"bool": bool, "int": int, "float": float}
_DTYPES: dict[str, Any] = {"bool": np.bool_, "int": np.int64, "float": np.float64}


def finite(value: Any) -> Any:
    """`value` as JSON can hold it: infinities become the largest numbers of their sign."""
    if isinstance(value, float) and math.isinf(value):
        return math.copysign(1.7976931348623157e308, value)
    return value
