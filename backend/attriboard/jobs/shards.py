"""Files of an export: written whole or not at all, and read by anything that knows the formats."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from attriboard.catalog.exporting import write_table
from attriboard.engine.errors import AttriboardError

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
BLOCK = 1 << 20

Arrays = Mapping[str, np.ndarray[Any, Any]]


class ExportError(AttriboardError):
    """The files cannot be written, or there is no room for them."""


class Folder:
    """The folder of one export. A file is there under its own name when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def manifest(self) -> dict[str, Any] | None:
        """What an earlier run wrote; None in a folder that is new or empty."""
        place = self.path / MANIFEST
        if not place.exists():
            if self.path.exists() and any(self.path.iterdir()):
                raise ExportError(
                    f"{self.path} holds other files. Choose a new or an empty folder with --out."
                )
            return None
        try:
            found: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ExportError(
                f"{place} cannot be read: {error}. Delete the folder, or choose another with --out."
            ) from error
        return found

    def write_manifest(self, about: Mapping[str, Any]) -> None:
        text = json.dumps(about, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        self._whole(MANIFEST, lambda place: place.write_text(text, encoding="utf-8"))

    def has(self, name: str) -> bool:
        return (self.path / name).exists()

    def write_table(self, name: str, columns: Arrays) -> None:
        self._whole(name, lambda place: write_table(place, columns))

    def write_arrays(self, name: str, arrays: Arrays, about: Mapping[str, str]) -> None:
        # One entry alone: the order of several changes from run to run, and so would the bytes.
        body = save(dict(arrays), metadata={"about": json.dumps(about, sort_keys=True)})
        self._whole(name, lambda place: place.write_bytes(body))

    def write_sums(self) -> None:
        """The checksum of every file, as `sha256sum -c` reads them."""
        lines = [f"{_sum(place)}  {name}\n" for name, place in self._files()]
        self._whole(SUMS, lambda place: place.write_text("".join(lines), encoding="utf-8"))

    def size(self) -> int:
        """Bytes of all files."""
        return sum(place.stat().st_size for _, place in self._files())

    def _files(self) -> list[tuple[str, Path]]:
        found = (place for place in self.path.rglob("*") if place.is_file())
        named = {str(place.relative_to(self.path).as_posix()): place for place in found}
        return sorted((n, p) for n, p in named.items() if n != SUMS and not n.endswith(".part"))

    def _whole(self, name: str, write: Any) -> None:
        place = self.path / name
        part = place.with_name(f"{place.name}.part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            write(part)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(place)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ExportError(
                f"{place} cannot be written ({error.strerror}). Free some space or mend the "
                "folder, and run the same command again: it goes on where it stopped."
            ) from error


def _sum(place: Path) -> str:
    found = hashlib.sha256()
    with place.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()
