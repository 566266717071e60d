"""How much room results take, and which of them go when it is too much."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from pathlib import Path

REMEMBER_SECONDS = 3600.0  # a file's time says when it was used, to the hour


class Room:
    """The files of `folder` by when they were used last; together at most `limit` bytes.

    None as the limit keeps everything and counts nothing.
    """

    def __init__(self, folder: Path, limit: int | None) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._sizes: OrderedDict[Path, int] | None = None
        self._total = 0

    def added(self, place: Path, size: int) -> list[str]:
        """A file was written; those not used for longest are removed. Returns their names."""
        if self._limit is None:
            return []
        with self._lock:
            sizes = self._counted()
            self._total += size - sizes.pop(place, 0)
            sizes[place] = size
            return self._make_room(sizes, self._limit)

    def used(self, place: Path) -> None:
        """A file was read."""
        if self._limit is None:
            return
        with self._lock:
            sizes = self._counted()
            if place in sizes:
                sizes.move_to_end(place)
        _touch(place)

    def _make_room(self, sizes: OrderedDict[Path, int], limit: int) -> list[str]:
        gone = []
        while self._total > limit and len(sizes) > 1:
            oldest, size = sizes.popitem(last=False)
            oldest.unlink(missing_ok=True)
            self._total -= size
            gone.append(oldest.stem)
        return gone

    def _counted(self) -> OrderedDict[Path, int]:
        """The files there are, the one not used for longest first; looked up when first needed."""
        if self._sizes is None:
            files = [file for folder in _folders(self._folder) for file in _files(folder)]
            files.sort(key=lambda file: file.stat().st_mtime)
            self._sizes = OrderedDict((Path(file.path), file.stat().st_size) for file in files)
            self._total = sum(self._sizes.values())
        return self._sizes


def _folders(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.path for entry in entries if entry.is_dir()]


def _files(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if entry.is_file()]


def _touch(place: Path) -> None:
    try:
        if place.stat().st_mtime < time.time() - REMEMBER_SECONDS:
            os.utime(place)
    except OSError:
        pass  # it was removed, or may only be read
