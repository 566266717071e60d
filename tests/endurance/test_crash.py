"""Killed at random moments: nothing acknowledged is lost, and the server starts each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.endurance import crash
from tests.endurance.record import keep


@pytest.mark.parametrize(
    "kills",
    [
        pytest.param(3, id="small"),
        pytest.param(100, id="full", marks=pytest.mark.endurance),
    ],
)
def test_crash(tmp_path: Path, kills: int) -> None:
    found = crash.run(tmp_path, kills)
    print(found)
    if kills == 100:
        keep("crash", found)
    assert found["starts"] == kills + 1
    assert found["acknowledged_results"] > kills
    assert found["acknowledged_edits"] > 0
    assert (found["lost"], found["corrupt"], found["orphans"]) == (0, 0, 0)
