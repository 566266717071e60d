"""Results on disk, addressed by the hash of what they were computed from.

A result is written to a temporary file, synced and renamed, so a reader sees a whole file or
none. Every read is checked; a file that fails is set aside and the result counts as missing, so
that it is computed again. The directory is not synced (it would double the time of a write): a
power cut may lose the newest results, which are computed again too.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from attriboard.engine.errors import AttriboardError, InvalidInput
from attriboard.jobs.keys import is_key
from attriboard.jobs.recent import Recent
from attriboard.jobs.results_file import CorruptError, encode, verified_meta
from attriboard.jobs.room import Room
from attriboard.jobs.store_format import check_format

_log = logging.getLogger("attriboard.jobs")


class StoreError(AttriboardError):
    """A result could not be written."""


class Store:
    """Results below `path` (a directory that is made), or in a temporary one for None.

    One server has the store at a time: opening it removes what an interrupted write left behind.
    `remembered` metas are kept in memory, so that a result asked for again costs no reading.
    limit: bytes that results may take; the ones not used for longest make room. Raises
    InvalidInput where the folder cannot be written or is of a format that is not known.
    """

    def __init__(
        self, path: Path | None = None, *, remembered: int = 4096, limit: int | None = None
    ) -> None:
        self._temporary = path is None
        self.path = Path(tempfile.mkdtemp(prefix="attriboard-")) if path is None else path
        self._results = self.path / "results"
        self._room = Room(self._results, limit)
        self._writing = self.path / "tmp"
        self._corrupt = self.path / "corrupt"
        self._metas: Recent[str, dict[str, Any]] = Recent(remembered)
        self._numbers = itertools.count()
        try:
            self._results.mkdir(parents=True, exist_ok=True)
            check_format(self.path)
            self._sweep()
        except OSError as error:
            raise InvalidInput(
                f"The store {self.path} cannot be written ({error.strerror}). Mend the folder, or "
                "choose another one with --store.",
                "store",
            ) from error

    def put(
        self, key: str, arrays: Mapping[str, np.ndarray[Any, Any]], meta: dict[str, Any]
    ) -> None:
        """Store a result for good. A crash of the process no longer loses it.

        Raises StoreError where the disk is full or cannot be written; nothing is left behind then.
        """
        place = self._place(key)
        body = encode(arrays, meta)
        try:
            place.parent.mkdir(exist_ok=True)
            written(self._writing / f"{key}.{next(self._numbers)}", place, body)
        except OSError as error:
            raise StoreError(
                f"The result cannot be stored ({error.strerror}). Free some space or mend the "
                "folder, or choose another one with --store."
            ) from error
        self._metas.put(key, meta)
        for evicted in self._room.added(place, len(body)):
            self._metas.drop(evicted)

    def has(self, key: str) -> bool:
        """Whether there is a file for `key`; it is checked when it is read."""
        return is_key(key) and self._place(key).is_file()

    def meta(self, key: str) -> dict[str, Any] | None:
        """The meta of a result, or None where it is missing or was found corrupt."""
        if not self.has(key):
            return None
        found = self._metas.get(key)
        if found is None and (read := self._read(key)) is not None:
            found = read[1]
        return found

    def body(self, key: str) -> bytes | None:
        """The file of a result, checked; None where it is missing or was found corrupt."""
        read = self._read(key) if is_key(key) else None
        return read[0] if read else None

    def close(self) -> None:
        """Remove the directory where it was a temporary one."""
        if self._temporary:
            shutil.rmtree(self.path, ignore_errors=True)

    def _read(self, key: str) -> tuple[bytes, dict[str, Any]] | None:
        place = self._place(key)
        try:
            body = place.read_bytes()
            meta = verified_meta(body)
        except FileNotFoundError:
            meta = None
        except CorruptError as error:
            self._set_aside(place, error)
            meta = None
        if meta is None:
            self._metas.drop(key)
            return None
        self._metas.put(key, meta)
        self._room.used(place)
        return body, meta

    def _set_aside(self, place: Path, error: CorruptError) -> None:
        _log.warning("Stored result %s is damaged and is set aside: %s", place.stem, error)
        self._corrupt.mkdir(exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # another thread has just done so
            place.replace(self._corrupt / place.name)

    def _sweep(self) -> None:
        shutil.rmtree(self._writing, ignore_errors=True)
        self._writing.mkdir(exist_ok=True)

    def _place(self, key: str) -> Path:
        if not is_key(key):
            raise ValueError(f"{key!r} is not the key of a result.")
        return self._results / key[:2] / f"{key}.safetensors"


def written(temporary: Path, place: Path, body: bytes) -> None:
    """Write a file as a whole or not at all. Raises OSError."""
    try:
        with temporary.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
