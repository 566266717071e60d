"""The measurement of sweeps runs, and storing stays small beside passes, even of few questions."""

from __future__ import annotations

from pathlib import Path

from benchmarks.sweep_floor import floor


def test_storing_takes_little_beside_the_passes(tmp_path: Path) -> None:
    found = floor(questions=24, steps=16, folder=tmp_path)
    assert found["rows"] >= 24 * 16
    assert found["share_of_floor"] > 0.4
    assert found["examples_a_second"] > 0
