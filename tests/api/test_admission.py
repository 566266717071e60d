"""What is not let in is told when to come back; what is stored is still served."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from attriboard.api.app import create_app
from attriboard.jobs.admission import Admission
from attriboard.jobs.limits import Limits
from attriboard.jobs.session import Session
from tests.api.boards import fusion_board

ADDRESS = "http://127.0.0.1:8321"
ASK = {"examples": [1], "method": {"id": "Saliency", "params": {}}}


@pytest.fixture
def free() -> dict[str, int]:
    return {"bytes": 2**33}


@pytest.fixture
def client(tmp_path: Path, free: dict[str, int]):
    admission = Admission(available=lambda: free["bytes"])
    session = Session(fusion_board(), tmp_path, limits=Limits(admission=admission))
    session.start()
    with TestClient(create_app(session), base_url=ADDRESS) as opened:
        yield opened
    session.close()


def computed(client: TestClient) -> httpx.Response:
    for _ in range(200):
        answer = client.post("/api/attributions", json=ASK)
        if answer.status_code == 200:
            return answer
        assert answer.status_code == 202
        time.sleep(0.05)
    raise AssertionError("never computed")


def test_short_of_memory_new_work_waits_and_stored_results_are_served(
    client: TestClient, free: dict[str, int]
) -> None:
    first = computed(client)
    free["bytes"] = 2**20
    new = {**ASK, "examples": [2]}
    refused = client.post("/api/attributions", json=new)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["content-type"] == "application/problem+json"
    assert "out of memory" in refused.json()["detail"]
    assert client.post("/api/attributions", json=ASK).json() == first.json()
    assert client.get("/api/examples").status_code == 200
    free["bytes"] = 2**33
    assert client.post("/api/attributions", json=new).status_code == 202
