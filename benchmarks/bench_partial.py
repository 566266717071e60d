"""How soon the first partial picture of Integrated Gradients is there, end to end.

    python -m benchmarks.bench_partial   # prints a table, writes benchmarks/results/partial.json

A MobileNetV2 of 224 pixels a side is served in a process of its own. Timed is the way from the
question to the arrays of the first partial result in the hand of the client: the request, the job,
the events, the file. Beside it stand two blocks of the same attribution by the engine alone, which
is what such a picture costs. The limit is two blocks and 30 ms more.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import torch
from rich.console import Console
from rich.table import Table
from safetensors.torch import load

import attriboard as ab
from attriboard import engine
from benchmarks.bench_server import fill, served
from benchmarks.speed import models
from benchmarks.speed.report import machine

ROUNDS = 5
SIZE = ROUNDS + 2
STEPS = 50
LIMIT_MS = 30.0
SIDE = 224
RESULTS = Path(__file__).parent / "results" / "partial.json"


def make() -> ab.Board:
    """The board, the same in every process."""
    torch.manual_seed(0)
    pixels = torch.randint(0, 256, (SIZE, SIDE, SIDE, 3), dtype=torch.uint8).numpy()
    return ab.Board(
        models.mobilenet(10),
        [{"photo": image, "label": i % 10} for i, image in enumerate(pixels)],
        inputs=[ab.Image("photo")],
        output=ab.Classes([str(i) for i in range(10)]),
        name="Partial benchmark",
    )


def main() -> int:
    """Measures, prints, writes; 1 where the limit is passed."""
    with tempfile.TemporaryDirectory() as folder:
        board = make()
        with served(Path(folder) / "store", f"{__file__}:make") as client:
            fill(client, board)
            firsts = [first_picture(client, i) for i in range(SIZE)][2:]
    blocks = [two_blocks(board, i) for i in range(SIZE)][2:]
    return report(statistics.median(firsts), statistics.median(blocks))


def first_picture(client: httpx.Client, index: int) -> float:
    """Seconds from the question to the arrays of the first partial result."""
    ask = {
        "examples": [index],
        "method": {"id": "IntegratedGradients", "params": {"n_steps": STEPS}},
        "target": 1,
    }
    client.get(f"api/examples/{index}")  # the page has shown the example before it asks
    began = time.perf_counter()
    job = client.post("api/attributions", json=ask).json()["job"]["id"]
    seconds = 0.0
    with client.stream("GET", f"api/jobs/{job}/events") as events:
        for data in told(events):
            if not seconds and "key" in data and not data.get("final", False):
                arrays = load(client.get(f"api/results/{data['key']}").content)
                seconds = time.perf_counter() - began
                assert arrays["photo"].abs().max() > 0
    return seconds


def told(events: httpx.Response) -> Any:
    """What the job's events carry, as they come."""
    for line in events.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def two_blocks(board: ab.Board, index: int) -> float:
    """Seconds until the second block of the attribution is done, by the engine alone."""
    example = board.example(index)
    ends: list[float] = []
    run = engine.Run(progress=lambda done, planned: ends.append(time.perf_counter()))
    began = time.perf_counter()
    engine.attribute(
        board.models["model"],
        board.tensors([example]),
        engine.IntegratedGradients(n_steps=STEPS),
        1,
        baselines=board.baseline(None, example, 0),
        run=run,
    )
    return ends[1] - began


def report(first: float, blocks: float) -> int:
    """The table on the terminal, and the same figures as JSON."""
    added = 1000 * (first - blocks)
    table = Table("first partial ms", "two blocks ms", "more ms", "limit ms")
    table.add_row(f"{1000 * first:.0f}", f"{1000 * blocks:.0f}", f"{added:.0f}", f"{LIMIT_MS:g}")
    Console(width=100).print(table)
    RESULTS.parent.mkdir(exist_ok=True)
    data = {**machine(), "first_s": first, "two_blocks_s": blocks, "limit_ms": LIMIT_MS}
    RESULTS.write_text(json.dumps(data, indent=2) + "\n")
    return int(added > LIMIT_MS)


if __name__ == "__main__":
    sys.exit(main())
