"""The table on the terminal, and the same figures as JSON with machine and commit."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

import captum
import torch
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Line:
    """What one case and method took: seconds (fastest round) and ratios (medians).

    tuned_as: the setting of Captum that was fastest. floor_as: the floor's rows and format.
    first: seconds of our first run on the model with this method, planner untaught.
    """

    case: str
    method: str
    rows: int
    ours: float
    floor: float
    captum: float | None
    tuned: float | None
    ours_over_floor: float
    captum_over_ours: float | None
    tuned_over_ours: float | None
    tuned_as: str
    floor_as: str
    first: float
    rounds: int


COLUMNS = ("case", "method", "rows", "ours ms", "ours / floor", "Captum / ours", "tuned / ours")
COLUMNS = (*COLUMNS, "Captum / floor", "first / ours", "tuned as", "floor as")


def print_table(lines: list[Line]) -> None:
    """All lines as a table."""
    table = Table(*COLUMNS)
    for line in lines:
        table.add_row(*cells(line))
    Console(width=160).print(table)


def cells(line: Line) -> tuple[str, ...]:
    """One line as the table shows it."""
    return (
        line.case,
        line.method,
        str(line.rows),
        f"{1000 * line.ours:.3g}",
        f"{line.ours_over_floor:.2f}",
        _times(line.captum_over_ours),
        _times(line.tuned_over_ours),
        _times(None if line.captum is None else line.captum / line.floor),
        f"{line.first / line.ours:.1f}",
        line.tuned_as,
        line.floor_as,
    )


def write(lines: list[Line], path: Path) -> None:
    """The lines as JSON, with what they were measured on."""
    path.parent.mkdir(exist_ok=True)
    data = {**machine(), "lines": [asdict(line) for line in lines]}
    path.write_text(json.dumps(data, indent=2) + "\n")


def machine() -> dict[str, object]:
    """What the figures depend on beside the code."""
    return {
        "commit": _commit(),
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "captum": captum.__version__,
    }


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def _commit() -> str:
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
