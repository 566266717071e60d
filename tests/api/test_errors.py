"""Every error is a problem that names the field and the mend."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient

from attriboard.api.app import create_app
from attriboard.api.schemas.common import Problem
from attriboard.jobs.session import Session

ADDRESS = "http://127.0.0.1:8321"
ASK: dict[str, Any] = {"examples": [0], "method": {"id": "Saliency"}}


def _problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    Problem.model_validate(found)
    assert found["status"] == status
    assert found["detail"]
    return found


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"method": {"id": "Saliency"}}, "examples", "missing"),
        ({"examples": [0]}, "method", "missing"),
        (ASK | {"examples": []}, "examples", "at least 1 item"),
        (ASK | {"examples": [0] * 1001}, "examples", "at most 1000 items, and has 1001"),
        (ASK | {"examples": [-1]}, "examples.0", "at least 0"),
        (ASK | {"examples": ["x"]}, "examples.0", "whole number"),
        (ASK | {"examples": [10**30]}, "examples.0", "at most"),
        (ASK | {"examples": [999]}, "examples", "999"),
        (ASK | {"colour": 1}, "colour", "check its spelling"),
        (ASK | {"model": "other"}, "model", "other"),
        (ASK | {"method": {"id": "Magic"}}, "method.id", "Magic"),
        (ASK | {"method": {"id": "Saliency", "params": {"x": 1}}}, "method.params.x", "x"),
        (
            ASK | {"method": {"id": "IntegratedGradients", "params": {"n_steps": 0}}},
            "method.params.n_steps",
            "n_steps",
        ),
        (
            ASK | {"method": {"id": "IntegratedGradients", "params": {"n_steps": 10**9}}},
            "method.params.n_steps",
            "n_steps",
        ),
        (
            ASK | {"method": {"id": "IntegratedGradients", "params": {"n_steps": "many"}}},
            "method.params.n_steps",
            "n_steps",
        ),
        (ASK | {"target": 3}, "target", "3"),
        (ASK | {"target": -1}, "target", "at least 0"),
        (ASK | {"target": "red"}, "target", "whole number"),
        (ASK | {"target": {"contrast": [1]}}, "target.contrast", "at least 2 items"),
        (ASK | {"target": {"contrast": [1, 1]}}, "target.contrast", "different"),
        (ASK | {"target": {"index": [0, 9]}}, "target", "target"),
        (ASK | {"baseline": {"photo": "plaid"}}, "baseline.photo", "plaid"),
        (ASK | {"baseline": {"sound": "mean"}}, "baseline.sound", "photo, question"),
        (ASK | {"baseline": {"photo": {"example": 999}}}, "baseline.photo", "999"),
        (ASK | {"features": {"photo": "hexagons"}}, "features.photo", "hexagons"),
        (ASK | {"seed": -1}, "seed", "at least 0"),
        (ASK | {"seed": 1.5}, "seed", "whole number"),
        ([], None, "must be a JSON object"),
    ],
)
def test_each_bad_question_names_its_field(
    client: TestClient, body: object, field: str | None, said: str
) -> None:
    for path in ("/api/attributions", "/api/estimates"):
        found = _problem(client.post(path, json=body), 422)
        assert found.get("field") == field
        assert said in found["detail"]


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("limit=0", "limit", "at least 1"),
        ("limit=1001", "limit", "at most 1000"),
        ("limit=ten", "limit", "whole number; it was 'ten'"),
        ("correct=perhaps", "correct", "true or false"),
        ("min_score=nan", "min_score", "finite"),
        ("sort=nothing", "sort", "nothing"),
        ("where=score >", "where", ""),
        ("where=nothing = 1", "where", "nothing"),
        ("cursor=stale", "cursor", ""),
        ("model=other", "model", "other"),
        ("label=purple", "label", "purple"),
        ("lable=red", "lable", "check its spelling"),
        ("q=" + "a" * 3000, "q", "2000 characters"),
    ],
)
def test_each_bad_filter_names_its_field(
    client: TestClient, query: str, field: str, said: str
) -> None:
    found = _problem(client.get(f"/api/examples?{query}"), 422)
    assert found["field"] == field
    assert said in found["detail"]


def test_several_errors_are_told_at_once(client: TestClient) -> None:
    found = _problem(client.get("/api/examples?limit=0&sample=0"), 422)
    assert [error["field"] for error in found["errors"]] == ["limit", "sample"] or [
        error["field"] for error in found["errors"]
    ] == ["sample", "limit"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "JSON"),
        (b"", "missing"),
        (b"[" * 50_000, ""),
        (b"null", ""),
    ],
)
def test_a_body_that_is_no_json_says_so(client: TestClient, body: bytes, said: str) -> None:
    answer = client.post(
        "/api/attributions", content=body, headers={"Content-Type": "application/json"}
    )
    assert 400 <= answer.status_code < 500
    assert said in _problem(answer, answer.status_code)["detail"]


def test_a_body_of_another_type_says_what_to_send(client: TestClient) -> None:
    answer = client.post("/api/attributions", content=b"{}", headers={"Content-Type": "text/plain"})
    assert "application/json" in _problem(answer, 422)["detail"]


@pytest.mark.parametrize("announced", [True, False])
def test_a_large_body_is_refused(client: TestClient, announced: bool) -> None:
    parts = [b"[" + b"1," * 400_000, b"1," * 400_000 + b"1]"]
    content = b"".join(parts) if announced else iter(parts)
    headers = {"Content-Type": "application/json"}
    found = _problem(client.post("/api/attributions", content=content, headers=headers), 413)
    assert "1,000,000 bytes" in found["detail"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/nothing", "/api/openapi.json"),
        ("/api/examples/30", "30"),
        ("/api/examples/30/inputs/photo", "30"),
        ("/api/examples/0/inputs/sound", "photo, question"),
        ("/api/examples/0/inputs/question", "no media"),
        ("/api/jobs/none", "none"),
        ("/api/jobs/none/events", "none"),
        ("/api/results/none", "none"),
        ("/api/results/" + "0" * 32, "POST /api/attributions"),
    ],
)
def test_what_is_not_there_says_so(client: TestClient, path: str, said: str) -> None:
    assert said in _problem(client.get(path), 404)["detail"]


def test_a_wrong_method_names_the_right_one(client: TestClient) -> None:
    answer = client.post("/api/board")
    assert "GET" in _problem(answer, 405)["detail"]
    assert "GET" in answer.headers["allow"]


def test_a_bug_tells_its_id_and_nothing_of_its_inside(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(session)

    @app.get("/api/bug")
    def bug() -> None:
        raise RuntimeError("/home/someone/secret.py")

    app.router.routes.insert(0, app.router.routes.pop())
    client = TestClient(app, base_url=ADDRESS)
    with caplog.at_level(logging.ERROR):
        answer = client.get("/api/bug")
    found = _problem(answer, 500)
    assert "secret" not in answer.text
    assert found["request_id"] == answer.headers["x-request-id"]
    assert found["request_id"] in caplog.text
    assert "secret.py" in caplog.text
