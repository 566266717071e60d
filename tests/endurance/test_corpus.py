"""Each of the bad requests, datasets and models gets an answer that names its cause."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import attriboard as ab
from attriboard.api.app import create_app
from attriboard.engine.errors import AttriboardError
from attriboard.jobs.session import Session
from tests.api.boards import fusion_board
from tests.endurance import corpus

ADDRESS = "http://127.0.0.1:8321"
SLOWEST = 20.0


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    session = Session(fusion_board(), tmp_path_factory.mktemp("store"))
    session.start()
    with TestClient(create_app(session), base_url=ADDRESS) as opened:
        yield opened
    session.close()


def check(answer: Any, started: float) -> None:
    assert time.monotonic() - started < SLOWEST
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        said = answer.json()
        assert said["title"]
        assert 10 < len(said["detail"]) < 3_000
        assert "Traceback" not in answer.text


def test_the_corpus_is_large() -> None:
    requests = len(corpus.bodies()) + len(corpus.QUERIES) + len(corpus.PATHS)
    assert requests + len(corpus.BOARDS) >= 200


def test_bad_bodies(client: TestClient) -> None:
    for body in corpus.bodies():
        for path in ("/api/attributions", "/api/estimates"):
            started = time.monotonic()
            headers = {"Content-Type": "application/json"}
            check(client.post(path, content=body, headers=headers), started)


def test_bad_queries(client: TestClient) -> None:
    for query in corpus.QUERIES:
        for path in ("/api/examples", "/api/facets"):
            started = time.monotonic()
            check(client.get(path, params=query), started)


def test_bad_paths(client: TestClient) -> None:
    for path in corpus.PATHS:
        started = time.monotonic()
        answer = client.get(path)
        check(answer, started)
        assert "root:" not in answer.text


def _made(make: Callable[[], ab.Board]) -> tuple[ab.Board | None, str]:
    try:
        return make(), ""
    except AttriboardError as error:
        return None, str(error)


@pytest.mark.parametrize("name", corpus.BOARDS)
def test_bad_boards_are_refused_or_warned_of(name: str, tmp_path: Path) -> None:
    board, said = _made(corpus.BOARDS[name])
    if board is None:
        assert len(said) > 20
        return
    session = Session(board, tmp_path)  # whatever passes is served without a failure of ours
    session.start()
    with TestClient(create_app(session), base_url=ADDRESS) as client:
        assert client.get("/api/board").status_code == 200
        for body in ({"examples": [0], "method": {"id": "Saliency"}},):
            answer = client.post("/api/attributions", json=body)
            assert answer.status_code < 500
            if answer.status_code == 202:
                job = answer.json()["job"]["id"]
                for _ in range(200):
                    state = client.get(f"/api/jobs/{job}").json()
                    if state["state"] not in {"queued", "running"}:
                        break
                    time.sleep(0.05)
                assert state["state"] in {"done", "failed"}
                if state["state"] == "failed":
                    assert len(state["error"]["detail"]) > 10
    session.close()
