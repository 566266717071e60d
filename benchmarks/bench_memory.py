"""Memory that an attribution takes above its inputs and its result, and what makes it grow.

    python -m benchmarks.bench_memory            # a few minutes, most of them VGG19's
    python -m benchmarks.bench_memory --quick    # without VGG19, and with less of everything

Counted are the bytes of tensors alive at once while the engine works, the model's own activations
and gradients among them, less the result's. It is no measure of the process: Python, torch and
what the allocator keeps are not in it. The time of 2,990 steps on VGG19, as in table 1 of the
Captum paper (arXiv:2009.07896), is projected from the passes made until a run is broken off.
Prints a table and writes benchmarks/results/memory.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine.errors import Cancelled
from attriboard.engine.planner import LiveBytes
from benchmarks.speed import models
from benchmarks.speed.report import machine

RESULTS = Path(__file__).parent / "results" / "memory.json"
BUDGET = 24 << 20
"""Bytes a block may take: above it, blocks and so the peak would grow with what there is to do."""


@dataclass(frozen=True)
class Peak:
    """Bytes at the peak above inputs and result; seconds of all passes, projected if broken off."""

    what: str
    bytes: int
    seconds: float
    whole: bool


@dataclass(frozen=True)
class Ask:
    """One attribution. most: seconds after which it is broken off; memory: the budget, if any."""

    what: str
    model: nn.Module
    inputs: Tensor
    method: engine.Method
    features: Tensor | None = None
    most: float | None = None
    memory: int | None = BUDGET

    def __call__(self, most: float | None) -> tuple[engine.Run, int]:
        """Run it: what it counted, and the result's bytes."""
        began = time.perf_counter()
        out: list[bool] = []

        def late() -> bool:
            out.append(most is not None and time.perf_counter() - began > most)
            return out[-1]

        run = engine.Run(memory=self.memory, cancel=late)
        try:
            engine.attribute(
                self.model, self.inputs, self.method, 1, features=self.features, run=run
            )
        except Cancelled:
            return run, self.inputs.nbytes
        return run, self.inputs.nbytes


def measured(ask: Ask) -> Peak:
    """The peak of a second run, since a first one learns how many rows a block takes."""
    ask(min(ask.most or 20.0, 20.0))
    began = time.perf_counter()
    with LiveBytes() as live:
        run, result = ask(ask.most)
    seconds = time.perf_counter() - began
    share = run.rows / max(1, run.planned)
    return Peak(ask.what, max(0, live.peak - result), seconds / share, share == 1)


def small(quick: bool) -> list[Callable[[], Ask]]:
    """MobileNetV2 on small pictures: how memory grows with examples, steps and features."""
    model, many = models.mobilenet(), 64 if quick else 1000
    x = torch.randn(many, 3, 64, 64)

    def integrated(steps: int, examples: int) -> Callable[[], Ask]:
        method = engine.IntegratedGradients(n_steps=steps)
        what = f"MobileNetV2 at 64 pixels, IG, {steps} steps, {examples} examples"
        return lambda: Ask(what, model, x[:examples], method)

    def ablated(side: int) -> Callable[[], Ask]:
        place = torch.arange(64) * side // 64
        ids = (place[:, None] * side + place)[None, None]
        what = f"MobileNetV2 at 64 pixels, ablation, {side * side} features"
        return lambda: Ask(what, model, x[:1], engine.FeatureAblation(), ids)

    if quick:
        return [integrated(32, 1), integrated(128, 1), integrated(2, 16), integrated(2, many)]
    asks = [integrated(50, 1), integrated(2990, 1), integrated(4, 16), integrated(4, many)]
    return [*asks, ablated(8), ablated(32)]


def large(seconds: float) -> list[Callable[[], Ask]]:
    """Table 1 of the Captum paper: VGG19."""
    model, x = models.vgg(), torch.randn(1, 3, 224, 224)
    place = torch.arange(224) * 7 // 224
    ids = (place[:, None] * 7 + place)[None, None]

    def integrated(steps: int) -> Callable[[], Ask]:
        method = engine.IntegratedGradients(n_steps=steps)
        return lambda: Ask(f"VGG19, IG, {steps} steps", model, x, method, most=seconds)

    def ablated() -> Ask:
        method = engine.FeatureAblation()
        return Ask("VGG19, ablation, 49 features", model, x, method, ids, most=seconds)

    return [integrated(50), integrated(2990), ablated]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="without VGG19")
    parser.add_argument("--seconds", type=float, default=60.0, help="most of one run on VGG19")
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    torch.manual_seed(0)
    makes = small(options.quick) + ([] if options.quick else large(options.seconds))
    peaks = []
    for make in makes:
        peaks.append(measured(make()))
        print(f"{peaks[-1].what}: {peaks[-1].bytes / 2**20:.1f} MiB", flush=True)
    report(peaks, options.json)
    return 0


def report(peaks: list[Peak], path: Path) -> None:
    """The table on the terminal, and the same figures as JSON."""
    table = Table("measured", "MiB above inputs and result", "seconds", "")
    for peak in peaks:
        told = "" if peak.whole else "projected"
        table.add_row(peak.what, f"{peak.bytes / 2**20:.2f}", f"{peak.seconds:.3g}", told)
    Console(width=120).print(table)
    path.parent.mkdir(exist_ok=True)
    data = {**machine(), "peaks": [asdict(peak) for peak in peaks]}
    path.write_text(json.dumps(data, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
