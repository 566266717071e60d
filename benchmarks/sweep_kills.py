"""A long export killed again and again, beside one left alone: the same manifest, memory flat."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from benchmarks.sweep_boards import QUESTIONS

BOARD = Path(__file__).with_name("sweep_boards.py")
KILLS = 3
LOOK_SECONDS = 0.2


def kills(questions: int, steps: int, folder: Path) -> dict[str, Any]:
    """Both runs; what they took, and whether the manifest is the same to the byte."""
    calm, killed = folder / "calm", folder / "killed"
    os.environ[QUESTIONS] = str(questions)
    alone = _run(calm, folder / "store-calm", steps, None)
    shards = len(list(calm.rglob("*.parquet"))) - 2
    parts = []
    for kill in range(1, KILLS + 1):
        after = 2 + kill * shards // (KILLS + 1)
        parts.append(_run(killed, folder / "store-killed", steps, after))
    last = _run(killed, folder / "store-killed", steps, None)
    return {
        "questions": questions,
        "steps": steps,
        "seconds": alone["seconds"],
        "seconds_killed": sum(part["seconds"] for part in [*parts, last]),
        "memory_early_mb": alone["early"],
        "memory_late_mb": alone["late"],
        "same_manifest": _manifest(calm) == _manifest(killed),
        "greatest_difference": _difference(calm, killed),
        "bytes": sum(path.stat().st_size for path in calm.rglob("*") if path.is_file()),
    }


def _run(out: Path, store: Path, steps: int, kill_after: int | None) -> dict[str, float]:
    """One run to its end, or to a kill once there are so many tables."""
    method = f'IntegratedGradients:{{"n_steps": {steps}}}'
    command = [sys.executable, "-m", "attriboard.cli", "attribute", f"{BOARD}:vqa"]
    command += ["--method", method, "--out", str(out), "--store", str(store)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory: list[tuple[int, float]] = []
    while process.poll() is None:
        tables = len(list(out.rglob("*.parquet"))) if out.exists() else 0
        memory.append((tables, _memory(process.pid)))
        if kill_after is not None and tables >= kill_after:
            process.send_signal(signal.SIGKILL)
            process.wait()
            break
        time.sleep(LOOK_SECONDS)
    if kill_after is None and process.returncode != 0:
        raise RuntimeError(f"The export ended with code {process.returncode}.")
    begun = [mb for tables, mb in memory if tables > 2] or [0.0]
    quarter = max(1, len(begun) // 4)
    return {
        "seconds": time.perf_counter() - began,
        "early": max(begun[:quarter]),
        "late": max(begun[-quarter:]),
    }


def _memory(pid: int) -> float:
    """MB that a process has in memory; 0 once it is gone."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line for line in text.splitlines() if line.startswith("VmRSS")]
    return int(found[0].split()[1]) / 1024 if found else 0.0


def _manifest(out: Path) -> bytes:
    found = (out / "manifest.json").read_bytes()
    if not json.loads(found)["complete"]:
        raise RuntimeError(f"{out} is not complete.")
    return found


def _difference(one: Path, other: Path) -> float:
    """The greatest difference between two numbers of the arrays."""
    worst = 0.0
    for path in one.rglob("*.safetensors"):
        ours, theirs = load_file(path), load_file(other / path.relative_to(one))
        if set(ours) != set(theirs):
            raise RuntimeError(f"{path} holds other arrays.")
        worst = max(worst, *(float(np.abs(ours[n] - theirs[n]).max()) for n in ours))
    return worst
