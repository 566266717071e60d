"""Several methods over a subsample: a background job, then the stored table."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from attriboard.api.schemas.attributions import JobAnswer, JobView
from attriboard.api.schemas.survey_table import SurveyList, SurveyTable
from attriboard.api.schemas.surveys import SurveyEstimate
from tests.api import sse


def _ask(*methods: str, **fields: Any) -> dict[str, Any]:
    columns = [{"method": {"id": method}} for method in methods]
    return {"examples": [4, 2, 9], "columns": columns, "checked": 2, **fields}


def test_a_survey_is_a_job_and_then_its_table(client: TestClient) -> None:
    ask = _ask("Saliency", "InputXGradient")
    estimate = client.post("/api/surveys/estimates", json=ask).json()
    SurveyEstimate.model_validate(estimate)
    assert estimate["passes"] > 0
    assert not estimate["stored"]
    answer = client.post("/api/surveys", json=ask)
    assert answer.status_code == 202
    JobAnswer.model_validate(answer.json())
    job = answer.json()["job"]
    assert job["kind"] == "survey"
    with client.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        messages = list(sse.read(stream.iter_lines()))
    finals = [m.data["result"] for m in messages if m.name == "partial"]
    for table in finals:
        SurveyTable.model_validate(table)
    assert messages[-1].name == "done"
    SurveyList.model_validate(messages[-1].data)
    stored = client.post("/api/surveys", json=ask)
    assert stored.status_code == 200
    assert stored.json() == messages[-1].data
    (table,) = stored.json()["results"]
    assert table["examples"] == [4, 2, 9]
    assert [row["count"] for row in table["rows"]] == [3, 3]
    JobView.model_validate(client.get(f"/api/jobs/{job['id']}").json())
    after = client.post("/api/surveys/estimates", json=ask).json()
    assert after == {"passes": 0, "columns": [0, 0], "stored": True, "job": None}


def test_what_is_wrong_is_named(client: TestClient) -> None:
    for ask, field in (
        (_ask(), "columns"),
        (_ask("Saliency", examples=[]), "examples"),
        (_ask("Saliency", examples=[99]), "examples"),
        (_ask("Nonsense"), "method.id"),
        (_ask("Saliency", checked=-1), "checked"),
    ):
        answer = client.post("/api/surveys", json=ask)
        assert answer.status_code == 422, ask
        assert answer.json()["field"] == field
