"""Overviews over HTTP: what one would cost, the job, and the table with its arrays."""

from __future__ import annotations

from fastapi.testclient import TestClient
from safetensors.numpy import load

from attriboard.api.schemas.attributions import JobAnswer
from attriboard.api.schemas.overviews import OverviewEstimate, OverviewList
from tests.api import sse


def test_an_overview_is_a_job_and_then_its_table(client: TestClient) -> None:
    ask = {"method": {"id": "Saliency"}, "filter": {"where": "index < 12"}}
    estimate = client.post("/api/overviews/estimates", json=ask).json()
    OverviewEstimate.model_validate(estimate)
    assert (estimate["examples"], estimate["passes"], estimate["stored"]) == (12, 12, False)
    answer = client.post("/api/overviews", json=ask)
    assert answer.status_code == 202
    JobAnswer.model_validate(answer.json())
    job = answer.json()["job"]
    assert job["kind"] == "overview"
    with client.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        messages = list(sse.read(stream.iter_lines()))
    assert messages[-1].name == "done"
    stored = client.post("/api/overviews", json=ask)
    assert stored.status_code == 200
    OverviewList.model_validate(stored.json())
    [table] = stored.json()["results"]
    assert table["examples"] == 12
    maps = [group for each in table["models"][0]["inputs"] for group in each["groups"]]
    assert maps
    arrays = load(client.get(f"/api/results/{table['key']}").content)
    assert {f"{group['maps']}/attribution" for group in maps} <= set(arrays)


def test_no_match_costs_nothing(client: TestClient) -> None:
    ask = {"filter": {"where": "index > 1000"}}
    estimate = client.post("/api/overviews/estimates", json=ask)
    assert estimate.status_code == 200
    assert estimate.json() == {"examples": 0, "passes": 0, "stored": False, "job": None}


def test_what_is_wrong_is_named(client: TestClient) -> None:
    for ask, field in (
        ({"filter": {"where": "index > 1000"}}, "filter"),
        ({"filter": {"where": "nothing = 1"}}, "where"),
        ({"method": {"id": "Nonsense"}}, "method.id"),
        ({"by": "size"}, "by"),
        ({"models": []}, "models"),
    ):
        answer = client.post("/api/overviews", json=ask)
        assert answer.status_code == 422, ask
        assert answer.json()["field"] == field
