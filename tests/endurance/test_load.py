"""Many people at once: right answers, no failure, and memory that stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endurance import load
from tests.endurance.record import keep


@pytest.mark.parametrize(
    ("clients", "seconds"),
    [
        pytest.param(8, 6.0, id="small"),
        pytest.param(64, 60.0, id="full", marks=pytest.mark.endurance),
    ],
)
def test_load(tmp_path: Path, clients: int, seconds: float) -> None:
    found = load.run(tmp_path, clients, seconds)
    print(found)
    if clients == 64:
        keep("load", found)
        assert found["cached_p99_ms"] <= 100
        assert found["memory_end_mb"] <= 1.1 * found["memory_settled_mb"] + 20
    assert found["server_errors"] == 0, found["problems"]
    assert not found["problems"]
    assert found["results_checked"] >= clients
    assert found["wrong_answers"] == 0
