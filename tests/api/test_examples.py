"""Pages, filters, facets, one example, and its media."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import torch
from fastapi.testclient import TestClient
from PIL import Image as Picture
from torch import nn

import attriboard as ab
from attriboard import engine
from attriboard.api.app import create_app
from attriboard.api.schemas.examples import ExamplePage, ExampleView, FacetsView
from attriboard.jobs.session import Session
from tests.api.boards import CLASSES, QUESTIONS, SIZE, examples, fusion, fusion_board


def _page(client: TestClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/api/examples", params=query)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    ExamplePage.model_validate(page)
    return page


def _indices(page: dict[str, Any]) -> list[int]:
    return [item["index"] for item in page["items"]]


def test_a_page_holds_labels_predictions_and_metadata(client: TestClient) -> None:
    page = _page(client)
    assert page["total"] == page["size"] == SIZE
    assert _indices(page) == list(range(SIZE))
    item, row = page["items"][3], examples()[3]
    assert item["label"] == row["label"]
    assert item["label_name"] == CLASSES[item["label"]]
    assert item["predicted_name"] == CLASSES[item["predicted"]]
    assert item["correct"] == (item["label"] == item["predicted"])
    assert item["texts"] == {"question": QUESTIONS[3]}
    assert item["metadata"] == {"place": "left", "weight": 0.75}
    assert 1 / 3 < item["score"] <= 1
    assert item["loss"] > 0


def test_predictions_are_the_models_own(client: TestClient, session: Session) -> None:
    board = session.board
    rows = [board.example(index) for index in range(4)]
    for item, row in zip(_page(client, limit=4)["items"], rows, strict=True):
        scores = engine.predict(board.models["model"], board.tensors([row]))
        assert item["predicted"] == int(scores.argmax())
        assert item["score"] == pytest.approx(float(scores.softmax(-1).max()), abs=1e-5)


def test_pages_follow_one_another(client: TestClient) -> None:
    seen: list[int] = []
    cursor = None
    while True:
        page = _page(client, limit=7, sort="-score", **({"cursor": cursor} if cursor else {}))
        seen += _indices(page)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == list(range(SIZE))
    scores = {item["index"]: item["score"] for item in _page(client)["items"]}
    assert [scores[index] for index in seen] == sorted(scores.values(), reverse=True)


def test_filters(client: TestClient) -> None:
    items = _page(client)["items"]

    def expect(keep: Any, **query: Any) -> None:
        found = _page(client, **query)
        assert _indices(found) == [item["index"] for item in items if keep(item)]
        assert found["total"] == len(found["items"])

    expect(lambda item: item["correct"] is False, correct="false")
    expect(lambda item: item["label"] == 1, label="1")
    expect(lambda item: item["label"] == 1, label="green")
    expect(lambda item: item["label"] != 1, label=["0", "2"])
    expect(lambda item: item["predicted"] == 2, predicted="2")
    expect(lambda item: item["score"] >= 0.5, min_score=0.5)
    expect(lambda item: item["score"] <= 0.5, max_score=0.5)
    expect(lambda item: "shape" in item["texts"]["question"], q="SHAPE")
    expect(
        lambda item: item["correct"] is False and item["metadata"]["place"] == "left",
        where='correct = false and place = "left"',
    )
    expect(lambda item: False, q="no such text")


def test_a_sample_depends_on_its_seed_alone(client: TestClient) -> None:
    first = _indices(_page(client, sample=8, seed=1))
    assert len(first) == 8
    assert _indices(_page(client, sample=8, seed=1)) == first
    assert _indices(_page(client, sample=8, seed=2)) != first
    assert sorted(_indices(_page(client, sample=8, seed=1, sort="-score"))) == first


def test_text_travels_as_text(client: TestClient) -> None:
    item = _page(client, q="<b>")["items"][0]
    assert item["texts"]["question"] == "tell me <b>now</b> it"
    answer = client.get(f"/api/examples/{item['index']}")
    assert answer.headers["content-type"] == "application/json"


def test_facets_count_what_the_pages_hold(client: TestClient) -> None:
    items = _page(client)["items"]
    answer = client.get("/api/facets", params={"correct": "false"}).json()
    FacetsView.model_validate(answer)
    wrong = [item for item in items if item["correct"] is False]
    assert answer["total"] == answer["predicted_count"] == len(wrong)
    assert answer["accuracy"] == 0
    labels = {entry["name"]: entry["count"] for entry in answer["labels"]}
    for index, name in enumerate(CLASSES):
        assert labels.get(name, 0) == sum(item["label"] == index for item in wrong)
    # A facet is counted under all filters but its own, so that the other choices stay in sight.
    counts = {entry["value"]: entry["count"] for entry in answer["correct"]}
    assert counts[True] == SIZE - len(wrong)
    assert counts[False] == len(wrong)
    assert sum(entry["count"] for entry in answer["score"]["bins"]) == len(wrong)
    assert answer["score"]["bins"][0].keys() == {"from", "to", "count"}
    assert {column["name"] for column in answer["columns"]} >= {"place", "weight"}


def test_one_example_in_full(client: TestClient, session: Session) -> None:
    answer = client.get("/api/examples/3").json()
    ExampleView.model_validate(answer)
    photo, question = answer["inputs"]
    assert photo["view"] == {"kind": "image", "width": 8, "height": 8, "channels": 3}
    assert photo["media"] == "api/examples/3/inputs/photo"
    assert question["media"] is None
    assert question["view"]["text"] == QUESTIONS[3]
    assert [token["text"] for token in question["view"]["tokens"]] == QUESTIONS[3].split()
    assert answer["metadata"] == {"place": "left", "weight": 0.75}
    (prediction,) = answer["predictions"]
    assert prediction["model"] == "model"
    scores = prediction["scores"]
    assert [entry["score"] for entry in scores] == sorted(
        (entry["score"] for entry in scores), reverse=True
    )
    assert scores[0]["index"] == prediction["predicted"]
    assert sum(entry["probability"] for entry in scores) == pytest.approx(1)
    assert {entry["name"] for entry in scores} == set(CLASSES)
    raw = session.predict("model", 3).flatten().tolist()
    assert {entry["index"]: entry["score"] for entry in scores} == dict(enumerate(raw))


def test_a_model_that_fails_leaves_the_rest_of_the_example(tmp_path: Path) -> None:
    class Failing(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.fails = fusion(), False

        def forward(self, photo: torch.Tensor, question: torch.Tensor) -> torch.Tensor:
            if self.fails:
                raise ValueError("not this one")
            scores: torch.Tensor = self.inner(photo, question)
            return scores

        def __deepcopy__(self, memo: dict[int, object]) -> Failing:
            return self

    model = Failing()
    opened = Session(fusion_board(model, size=3, name="Failing"), tmp_path)
    model.fails = True
    try:
        client = TestClient(create_app(opened), base_url="http://127.0.0.1:8321")
        answer = client.get("/api/examples/0")
        assert answer.status_code == 200
        ExampleView.model_validate(answer.json())
        assert [entry["name"] for entry in answer.json()["inputs"]] == ["photo", "question"]
        (prediction,) = answer.json()["predictions"]
        assert prediction["scores"] == []
        assert "not this one" in prediction["error"]
    finally:
        opened.close()


def test_media_is_the_picture_itself(client: TestClient) -> None:
    answer = client.get("/api/examples/3/inputs/photo")
    assert answer.headers["content-type"] == "image/png"
    found = Picture.open(io.BytesIO(answer.content)).convert("RGB")
    expected = examples()[3]["photo"]
    assert isinstance(expected, Picture.Image)
    assert found.tobytes() == expected.tobytes()


def test_media_is_kept_by_the_browser(client: TestClient, session: Session) -> None:
    address = "/api/examples/3/inputs/photo"
    first = client.get(address)
    assert first.headers["cache-control"] == "private, no-cache"
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/api/examples/4/inputs/photo")
    assert other.headers["etag"] != first.headers["etag"]
    versioned = client.get(address, params={"v": session.board.data_fingerprint})
    assert "immutable" in versioned.headers["cache-control"]
    stale = client.get(address, params={"v": "of-another-board"})
    assert "immutable" not in stale.headers["cache-control"]


def test_a_thumbnail_has_an_entity_of_its_own(client: TestClient) -> None:
    small = client.get("/api/examples/3/inputs/photo", params={"width": 16})
    assert small.status_code == 200
    assert small.headers["etag"] != client.get("/api/examples/3/inputs/photo").headers["etag"]
    assert client.get("/api/examples/3/inputs/photo", params={"width": 5}).status_code == 422


def test_what_is_seen_at_a_glance(client: TestClient) -> None:
    """A picture's thumbnail is a PNG, a text has none, and the board says which have one."""
    inputs = client.get("/api/board").json()["inputs"]
    assert {one["name"]: one["thumbnail"] for one in inputs} == {"photo": True, "question": False}
    found = client.get("/api/examples/3/inputs/photo/thumbnail", params={"width": 16})
    assert found.headers["content-type"] == "image/png"
    again = client.get(
        "/api/examples/3/inputs/photo/thumbnail",
        params={"width": 16},
        headers={"If-None-Match": found.headers["etag"]},
    )
    assert again.status_code == 304
    whole = client.get("/api/examples/3/inputs/photo", params={"width": 16})
    assert whole.headers["etag"] != found.headers["etag"]
    assert client.get("/api/examples/3/inputs/question/thumbnail").status_code == 404


def test_a_series_is_drawn_as_lines(tmp_path: Path) -> None:
    data = [([[0.0, 1.0, 4.0]], 0), ([[1.0, 0.0, 2.0]], 1)]
    board = ab.Board(nn.Flatten(), data, ab.Series("ecg"), ab.Classes(["a", "b", "c"]))
    opened = Session(board, tmp_path)
    try:
        served = TestClient(create_app(opened), base_url="http://127.0.0.1:8321")
        found = served.get("/api/examples/1/inputs/ecg/thumbnail")
        assert found.headers["content-type"] == "image/svg+xml"
        assert b"<polyline" in found.content
        view = served.get("/api/examples/1").json()["inputs"][0]["view"]
        assert view["channels"][0]["line"] == [[0, 1.0], [1, 0.0], [2, 2.0]]
    finally:
        opened.close()
