"""Inputs that other packages bring, by the entry point group `attriboard.inputs`."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from attriboard.inputs.base import Input

GROUP = "attriboard.inputs"


def installed(known: Mapping[str, object]) -> dict[str, type[Input]]:
    """Every input that an installed package offers, by its class name.

    One that cannot be loaded, is no Input, or takes a name in `known` is left out with a warning:
    a broken package must not take the boards down.
    """
    return load(entry_points(group=GROUP), known)


def load(points: Iterable[EntryPoint], known: Mapping[str, object]) -> dict[str, type[Input]]:
    """The inputs behind `points`."""
    found: dict[str, type[Input]] = {}
    for point in points:
        try:
            kind = point.load()
        except Exception as error:
            _refuse(point, f"it raised {type(error).__name__}: {error}")
            continue
        if not (isinstance(kind, type) and issubclass(kind, Input)):
            _refuse(point, "it is no subclass of attriboard.inputs.Input")
        elif kind.__name__ in known or kind.__name__ in found:
            _refuse(point, f"there is a name {kind.__name__} already")
        else:
            found[kind.__name__] = kind
    return found


def _refuse(point: EntryPoint, reason: str) -> None:
    warnings.warn(f"The input {point.name} ({point.value}) is left out: {reason}.", stacklevel=4)
