"""Single questions over HTTP while a sweep runs, and on an idle server."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.bench_server import compute, served
from benchmarks.sweep_boards import QUESTIONS

BOARD = Path(__file__).with_name("sweep_boards.py")
SIZE = 600
BLOCK_SECONDS = 0.5


def waits(clicks: int, folder: Path) -> dict[str, Any]:
    """Medians of the time from a question to its stored result."""
    os.environ[QUESTIONS] = str(SIZE)
    with served(folder, f"{BOARD}:vqa") as client:
        while client.get("api/board").json()["catalog"]["predicted"]["model"] < SIZE:
            time.sleep(0.1)
        idle = [_click(client, index) for index in range(clicks + 1)][1:]
        answer = client.post("api/sweeps", json={}).json()
        time.sleep(1)
        busy = [_click(client, index) for index in range(clicks + 1, 2 * clicks + 1)]
        state = client.get(f"api/jobs/{answer['job']['id']}").json()["state"]
        client.delete(f"api/jobs/{answer['job']['id']}")
    return {
        "idle_ms": 1000 * statistics.median(idle),
        "busy_ms": 1000 * statistics.median(busy),
        "slowest_busy_ms": 1000 * max(busy),
        "allowed_ms": 1000 * (2 * statistics.median(idle) + BLOCK_SECONDS),
        "sweep": state,
    }


def _click(client: httpx.Client, index: int) -> float:
    ask = {
        "examples": [index],
        "method": {"id": "IntegratedGradients", "params": {"n_steps": 20}},
        "seed": 1,
    }
    client.get(f"api/examples/{index}")
    began = time.perf_counter()
    compute(client, ask)
    return time.perf_counter() - began
