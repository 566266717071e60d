"""What `attriboard doctor` finds: versions, devices, the store, the page, what is missing."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import platformdirs

from attriboard.api import static
from attriboard.demos.packages import PACKAGES
from attriboard.version import __version__

REQUIRED = (
    "torch", "fastapi", "uvicorn", "pydantic", "numpy", "pillow", "duckdb", "safetensors", "typer",
    "rich", "platformdirs", "prometheus-client", "psutil",
)  # fmt: skip
OPTIONAL = {
    "av": "films as files: pip install attriboard[video]",
    "ray": "work on a cluster: pip install attriboard[ray]",
    "timm": "its picture models by one call: pip install attriboard[timm]",
    "transformers": "its models by one call: pip install attriboard[transformers]",
}
MEND = 'pip install "attriboard[demo]"'
LITTLE_SPACE = 1_000_000_000

Verdict = Literal["ok", "note", "bad"]


@dataclass(frozen=True)
class Finding:
    """One line of the report. "bad" findings keep AttriBoard from working."""

    group: str
    name: str
    text: str
    verdict: Verdict = "ok"


def examine(store: Path | None = None) -> Iterator[Finding]:
    """Every finding, as it is made."""
    yield Finding("Versions", "attriboard", __version__)
    yield Finding("Versions", "python", f"{platform.python_version()} on {platform.platform()}")
    yield from _packages()
    yield from _demos()
    yield from _devices()
    yield from _store(store or Path(platformdirs.user_cache_dir("attriboard")))
    yield _page()


def _packages() -> Iterator[Finding]:
    for name in REQUIRED:
        found = _version(name)
        mend = f"missing: pip install {name}"
        yield Finding("Versions", name, found or mend, "ok" if found else "bad")
    for name, use in OPTIONAL.items():
        found = _version(name)
        yield Finding("Versions", name, found or f"missing, needed for {use}", _noted(bool(found)))


def _demos() -> Iterator[Finding]:
    """What the demos need: one line where all is there, else one for each package that is not."""
    missing = {name: demos for name, demos in PACKAGES.items() if _version(name) is None}
    for name, demos in missing.items():
        several = "demos" if len(demos) > 1 else "demo"
        text = f"missing, needed for the {several} {', '.join(demos)}: {MEND}"
        yield Finding("Demos", name, text, "note")
    if not missing:
        yield Finding("Demos", "packages", f"all {len(PACKAGES)} are installed")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _devices() -> Iterator[Finding]:
    try:
        import torch
    except Exception as error:
        yield Finding("Devices", "torch", f"cannot be imported: {error}", "bad")
        return
    cores = os.cpu_count() or 1
    yield Finding("Devices", "cpu", f"{cores} cores, {torch.get_num_threads()} threads for torch")
    for number in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(number)
        memory = f"{properties.total_memory / 1e9:.0f} GB"
        yield Finding("Devices", f"cuda:{number}", f"{properties.name}, {memory}")
    if torch.backends.mps.is_available():
        yield Finding("Devices", "mps", "Apple GPU")
    if not torch.cuda.is_available() and not torch.backends.mps.is_available():
        yield Finding("Devices", "gpu", "none that torch can use; the CPU does the work", "note")


def _store(path: Path) -> Iterator[Finding]:
    yield Finding("Store", "folder", str(path))
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        reason = "cannot be written to" if existing.is_dir() else "is a file, not a folder"
        mend = f"{existing} {reason}; choose another folder with --store"
        yield Finding("Store", "writable", mend, "bad")
        return
    yield Finding("Store", "writable", "yes")
    free = shutil.disk_usage(existing).free
    yield Finding("Store", "free space", _size(free), _noted(free > LITTLE_SPACE))
    files = [file for file in path.rglob("*") if file.is_file()] if path.exists() else []
    used = sum(file.stat().st_size for file in files)
    results = sum(file.suffix == ".safetensors" for file in files)
    yield Finding("Store", "holds", f"{results:,} results, {_size(used)}")
    damaged = [file for file in files if file.parent.name == "corrupt"]
    if damaged:
        text = (
            f"{len(damaged)} set aside in {damaged[0].parent}; they are computed again when asked"
        )
        yield Finding("Store", "damaged", text, "note")


def _page() -> Finding:
    if static.is_built():
        return Finding("Page", "built", "yes")
    mend = "no: run `make demo`, or `npm ci && npm run build` in the frontend folder"
    return Finding("Page", "built", mend, "bad")


def _noted(fine: bool) -> Verdict:
    return "ok" if fine else "note"


def _size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
