"""What the server adds to the engine, and how soon it answers after a warm start.

    python -m benchmarks.bench_server        # prints a table, writes benchmarks/results/server.json

A fresh result is timed from the question to the stored result's event, and compared with the same
attribution and modality values computed by the engine alone. The warm start is the time from the
start of `attriboard serve` on a filled store to the first answer of /healthz, less the time that
`import torch` takes in a process of its own.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import torch
from rich.console import Console
from rich.table import Table

from attriboard import Board, engine
from attriboard.api.server import listen
from benchmarks.server_board import make

ROUNDS = 50
STARTS = 5
RESULTS = Path(__file__).parent / "results" / "server.json"
BOARD = Path(__file__).parent / "server_board.py"
LIMITS = {"cached": 10.0, "fresh": 20.0, "start": 1000.0}


def main() -> int:
    """Measures, prints, writes; 1 where a limit is passed."""
    with tempfile.TemporaryDirectory() as folder:
        board = make()
        with served(Path(folder) / "store") as client:
            fill(client, board)
            rows = {"cached": cached(client), "fresh": fresh(client, board)}
        rows["start"] = warm_start(Path(folder) / "store")
    report(rows)
    return int(any(row["added_ms"] > LIMITS[name] for name, row in rows.items()))


@contextmanager
def served(store: Path, board: str = f"{BOARD}:make") -> Iterator[httpx.Client]:
    """A client of the board's server, which runs in a process of its own."""
    with listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
    command = [sys.executable, "-m", "attriboard.cli", "serve", board, "--no-open"]
    command += ["--port", str(port), "--store", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=BOARD.parent.parent)
    address = f"http://127.0.0.1:{port}/"
    try:
        with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
            while not answers(client):
                if process.poll() is not None:
                    raise RuntimeError(f"The server ended with code {process.returncode}.")
                time.sleep(0.005)
            yield client
    finally:
        process.terminate()
        process.wait(20)


def answers(client: httpx.Client) -> bool:
    """Whether the server is there."""
    try:
        return client.get("healthz").status_code == 200
    except httpx.TransportError:
        return False


def fill(client: httpx.Client, board: Board) -> None:
    """Waits until every prediction is made and nothing runs."""
    while client.get("api/board").json()["catalog"]["predicted"]["model"] < len(board):
        time.sleep(0.05)
    while client.get("api/jobs").json()["jobs"]:
        time.sleep(0.05)


def cached(client: httpx.Client) -> dict[str, float]:
    """A stored result asked for again: its figures, then its arrays."""
    ask = question(0, seed=0)
    key = compute(client, ask)["key"]

    def again() -> None:
        assert client.post("api/attributions", json=ask).status_code == 200
        assert client.get(f"api/results/{key}").status_code == 200

    return figures([0.0], timed(again))


def fresh(client: httpx.Client, board: Board) -> dict[str, float]:
    """A result nobody asked for before, over HTTP and by the engine alone, in turns."""
    alone, over_http = [], []
    for number in range(1, ROUNDS + 1):
        index = number % len(board)
        client.get(f"api/examples/{index}")  # the page has shown the example before it asks
        alone += timed(partial(by_engine, board, index), 1)
        over_http += timed(partial(compute, client, question(index, seed=number)), 1)
    return figures(alone, over_http)


def question(index: int, seed: int) -> dict[str, Any]:
    """Integrated Gradients of one example; a seed of its own makes it a new question."""
    return {
        "examples": [index],
        "method": {"id": "IntegratedGradients", "params": {"n_steps": 20}},
        "target": 1,
        "seed": seed,
    }


def by_engine(board: Board, index: int) -> None:
    """What the job of `question` computes, with nothing around it."""
    model = board.models["model"]
    example = board.example(index)
    inputs = board.tensors([example])
    baseline = board.baseline(None, example, 0)
    method = engine.IntegratedGradients(n_steps=20)
    engine.attribute(model, inputs, method, 1, baselines=baseline)
    engine.shapley(model, inputs, 1, baselines=baseline)


def compute(client: httpx.Client, ask: dict[str, Any]) -> dict[str, Any]:
    """The result of a question, followed through its job's events as the page does."""
    answer = client.post("api/attributions", json=ask).json()
    last = ""
    with client.stream("GET", f"api/jobs/{answer['job']['id']}/events") as events:
        for line in events.iter_lines():
            if line.startswith("data: ") and '"results":' in line:
                result: dict[str, Any] = json.loads(line.removeprefix("data: "))["results"][0]
                return result
            last = line or last
    raise RuntimeError(f"The job ended without a result: {last}")


def warm_start(store: Path) -> dict[str, float]:
    """From the start of the process to /healthz, on a filled store."""
    torch_alone = [import_torch() for _ in range(STARTS)]
    return figures(torch_alone, [start_server(store) for _ in range(STARTS)])


def import_torch() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - started


def start_server(store: Path) -> float:
    started = time.perf_counter()
    with served(store):
        return time.perf_counter() - started


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Seconds of each round."""
    seconds = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return seconds


def figures(alone: list[float], measured: list[float]) -> dict[str, float]:
    """Medians in milliseconds, and their difference."""
    base, total = statistics.median(alone) * 1000, statistics.median(measured) * 1000
    return {
        "alone_ms": round(base, 2),
        "total_ms": round(total, 2),
        "added_ms": round(total - base, 2),
        "rounds": len(measured),
    }


def report(rows: dict[str, dict[str, float]]) -> None:
    """The table on the terminal, and the same figures as JSON."""
    table = Table("measured", "alone ms", "in all ms", "added ms", "limit ms", "rounds")
    for name, row in rows.items():
        shown = (row["alone_ms"], row["total_ms"], row["added_ms"], LIMITS[name], row["rounds"])
        table.add_row(name, *(f"{value:g}" for value in shown))
    Console(width=100).print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "torch": torch.__version__}
    RESULTS.write_text(json.dumps({**machine, "limits_ms": LIMITS, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
