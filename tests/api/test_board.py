"""GET /api/board on a board with two inputs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from attriboard import __version__, engine
from attriboard.api.app import create_app
from attriboard.api.schemas.board import BoardView
from attriboard.api.views.board import board_view
from attriboard.jobs.session import Session
from tests.api.boards import CLASSES, SIZE, Gated, fusion, fusion_board


def test_the_board_keeps_to_its_schema(client: TestClient) -> None:
    board = client.get("/api/board").json()
    view = BoardView.model_validate(board)
    assert view.model_dump(exclude_unset=True) == board


def test_the_board_says_what_it_holds(client: TestClient, session: Session) -> None:
    board = client.get("/api/board").json()
    assert board["name"] == "Fusion"
    assert board["version"] == __version__
    assert board["size"] == SIZE
    assert board["labelled"] is True
    assert board["output"] == {"kind": "classes", "names": CLASSES, "unit": None, "places": None}
    assert [model["name"] for model in board["models"]] == ["model"]
    model = board["models"][0]
    assert model["parameters"] == sum(p.numel() for p in fusion().parameters())
    assert model["black_box"] is False
    assert model["fingerprint"] == session.board.model_fingerprint("model")
    assert [(entry["name"], entry["modality"]) for entry in board["inputs"]] == [
        ("photo", "image"),
        ("question", "text"),
    ]
    for entry in board["inputs"]:
        assert entry["default_baseline"] in {choice["id"] for choice in entry["baselines"]}
        assert entry["features"]


def test_the_board_says_what_it_is_about(client: TestClient, session: Session) -> None:
    assert client.get("/api/board").json()["about"] == ""
    session.board.about = "The question alone decides the colours."
    try:
        assert board_view(session)["about"] == session.board.about
    finally:
        session.board.about = ""


def test_each_method_is_listed_with_its_parameters_and_cost(client: TestClient) -> None:
    methods = {entry["id"]: entry for entry in client.get("/api/board").json()["methods"]}
    assert list(methods) == list(engine.METHODS)
    gradients = methods["IntegratedGradients"]
    assert gradients["params"]["properties"]["n_steps"]["minimum"] >= 1
    assert gradients["complete"] is True
    assert gradients["unavailable"] is None
    assert "input" in gradients["sites"]
    assert gradients["cost"] >= gradients["params"]["properties"]["n_steps"]["default"]
    assert all(entry["cost"] >= 1 for entry in methods.values())


def test_the_catalog_says_how_far_it_is(client: TestClient) -> None:
    catalog = client.get("/api/board").json()["catalog"]
    assert catalog["predicted"] == {"model": SIZE}
    assert catalog["job"] is None
    columns = {column["name"]: column["type"] for column in catalog["columns"]}
    assert {"index", "label", "score", "place", "weight"} <= set(columns)


def test_a_busy_model_tells_its_layers_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is not told that there are none, but to ask again."""
    monkeypatch.setattr("attriboard.jobs.session.LOOK_SECONDS", 0.05)
    gate = threading.Event()
    gate.set()
    board = fusion_board(Gated(fusion(), gate), size=3, name="Busy")
    gate.clear()
    opened = Session(board, tmp_path)
    try:
        served = TestClient(create_app(opened), base_url="http://127.0.0.1:8321")
        (model,) = served.get("/api/board").json()["models"]
        assert (model["layers"], model["looked_at"]) == ([], False)
        gate.set()
        deadline = time.monotonic() + 60
        while not model["looked_at"] and time.monotonic() < deadline:
            (model,) = served.get("/api/board").json()["models"]
        assert model["looked_at"]
        assert model["layers"]
    finally:
        gate.set()
        opened.close()
