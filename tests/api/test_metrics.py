"""Asking how far attributions can be trusted: a job, then the stored figures."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from attriboard.api.schemas.attributions import JobAnswer, JobView
from attriboard.api.schemas.measured import Measured, MeasuredList
from tests.api import sse

STEPS = {"id": "IntegratedGradients", "params": {"n_steps": 4}}


def _events(client: TestClient, job: str) -> list[sse.Message]:
    with client.stream("GET", f"/api/jobs/{job}/events") as answer:
        assert answer.status_code == 200
        return list(sse.read(answer.iter_lines()))


def _measured(client: TestClient, ask: dict[str, Any]) -> list[dict[str, Any]]:
    answer = client.post("/api/metrics", json=ask)
    if answer.status_code == 202:
        last = _events(client, answer.json()["job"]["id"])[-1]
        assert last.name == "done", last
        answer = client.post("/api/metrics", json=ask)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_a_fresh_question_is_a_job_and_then_its_figures(client: TestClient) -> None:
    ask = {"examples": [4, 2], "method": STEPS, "seed": 7}
    answer = client.post("/api/metrics", json=ask)
    assert answer.status_code == 202
    JobAnswer.model_validate(answer.json())
    job = answer.json()["job"]
    assert job["kind"] == "measure"
    assert answer.headers["location"] == f"jobs/{job['id']}"
    messages = _events(client, job["id"])
    finals = [m.data for m in messages if m.name == "partial" and m.data["final"]]
    assert sorted(final["example"] for final in finals) == [2, 4]
    for final in finals:
        Measured.model_validate(final["result"])
    MeasuredList.model_validate(messages[-1].data)
    stored = client.post("/api/metrics", json=ask)
    assert stored.status_code == 200
    assert stored.json()["results"] == messages[-1].data["results"]
    assert [result["example"] for result in stored.json()["results"]] == [4, 2]
    view = client.get(f"/api/jobs/{job['id']}").json()
    JobView.model_validate(view)
    assert view["state"] == "done"


def test_the_attributions_measured_are_stored_too(client: TestClient) -> None:
    ask = {"examples": [3], "method": STEPS, "seed": 8}
    (found,) = _measured(client, {**ask, "metrics": ["deletion"]})
    assert set(found["metrics"]) == {"deletion"}
    answer = client.post("/api/attributions", json=ask)
    assert answer.status_code == 200
    assert answer.json()["results"][0]["key"] == found["attribution"]


def test_what_is_not_defined_is_null_and_says_why(client: TestClient) -> None:
    (found,) = _measured(client, {"examples": [0], "method": {"id": "FeatureAblation"}})
    assert found["metrics"]["sensitivity_max"] is None
    assert found["metrics"]["insertion"]["auc"] is not None
    assert "token" in found["warnings"][0]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metrics": []}, "metrics"),
        ({"metrics": ["beauty"]}, "metrics[0]"),
        ({"layer": "head"}, "layer"),
        ({"method": {"id": "Salience"}}, "method.id"),
        ({"examples": [10_000]}, "examples"),
    ],
)
def test_what_is_wrong_is_named(client: TestClient, change: dict[str, Any], field: str) -> None:
    answer = client.post("/api/metrics", json={"examples": [0], "method": STEPS} | change)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"].startswith(field.split("[")[0])
