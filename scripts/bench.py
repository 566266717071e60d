"""Run the measurements, benchmarks/bench_NAME.py: all of them, or those named as arguments."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "benchmarks"


def main(names: Sequence[str]) -> int:
    there = {path.stem.removeprefix("bench_") for path in BENCHMARKS.glob("bench_*.py")}
    unknown = [name for name in names if name not in there]
    if unknown or not there:
        choices = ", ".join(sorted(there)) or "none yet"
        print(
            f"There is no benchmark {' '.join(unknown)}; there are: {choices}.",
            file=sys.stderr,
        )
        return 2
    failed = 0
    for name in names or sorted(there):
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.bench_{name}"]
        failed += subprocess.run(command, cwd=ROOT, check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
