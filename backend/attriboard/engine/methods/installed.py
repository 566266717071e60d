"""Methods that other packages bring, by the entry point group `attriboard.methods`."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from attriboard.engine.methods.base import Method

GROUP = "attriboard.methods"


def installed(known: Mapping[str, type[Method]]) -> dict[str, type[Method]]:
    """Every method that an installed package offers, by its class name.

    One that cannot be loaded, is no Method, or takes the name of one in `known` is left out with
    a warning: a broken package must not take the engine down.
    """
    return load(entry_points(group=GROUP), known)


def load(
    points: Iterable[EntryPoint], known: Mapping[str, type[Method]]
) -> dict[str, type[Method]]:
    """The methods behind `points`."""
    found: dict[str, type[Method]] = {}
    for point in points:
        try:
            kind = point.load()
        except Exception as error:
            _refuse(point, f"it raised {type(error).__name__}: {error}")
            continue
        if not (isinstance(kind, type) and issubclass(kind, Method)):
            _refuse(point, "it is no subclass of attriboard.engine.Method")
        elif kind.__name__ in known or kind.__name__ in found:
            _refuse(point, f"there is a method {kind.__name__} already")
        else:
            found[kind.__name__] = kind
    return found


def _refuse(point: EntryPoint, reason: str) -> None:
    warnings.warn(f"The method {point.name} ({point.value}) is left out: {reason}.", stacklevel=4)
