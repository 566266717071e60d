"""What a dataset yields, taken apart into raw inputs, label and metadata.

An item is one of

- a dict keyed by the inputs' names, with "label" if there is one; all other keys are metadata. A
  table's columns may stand in it themselves, instead of a row under the input's name
- `(x, label)` or `(x,)` for one input; anything that is no tuple is `x` itself, without a label
- `((x1, x2), label)` or `((x1, x2),)` for several inputs; `(x1, x2)` has no label

A tuple may end in one more part, a dict of metadata. A list stands for a tuple unless it holds
nothing but numbers, which makes it one raw value (token ids).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from attriboard.engine.errors import InvalidInput

LABEL = "label"


@dataclass(frozen=True)
class Item:
    """One item of the dataset: raw values by input, the label as it came, metadata."""

    raw: dict[str, Any]
    label: Any
    metadata: dict[str, Any]


def read(
    item: Any,
    names: Sequence[str],
    keys: Mapping[str, Sequence[str]] | None = None,
    label: str = LABEL,
) -> Item:
    """`item` taken apart for the inputs called `names`; `InvalidInput` where it does not fit.

    keys: by an input's name, the keys of a dict that make up its raw value where the dict lacks
    the name itself. label: the key of a dict that holds the label.
    """
    if isinstance(item, Mapping):
        return _from_mapping(_gathered(item, keys or {}), names, label)
    parts = _parts(item)
    if parts is None:
        parts = (item,)
    metadata: Mapping[Any, Any] = {}
    if len(parts) > 1 and isinstance(parts[-1], Mapping):
        metadata, parts = parts[-1], parts[:-1]
    raws, label = _raws(parts, names)
    return Item(dict(zip(names, raws, strict=True)), label, _columns(metadata))


def _gathered(item: Mapping[Any, Any], keys: Mapping[str, Sequence[str]]) -> Mapping[Any, Any]:
    """`item` with the columns of a table put together under the table's name."""
    rows = {
        name: {column: item[column] for column in columns}
        for name, columns in keys.items()
        if columns and name not in item and all(column in item for column in columns)
    }
    if not rows:
        return item
    taken = {column for row in rows.values() for column in row}
    return {**{key: value for key, value in item.items() if key not in taken}, **rows}


def _from_mapping(item: Mapping[Any, Any], names: Sequence[str], label: str) -> Item:
    missing = [name for name in names if name not in item]
    if missing:
        keys = ", ".join(str(key) for key in item) or "none"
        raise InvalidInput(
            f"it is a dict without the key {missing[0]!r}; its keys are: {keys}. Name the inputs "
            "of the board as the keys of the dict.",
            "dataset",
        )
    rest = {key: item[key] for key in item if key not in names and key != label}
    return Item({name: item[name] for name in names}, item.get(label), _columns(rest))


def _raws(parts: tuple[Any, ...], names: Sequence[str]) -> tuple[tuple[Any, ...], Any]:
    if len(names) == 1 and len(parts) in (1, 2):
        inner = parts[0] if isinstance(parts[0], tuple) and len(parts[0]) == 1 else (parts[0],)
        return inner, parts[1] if len(parts) == 2 else None
    if len(names) > 1:
        nested = _parts(parts[0]) if len(parts) in (1, 2) else None
        if nested is not None and len(nested) == len(names):
            return nested, parts[1] if len(parts) == 2 else None
        if nested is None and len(parts) == len(names):
            return parts, None
        if nested is not None:
            raise _misfit(f"its first part has {len(nested)} values", names)
    raise _misfit(f"it has {len(parts)} part{'s' if len(parts) > 1 else ''}", names)


def _misfit(found: str, names: Sequence[str]) -> InvalidInput:
    listed = ", ".join(names)
    form = f"({listed}, label)" if len(names) == 1 else f"(({listed}), label)"
    count = "1 input" if len(names) == 1 else f"{len(names)} inputs"
    return InvalidInput(
        f"{found}, but the board has {count} ({listed}). Yield {form}, or a dict with the keys "
        f"{listed} and label.",
        "dataset",
    )


def _parts(item: Any) -> tuple[Any, ...] | None:
    """The parts of a tuple, or of a list that is not all numbers; else None."""
    if isinstance(item, tuple):
        return item
    if isinstance(item, list) and not all(isinstance(part, (int, float)) for part in item):
        return tuple(item)
    return None


def _columns(metadata: Mapping[Any, Any]) -> dict[str, Any]:
    """Pictures, arrays and tensors are left out: there is nothing in them to filter by."""
    return {str(key): _plain(value) for key, value in metadata.items() if not _is_media(value)}


def _is_media(value: Any) -> bool:
    if hasattr(value, "tolist"):
        return getattr(value, "ndim", 0) > 0
    return hasattr(value, "getbands") or hasattr(value, "get_all_samples")


def _plain(value: Any) -> Any:
    """Numbers, texts, truth values and dates as they are; anything else as text."""
    if hasattr(value, "tolist") and getattr(value, "ndim", 1) == 0:
        value = value.tolist()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)
