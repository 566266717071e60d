"""Requests from the schema find no bug."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from attriboard.api.app import create_app
from attriboard.jobs.session import Session
from tests.api.boards import fusion_board
from tests.endurance import fuzz
from tests.endurance.record import keep


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    session = Session(fusion_board(), tmp_path)
    session.start()
    yield create_app(session, allow_hosts=["testserver"])
    session.close()


@pytest.mark.parametrize(
    "requests",
    [
        pytest.param(250, id="small"),
        pytest.param(8_000, id="full", marks=pytest.mark.endurance),
    ],
)
def test_fuzz(app: FastAPI, requests: int) -> None:
    found = fuzz.run(app, requests)
    print(found)
    if requests >= 5_000:
        assert found["requests"] >= 5_000
        keep("fuzz", {**found, "failures": len(found["failures"])})
    assert not found["failures"], found["failures"][:5]
    assert found["requests"] > requests / 2
