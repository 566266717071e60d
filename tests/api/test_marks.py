"""Tags, notes, views, ids and neighbours over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fastapi.testclient import TestClient

from attriboard import engine
from attriboard.api.app import create_app
from attriboard.api.schemas.examples import ConfusionView
from attriboard.api.schemas.marks import NeighbourList, Pulse
from attriboard.jobs.session import Session
from tests.api.boards import SIZE, fusion, fusion_board
from tests.api.conftest import ADDRESS, READY_SECONDS


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a board of its own, since these tests write."""
    session = Session(fusion_board(fusion(3)), tmp_path)
    job = session.start()
    assert job is not None
    assert job.wait(READY_SECONDS)
    with TestClient(create_app(session), base_url=ADDRESS) as opened:
        yield opened
    session.close()


def _indices(client: TestClient, **query: Any) -> list[int]:
    answer = client.get("/api/indices", params=query)
    assert answer.status_code == 200, answer.text
    found: list[int] = answer.json()["examples"]
    return found


def test_tags_and_notes_are_written_and_found(client: TestClient) -> None:
    change = {"examples": [4, 2], "add": ["odd", "pinned"]}
    tags = client.post("/api/tags", json=change).json()["tags"]
    assert [(tag["name"], tag["count"]) for tag in tags] == [("odd", 2), ("pinned", 2)]
    assert client.put("/api/examples/4/note", json={"note": " why? "}).json() == {
        "tags": ["odd", "pinned"],
        "note": "why?",
    }
    assert _indices(client, tag="odd") == [2, 4]
    assert _indices(client, where='tags = "odd" and note contains "WHY"') == [4]
    client.post("/api/tags", json={"examples": [4], "remove": ["odd"]})
    item = client.get("/api/examples", params={"tag": "pinned", "sort": "-index"}).json()["items"][
        0
    ]
    assert (item["index"], item["tags"], item["note"]) == (4, ["pinned"], "why?")
    facets = client.get("/api/facets").json()
    assert {tag["name"]: tag["count"] for tag in facets["tags"]} == {"odd": 1, "pinned": 2}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"examples": [SIZE], "add": ["a"]}, "examples"),
        ({"examples": [1], "add": [" "]}, "add"),
        ({"examples": [1], "remove": ["a,b"]}, "remove"),
    ],
)
def test_marks_that_cannot_be_are_refused(
    client: TestClient, change: dict[str, Any], field: str
) -> None:
    answer = client.post("/api/tags", json=change)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert client.get("/api/tags").json() == {"tags": []}


def test_views_are_saved_renamed_and_deleted(client: TestClient) -> None:
    assert client.put("/api/views", json={"name": "Wrong", "query": "correct=false"}).json() == {
        "views": [{"name": "Wrong", "query": "correct=false"}]
    }
    renamed = client.patch("/api/views", json={"name": "Wrong", "new_name": "Mistakes"})
    assert [view["name"] for view in renamed.json()["views"]] == ["Mistakes"]
    assert client.patch("/api/views", json={"name": "x", "new_name": "y"}).status_code == 404
    assert client.delete("/api/views", params={"name": "Mistakes"}).json() == {"views": []}
    assert client.delete("/api/views", params={"name": "Mistakes"}).status_code == 404


def test_ids_are_found_and_missing_ones_told(client: TestClient) -> None:
    found = client.post("/api/ids", json={"values": ["7", " 3 ", "x", "7"]}).json()
    assert found == {"examples": [7, 3], "missing": ["x"], "missing_count": 1}
    by_column = client.post("/api/ids", json={"column": "place", "values": ["left"]}).json()
    assert by_column["examples"] == list(range(1, SIZE, 2))
    refused = client.post("/api/ids", json={"column": "name", "values": ["x"]})
    assert refused.json()["field"] == "column"


