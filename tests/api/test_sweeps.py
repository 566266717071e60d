"""Sweeps over HTTP: state, job, columns, figures."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from attriboard.api.schemas.aggregates import AggregateView
from attriboard.api.schemas.attributions import JobAnswer, JobView
from attriboard.api.schemas.sweeps import SweepView
from tests.api import sse

STEPS = {"id": "IntegratedGradients", "params": {"n_steps": 4}}


def _swept(client: TestClient, ask: dict[str, Any]) -> dict[str, Any]:
    """The state once all is computed."""
    answer = client.post("/api/sweeps", json=ask)
    if answer.status_code == 202:
        JobAnswer.model_validate(answer.json())
        job = answer.json()["job"]
        assert answer.headers["location"] == f"jobs/{job['id']}"
        with client.stream("GET", f"/api/jobs/{job['id']}/events") as events:
            messages = list(sse.read(events.iter_lines()))
        assert messages[-1].name == "done", messages[-1]
        assert any(message.name == "progress" for message in messages)
        JobView.model_validate(client.get(f"/api/jobs/{job['id']}").json())
        answer = client.post("/api/sweeps", json=ask)
    assert answer.status_code == 200, answer.text
    SweepView.model_validate(answer.json())
    found: dict[str, Any] = answer.json()
    return found


def test_a_sweep_becomes_columns_that_filter_sort_and_count(client: TestClient) -> None:
    ask = {"filter": {"sample": 12, "seed": 5}, "method": STEPS}
    before = client.post("/api/sweeps/state", json=ask).json()
    assert (before["examples"], before["lacking"]) == (12, 12)
    assert before["passes"] == 12 * (4 + 4)
    state = _swept(client, ask)
    assert (state["lacking"], state["passes"], state["job"]) == (0, 0, None)
    column = state["columns"]["share"]["photo"]
    listed = client.get("/api/board").json()["catalog"]["columns"]
    assert {"name": column, "type": "float", "role": "computed"} in listed
    query = {"sample": 12, "seed": 5}
    found = client.get("/api/aggregates", params={**query, "column": column, "by": "label"})
    AggregateView.model_validate(found.json())
    summary = found.json()["columns"][0]
    assert (summary["count"], summary["empty"]) == (12, 0)
    assert sum(group["count"] for group in found.json()["groups"]) == 12
    bar = next(each for each in summary["bins"] if each["count"])
    where = f"{column} >= {bar['from']!r} and {column} <= {bar['to']!r}"
    page = client.get("/api/examples", params={"where": where, "sort": column}).json()
    assert page["total"] >= bar["count"]


def test_figures_of_a_group_are_those_of_its_filter(client: TestClient) -> None:
    state = _swept(client, {"method": None})
    column = state["columns"]["shapley"]["question"]
    asked = {"column": [column, state["columns"]["flips"]["photo"]], "by": "label"}
    whole = client.get("/api/aggregates", params=asked).json()
    for group in whole["groups"]:
        alone = client.get("/api/aggregates", params={**asked, "label": group["value"]}).json()
        for ours, theirs in zip(group["columns"], alone["columns"], strict=True):
            assert ours["mean"] == pytest.approx(theirs["mean"])
            assert ours["count"] == theirs["count"]


@pytest.mark.parametrize(
    ("ask", "field"),
    [
        ({"method": {"id": "Salience"}}, "method"),
        ({"filter": {"where": "nothing = 1"}}, "where"),
        ({"filter": {"colour": "red"}}, "filter.colour"),
        ({"models": ["nobody"]}, "model"),
        ({"baseline": {"photo": "pink"}}, "baseline.photo"),
    ],
)
def test_what_is_wrong_is_named(client: TestClient, ask: dict[str, Any], field: str) -> None:
    for path in ("/api/sweeps", "/api/sweeps/state"):
        answer = client.post(path, json=ask)
        assert answer.status_code == 422
        assert answer.json()["field"].startswith(field)


def test_a_column_that_has_no_figures_is_named(client: TestClient) -> None:
    answer = client.get("/api/aggregates", params={"column": "question"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "column"
