"""Liveness, metrics, compression, request ids, the selection."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient


def _metric(client: TestClient, pattern: str) -> float:
    found = re.search("^" + pattern + r" (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


def test_healthz(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_requests_are_counted_by_route_and_status(client: TestClient) -> None:
    known = (
        r'attriboard_requests_total\{method="GET",route="/api/examples/\{index\}",status="200"\}'
    )
    unknown = (
        r'attriboard_requests_total\{method="GET",route="/api/examples/\{index\}",status="404"\}'
    )
    before = _metric(client, known), _metric(client, unknown)
    client.get("/api/examples/1")
    client.get("/api/examples/2")
    client.get("/api/examples/3000")
    assert _metric(client, known) == before[0] + 2
    assert _metric(client, unknown) == before[1] + 1


def test_the_work_is_counted(client: TestClient) -> None:
    ask = {"examples": [5], "method": {"id": "Saliency"}, "seed": 77}
    answer = client.post("/api/attributions", json=ask)
    assert answer.status_code == 202
    client.get(f"/api/jobs/{answer.json()['job']['id']}/events")
    rows = _metric(client, "attriboard_model_rows_total")
    hits = _metric(client, "attriboard_cache_hits_total")
    assert rows >= 30  # the predictions alone
    assert client.post("/api/attributions", json=ask).status_code == 200
    assert _metric(client, "attriboard_model_rows_total") == rows
    assert _metric(client, "attriboard_cache_hits_total") == hits + 1
    assert _metric(client, "attriboard_queue_depth") == 0


def test_each_response_has_an_id_of_its_own(client: TestClient) -> None:
    ids = {client.get("/healthz").headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


def test_text_is_compressed_and_dense_data_is_not(client: TestClient) -> None:
    assert client.get("/api/board").headers["content-encoding"] == "gzip"
    plain = client.get("/api/board", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in client.get("/api/examples/0/inputs/photo").headers


def test_the_selection_is_read_back(client: TestClient) -> None:
    assert client.put("/api/selection", json={"examples": [7, 3, 5]}).json() == {
        "examples": [7, 3, 5]
    }
    assert client.get("/api/selection").json() == {"examples": [7, 3, 5]}
    assert client.put("/api/selection", json={"examples": [3000]}).status_code == 404
    assert client.get("/api/selection").json() == {"examples": [7, 3, 5]}