def test_choices_in_columns_travel_as_json(client: TestClient) -> None:
    left = json.dumps({"column": "place", "values": ["left"]})
    heavy = json.dumps({"column": "weight", "min": 5})
    assert _indices(client, only=[left, heavy]) == [21, 23, 25, 27, 29]
    for wrong in ("{", "[]", '{"column": "weight", "min": "x"}', '{"column": "nope"}'):
        answer = client.get("/api/facets", params={"only": wrong})
        assert (answer.status_code, answer.json()["field"]) == (422, "only"), wrong


def test_a_stratified_sample_and_the_matrix(client: TestClient) -> None:
    drawn = _indices(client, sample=9, stratified=True)
    items = client.get("/api/examples", params={"limit": SIZE}).json()["items"]
    labels = [items[i]["label"] for i in drawn]
    assert sorted(labels) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    matrix = client.get("/api/confusion").json()
    ConfusionView.model_validate(matrix)
    assert sum(cell["count"] for cell in matrix["cells"]) == SIZE
    right = sum(item["correct"] for item in items)
    assert matrix["accuracy"] == pytest.approx(right / SIZE)


def test_neighbours_are_the_nearest_in_the_last_layer(client: TestClient) -> None:
    answer = client.get("/api/examples/4/neighbours", params={"count": 5})
    if answer.status_code == 202:
        job = answer.json()["job"]
        deadline = time.monotonic() + READY_SECONDS
        while client.get(f"/api/jobs/{job['id']}").json()["state"] != "done":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        answer = client.get("/api/examples/4/neighbours", params={"count": 5})
    assert answer.status_code == 200
    NeighbourList.model_validate(answer.json())
    board = fusion_board(fusion(3))
    model = board.models["model"]
    rows = [
        engine.attribute(
            model,
            board.tensors([board.example(i)]),
            engine.LayerActivation(),
            layer="head",
            layer_side="input",
        )
        .attributions[0]
        .flatten()
        for i in range(SIZE)
    ]
    alike = torch.nn.functional.cosine_similarity(torch.stack(rows), rows[4][None])
    alike[4] = -np.inf
    expected = alike.topk(5)
    found = answer.json()["neighbours"]
    assert [one["item"]["index"] for one in found] == expected.indices.tolist()
    assert [one["similarity"] for one in found] == pytest.approx(expected.values.tolist(), abs=1e-5)


def test_a_black_box_has_no_neighbours_and_says_why(tmp_path: Path) -> None:
    model = fusion()
    board = fusion_board(lambda photo, question: model(photo, question))  # type: ignore[arg-type]
    session = Session(board, tmp_path)
    try:
        answer = TestClient(create_app(session), base_url=ADDRESS).get("/api/examples/1/neighbours")
        assert answer.status_code == 422
        assert "cannot be watched" in answer.json()["detail"]
    finally:
        session.close()


def test_the_pulse_changes_with_what_a_page_shows(tmp_path: Path) -> None:
    model = fusion()
    session = Session(fusion_board(model), tmp_path)
    job = session.start()
    assert job is not None
    assert job.wait(READY_SECONDS)
    client = TestClient(create_app(session), base_url=ADDRESS)
    try:
        before = client.get("/api/pulse").json()
        Pulse.model_validate(before)
        assert client.get("/api/pulse").json() == before
        fingerprint = client.get("/api/board").json()["models"][0]["fingerprint"]
        client.post("/api/tags", json={"examples": [1], "add": ["a"]})
        client.put("/api/selection", json={"examples": [1]})
        with torch.no_grad():
            model.head.weight.mul_(-1)
        after = client.get("/api/pulse").json()
        changed = {key for key in before if before[key] != after[key]}
        assert changed == {"marks", "selection", "models"}
        assert client.get("/api/board").json()["models"][0]["fingerprint"] != fingerprint
        assert session.predict_job is not None
        assert session.predict_job.wait(READY_SECONDS)
        assert session.catalog.predicted("model") == SIZE
    finally:
        session.close()
