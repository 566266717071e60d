"""What a sweep adds to its passes, what more workers gain, and how long a person waits meanwhile.

    python -m benchmarks.bench_sweep              # every part, about ten minutes on a quiet machine
    python -m benchmarks.bench_sweep floor        # one of: floor, kills, ray, people
    python -m benchmarks.bench_sweep --quick      # each at a small size; prints, writes nothing

floor: examples a second of an export by Integrated Gradients, storing included, against as many
bare passes forth and back of the same model in the blocks that are the fastest. kills: an export
of 20,000 questions by 10 steps, killed three times, against one left alone. ray: a sweep of
EfficientNet-Lite0 on two Ray workers against what two bare processes gain over one, and on one
worker against none. people: single questions over HTTP while a sweep runs, against an idle server.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results" / "sweep.json"
FULL = {
    "questions": 192,
    "kills": 20_000,
    "kill_steps": 10,
    "steps": 50,
    "photos": 16,
    "clicks": 15,
}
QUICK = {
    "questions": 32,
    "steps": 4,
    "kills": 300,
    "kill_steps": 4,
    "photos": 4,
    "clicks": 4,
}


def main(words: list[str]) -> int:
    """Measures, prints, writes."""
    from benchmarks import sweep_floor, sweep_kills, sweep_people, sweep_ray

    parser = argparse.ArgumentParser(description="Measure sweeps.")
    parser.add_argument("parts", nargs="*", help="floor, kills, ray, people; all if none")
    parser.add_argument("--quick", action="store_true", help="small sizes; nothing is written")
    asked = parser.parse_args(words)
    size = QUICK if asked.quick else FULL
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        parts: dict[str, Callable[[], dict[str, Any]]] = {
            "floor": lambda: sweep_floor.floor(size["questions"], size["steps"], path / "floor"),
            "kills": lambda: sweep_kills.kills(size["kills"], size["kill_steps"], path / "kills"),
            "ray": lambda: sweep_ray.gains(size["photos"]),
            "people": lambda: sweep_people.waits(size["clicks"], path / "people"),
        }
        unknown = set(asked.parts) - set(parts)
        if unknown:
            parser.error(f"There is no part {', '.join(unknown)}; there are: {', '.join(parts)}.")
        found = {name: parts[name]() for name in asked.parts or parts}
    _print(found)
    if not asked.quick:
        known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({**known, **found}, indent=2) + "\n")
    return 0


def _print(found: dict[str, dict[str, Any]]) -> None:
    table = Table("part", "figure", "value")
    for part, figures in found.items():
        for name, value in figures.items():
            table.add_row(part, name, f"{value:.4g}" if isinstance(value, float) else str(value))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
