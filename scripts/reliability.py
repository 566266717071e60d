"""Write docs/reliability.md from the figures that `make endurance` left behind.

The words stand in scripts/pages/reliability.md; a line `@NAME@` is where NAME.json goes.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "benchmarks" / "results" / "endurance"
TEMPLATE = ROOT / "scripts" / "pages" / "reliability.md"
PAGE = ROOT / "docs" / "reliability.md"
PLACE = re.compile(r"^@([a-z]+)@$", re.MULTILINE)
UNITS = {"ms": "ms", "mb": "MB", "seconds": "s"}


def main() -> int:
    text = TEMPLATE.read_text()
    places = {name: FIGURES / f"{name}.json" for name in PLACE.findall(text)}
    missing = [name for name, place in places.items() if not place.exists()]
    if missing:
        print(f"No figures of {', '.join(missing)}: run `make endurance`.", file=sys.stderr)
        return 1
    tables = {name: table(json.loads(place.read_text())) for name, place in places.items()}
    PAGE.write_text(PLACE.sub(lambda found: tables[found[1]], text))
    print(f"Wrote {PAGE.relative_to(ROOT)}.")
    return 0


def table(record: dict[str, Any]) -> str:
    """One run: where it was made, and a row for each figure."""
    made = f"Commit {record['commit']}, {record['date']}"
    where = f"{made}, {record['cores']} cores, torch {record['torch']}."
    rows = [f"| {label(key)} | {shown(value)} |" for key, value in record["figures"].items()]
    return "\n".join([where, "", "| figure | value |", "| --- | --- |", *rows])


def label(key: str) -> str:
    """A figure's name in words, its unit behind."""
    *words, last = key.split("_")
    if last in UNITS and words:
        return f"{' '.join(words)} ({UNITS[last]})"
    return " ".join([*words, last])


def shown(value: Any) -> str:
    """A number, a list, or counts by name."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {count:,}" for key, count in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


if __name__ == "__main__":
    sys.exit(main())
