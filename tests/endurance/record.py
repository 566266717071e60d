"""Figures of a long run at full scale, kept for the page docs/reliability.md."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "benchmarks" / "results" / "endurance"


def keep(name: str, figures: dict[str, Any]) -> None:
    """Writes NAME.json with the figures, the commit and the machine."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "torch": torch.__version__}
    FOLDER.mkdir(parents=True, exist_ok=True)
    record = {"commit": commit, "date": time.strftime("%Y-%m-%d"), **machine, "figures": figures}
    (FOLDER / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
