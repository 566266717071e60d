"""Classes that other packages bring by entry point."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Offer(Generic[T]):
    """What may be brought: subclasses of `kind`, which users import as `path`, each a `noun`.

    group: the name of the entry points. known: what the names that are taken already stand for.
    """

    group: str
    noun: str
    kind: type[T]
    path: str
    known: str

    def installed(self, known: Mapping[str, object]) -> dict[str, type[T]]:
        """Every class that an installed package offers, by its name.

        One that cannot be loaded, is no such class, or takes a name in `known` is left out with a
        warning: a broken package must not take AttriBoard down.
        """
        return self.load(entry_points(group=self.group), known)

    def load(self, points: Iterable[EntryPoint], known: Mapping[str, object]) -> dict[str, type[T]]:
        """The classes behind `points`."""
        found: dict[str, type[T]] = {}
        for point in points:
            try:
                kind = point.load()
            except Exception as error:
                self._refuse(point, f"it raised {type(error).__name__}: {error}")
                continue
            if not (isinstance(kind, type) and issubclass(kind, self.kind)):
                self._refuse(point, f"it is no subclass of {self.path}")
            elif kind.__name__ in known or kind.__name__ in found:
                self._refuse(point, f"there is a {self.known} {kind.__name__} already")
            else:
                found[kind.__name__] = kind
        return found

    def _refuse(self, point: EntryPoint, reason: str) -> None:
        sentence = f"The {self.noun} {point.name} ({point.value}) is left out: {reason}."
        warnings.warn(sentence, stacklevel=5)
