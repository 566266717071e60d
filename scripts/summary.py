"""Add up the JUnit reports of one test run, closing with `tests: N passed, N failed`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

REPORTS = Path(__file__).resolve().parent.parent / "test-artifacts" / "junit"


def count(report: Path) -> Counter[str]:
    """How many test cases of one report passed, failed or were skipped."""
    totals: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            totals["failed"] += 1
        elif "skipped" in outcomes:
            totals["skipped"] += 1
        else:
            totals["passed"] += 1
    return totals


def main() -> int:
    totals: Counter[str] = Counter()
    for report in sorted(REPORTS.glob("*.xml")):
        counted = count(report)
        totals += counted
        print(f"{report.stem}: {counted['passed']} of {counted.total()} test cases")
    if not totals:
        print("No test ran.", file=sys.stderr)
        return 1
    skipped = f", {totals['skipped']} skipped" if totals["skipped"] else ""
    print(f"tests: {totals['passed']} passed, {totals['failed']} failed{skipped}")
    return 0 if totals["failed"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
