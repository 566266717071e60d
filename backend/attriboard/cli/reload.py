"""Serving while you edit: the board is served anew when its files or its weights change."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

SUFFIXES = frozenset(
    {".py", ".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".onnx", ".json", ".yaml", ".toml"}
)
SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})
STORE = "catalog.duckdb"  # the file by which a folder is a store
MOST_FILES = 5000
EVERY = 0.4  # seconds between two looks
SETTLED = 0.4  # seconds without a further change: a checkpoint is not written at once
LONGEST = 10.0  # seconds that a board waits for files that keep changing
STOP_SECONDS = 15.0

Stamps = dict[Path, tuple[int, int]]
Say = Callable[[str], None]


def passed_on(arguments: Sequence[str]) -> list[str]:
    """The command line without what the watching process sees to itself."""
    found: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, joined, _ = argument.partition("=")
        if name in _TAKEN:
            if not joined and _TAKEN[name]:
                next(rest, None)
        else:
            found.append(argument)
    return found


# Flags that are not passed on, and whether a value follows.
_TAKEN = {
    "--reload": False,
    "--open": False,
    "--no-open": False,
    "--watch": True,
    "--port": True,
    "--token": True,
}


def watched(target: str, more: Iterable[Path]) -> list[Path]:
    """What to watch for a board named `target`: the folder of its file, or this one, and `more`."""
    place = Path(target.rpartition(":")[0] if ":" in target else target).expanduser()
    folder = place.resolve().parent if place.suffix == ".py" else Path.cwd()
    return [folder, *(path.expanduser().resolve() for path in more)]


def stamps(roots: Iterable[Path]) -> Stamps:
    """When each file of code or weights below `roots` was written last, and its size.

    A root that is itself a file counts whatever its name. Hidden folders, installed packages and
    stores, whose results are written while the board is served, are left out.
    """
    found: Stamps = {}
    for path in _files(roots):
        try:
            stat = path.stat()
        except OSError:  # gone between two looks
            continue
        found[path] = (stat.st_mtime_ns, stat.st_size)
        if len(found) >= MOST_FILES:
            break
    return found


def _files(roots: Iterable[Path]) -> Iterator[Path]:
    for root in roots:
        if root.is_file():
            yield root
            continue
        for folder, folders, names in os.walk(root):
            if STORE in names:
                folders.clear()
                continue
            folders[:] = [n for n in sorted(folders) if n not in SKIPPED and not n.startswith(".")]
            yield from (Path(folder) / name for name in names if Path(name).suffix in SUFFIXES)


def supervise(
    command: Sequence[str], environment: Mapping[str, str], roots: Sequence[Path], say: Say
) -> int:
    """Run `command` until it ends well or Ctrl-C, again after every change below `roots`.

    A board that cannot be loaded ends the command, not the watch: the next change tries again.
    Returns the exit code.
    """
    before = stamps(roots)
    process = _started(command, environment)
    try:
        while True:
            time.sleep(EVERY)
            now = stamps(roots)
            if now != before:
                before = _settled(now, roots)
                say("A file changed; serving the board anew.")
                _stop(process)
                process = _started(command, environment)
            elif process.poll() == 0:
                return 0
            elif process.poll() is not None:
                say("Waiting for a change.")
                before = _changed(before, roots)
                process = _started(command, environment)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(process)


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(list(command), env={**os.environ, **environment})


def _changed(before: Stamps, roots: Sequence[Path]) -> Stamps:
    """Waits until something is not as it was `before`."""
    while (now := stamps(roots)) == before:
        time.sleep(EVERY)
    return _settled(now, roots)


def _settled(now: Stamps, roots: Sequence[Path]) -> Stamps:
    """Waits until nothing changes for a moment, or for LONGEST where something always does."""
    end = time.monotonic() + LONGEST
    while True:
        time.sleep(SETTLED)
        later = stamps(roots)
        if later == now or time.monotonic() > end:
            return later
        now = later


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
