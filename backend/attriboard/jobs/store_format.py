"""The format of a store's folder: written once, and checked when the folder is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from attriboard.engine.errors import InvalidInput

FORMAT = 1
NAME = "format"

MIGRATIONS: Mapping[int, Callable[[Path], None]] = {}
"""From each older format to the one after it."""


def check_format(folder: Path) -> None:
    """Bring the folder to today's format, or refuse it. A folder that says nothing is of format 1.

    Raises InvalidInput for a format that this version does not know.
    """
    place = folder / NAME
    found = _read(place)
    while found in MIGRATIONS:
        MIGRATIONS[found](folder)
        found += 1
        _write(place, found)
    if found != FORMAT:
        raise InvalidInput(
            f"The store {folder} is of format {found}, and this version of AttriBoard reads format "
            f"{FORMAT}. Use the version that made it, or choose another folder with --store.",
            "store",
        )
    if not place.exists():
        _write(place, FORMAT)


def _read(place: Path) -> int:
    if not place.exists():
        return 1
    text = place.read_text(errors="replace").strip()
    if not text.isdecimal():
        raise InvalidInput(
            f"{place} should hold the number of the store's format and holds {text[:40]!r}. Delete "
            "the folder to have it made again, or choose another one with --store.",
            "store",
        )
    return int(text)


def _write(place: Path, number: int) -> None:
    temporary = place.with_name(f"{NAME}.new")
    temporary.write_text(f"{number}\n")
    temporary.replace(place)
