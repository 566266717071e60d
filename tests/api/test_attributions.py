"""Asking for attributions: fresh, stored, joined, concurrent, cancelled; and their arrays."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fastapi.testclient import TestClient
from safetensors.numpy import load

from attriboard import engine
from attriboard.api.app import create_app
from attriboard.api.schemas.attributions import Estimate, JobAnswer, JobView, ResultList, ResultMeta
from attriboard.jobs.session import Session
from tests.api import sse
from tests.api.boards import Gated, fusion, fusion_board

ADDRESS = "http://127.0.0.1:8321"
SOON = 20.0
STEPS = {"id": "IntegratedGradients", "params": {"n_steps": 8}}


def _events(client: TestClient, job: str, **headers: str) -> list[sse.Message]:
    with client.stream("GET", f"/api/jobs/{job}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in answer.headers
        return list(sse.read(answer.iter_lines()))


def _results(client: TestClient, ask: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of a question, waited for where they are computed first."""
    answer = client.post("/api/attributions", json=ask)
    if answer.status_code == 202:
        JobAnswer.model_validate(answer.json())
        last = _events(client, answer.json()["job"]["id"])[-1]
        assert last.name == "done", last
        answer = client.post("/api/attributions", json=ask)
    assert answer.status_code == 200, answer.text
    ResultList.model_validate(answer.json())
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def _arrays(client: TestClient, key: str) -> dict[str, Any]:
    answer = client.get(f"/api/results/{key}")
    assert answer.status_code == 200
    return load(answer.content)


def test_a_fresh_question_is_a_job_and_then_its_results(client: TestClient) -> None:
    ask = {"examples": [4, 2], "method": STEPS, "seed": 101}
    answer = client.post("/api/attributions", json=ask)
    assert answer.status_code == 202
    job = answer.json()["job"]
    assert answer.headers["location"] == f"jobs/{job['id']}"
    assert job["kind"] == "attribute"
    messages = _events(client, job["id"])
    finals = [m.data for m in messages if m.name == "partial" and m.data["final"]]
    assert sorted(final["example"] for final in finals) == [2, 4]
    assert messages[-1].name == "done"
    stored = client.post("/api/attributions", json=ask)
    assert stored.status_code == 200
    assert stored.json()["results"] == messages[-1].data["results"]
    assert [result["example"] for result in stored.json()["results"]] == [4, 2]
    view = client.get(f"/api/jobs/{job['id']}").json()
    JobView.model_validate(view)
    assert view["state"] == "done"
    assert view["progress"]["done"] == view["progress"]["total"] > 0


def test_the_arrays_are_the_engines_own(client: TestClient, session: Session) -> None:
    (result,) = _results(client, {"examples": [6], "method": STEPS, "target": 1})
    arrays = _arrays(client, result["key"])
    assert {name: list(array.shape) for name, array in arrays.items()} == result["shapes"]
    board = session.board
    example = board.example(6)
    expected = engine.attribute(
        board.models["model"],
        board.tensors([example]),
        engine.IntegratedGradients(n_steps=8),
        1,
        baselines=board.baseline(None, example, 0),
    )
    for name, tensor in zip(("photo", "question"), expected.attributions, strict=True):
        assert arrays[name].dtype == np.float32
        torch.testing.assert_close(torch.from_numpy(arrays[name]), tensor[0].float())
    assert result["target"] == {"index": 1, "name": "green"}
    assert result["delta"] == pytest.approx(float(expected.delta[0]), abs=1e-5)
    contributions = result["contributions"]
    assert sum(contributions["magnitude"].values()) == pytest.approx(1)
    values = contributions["shapley"]["values"]
    assert sum(values.values()) == pytest.approx(contributions["shapley"]["total"], abs=1e-5)


def test_a_results_file_says_what_it_is_and_never_changes(client: TestClient) -> None:
    (result,) = _results(client, {"examples": [6], "method": STEPS})
    answer = client.get(f"/api/results/{result['key']}")
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    size = int.from_bytes(answer.content[:8], "little")
    header = json.loads(answer.content[8 : 8 + size])
    meta = json.loads(header["__metadata__"]["meta"])
    assert ResultMeta.model_validate(meta).key == result["key"]
    etag = answer.headers["etag"]
    again = client.get(f"/api/results/{result['key']}", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_a_snapshot_that_goes_while_it_is_asked_for_leaves_the_stored_result(
    client: TestClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    (result,) = _results(client, {"examples": [6], "method": STEPS})
    key = result["key"]
    body = session.result(key)
    assert body is not None
    stored = False

    def has(key: str) -> bool:
        return stored

    def the_job_ends(key: str) -> bytes | None:
        nonlocal stored
        stored = True
        return None

    monkeypatch.setattr(session.store, "has", has)
    monkeypatch.setattr(session, "result", lambda key: body if stored else None)
    monkeypatch.setattr(session, "snapshot", the_job_ends)
    answer = client.get(f"/api/results/{key}")
    assert (answer.status_code, answer.content) == (200, body)


@pytest.mark.parametrize(
    "target",
    [None, 2, {"index": [2]}, {"contrast": [0, 2]}],
    ids=["own", "index", "list", "contrast"],
)
def test_every_form_of_target(client: TestClient, target: object) -> None:
    ask = {"examples": [1], "method": {"id": "Saliency"}, "target": target}
    (result,) = _results(client, ask)
    own = client.get("/api/examples/1").json()["predictions"][0]["predicted"]
    if target is None:
        assert result["target"]["index"] == own
    elif target == {"contrast": [0, 2]}:
        assert result["target"]["contrast"] == [0, 2]
    else:
        assert result["target"]["index"] == 2


def test_baselines_and_features_are_chosen_by_name_and_by_example(client: TestClient) -> None:
    ask = {"examples": [1], "method": {"id": "FeatureAblation"}, "features": {"question": "words"}}
    chosen = ask | {"baseline": {"photo": "white", "question": {"example": 9}}}
    plain, other = _results(client, ask)[0], _results(client, chosen)[0]
    assert plain["key"] != other["key"]
    assert other["baseline"] == {"photo": "white", "question": {"example": 9}}
    assert other["features"]["question"] == "words"


def test_an_estimate_counts_what_is_missing(client: TestClient) -> None:
    ask = {"examples": [10, 11], "method": STEPS, "seed": 202}
    before = client.post("/api/estimates", json=ask).json()
    Estimate.model_validate(before)
    assert before["examples"] == 2
    assert before["stored"] == 0
    assert before["passes"] >= 16
    _results(client, ask)
    after = client.post("/api/estimates", json=ask).json()
    assert after == {"passes": 0, "examples": 2, "stored": 2}


def test_a_stream_resumes_over_http(client: TestClient) -> None:
    ask = {"examples": [12, 13], "method": STEPS, "seed": 303}
    job = client.post("/api/attributions", json=ask).json()["job"]["id"]
    seen = _events(client, job)
    ids = [message.id for message in seen]
    assert ids == sorted(ids)
    assert _events(client, job, **{"Last-Event-ID": str(ids[-2])}) == seen[-1:]
    over = client.get(f"/api/jobs/{job}/events", headers={"Last-Event-ID": str(ids[-1])})
    assert over.status_code == 204


def test_concurrent_clients_get_their_own_results(client: TestClient) -> None:
    def ask(number: int) -> tuple[int, dict[str, Any]]:
        question = {
            "examples": [number],
            "method": {"id": ["Saliency", "InputXGradient"][number % 2]},
            "target": number % 3,
            "seed": 404,
        }
        return number, _results(client, question)[0]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, range(18)))
    assert len({result["key"] for _, result in answers}) == 18
    for number, result in answers:
        assert result["example"] == number
        assert result["method"]["id"] == ["Saliency", "InputXGradient"][number % 2]
        assert result["target"]["index"] == number % 3


class Held:
    """A server whose model waits until it is let go on."""

    def __init__(self, store: Path) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.session = Session(fusion_board(Gated(fusion(), self.gate), size=6, name="Held"), store)
        job = self.session.start()
        assert job is not None
        assert job.wait(SOON)
        self.client = TestClient(create_app(self.session), base_url=ADDRESS)

    def ask(self, **more: Any) -> dict[str, Any]:
        ask = {"examples": [0, 1, 2], "method": {"id": "FeatureAblation"}} | more
        answer = self.client.post("/api/attributions", json=ask)
        assert answer.status_code == 202
        job: dict[str, Any] = answer.json()["job"]
        return job

    def state(self, job: dict[str, Any]) -> str:
        return str(self.client.get(f"/api/jobs/{job['id']}").json()["state"])

    def wait_for(self, job: dict[str, Any], state: str) -> None:
        end = time.monotonic() + SOON
        while self.state(job) != state:
            assert time.monotonic() < end, self.state(job)
            time.sleep(0.01)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    server = Held(tmp_path / "store")
    yield server
    server.gate.set()
    server.session.close()


def test_the_same_question_joins_the_running_job(held: Held) -> None:
    held.gate.clear()
    first, second = held.ask(), held.ask()
    assert first["id"] == second["id"]
    assert held.ask(target=1)["id"] != first["id"]
    listed = held.client.get("/api/jobs").json()["jobs"]
    assert {job["id"] for job in listed} >= {first["id"]}


def test_a_job_is_cancelled_within_a_block(held: Held) -> None:
    held.gate.clear()
    job = held.ask()
    held.wait_for(job, "running")
    assert held.client.delete(f"/api/jobs/{job['id']}").status_code == 200
    held.gate.set()
    held.wait_for(job, "cancelled")
    assert _events(held.client, job["id"])[-1].name == "cancelled"
    assert held.client.get("/api/jobs").json() == {"jobs": []}
    assert held.ask()["id"] != job["id"]


def test_a_queued_job_is_cancelled_before_its_turn(held: Held) -> None:
    held.gate.clear()
    running, queued = held.ask(), held.ask(target=1)
    held.wait_for(running, "running")
    assert held.client.delete(f"/api/jobs/{queued['id']}").status_code == 200
    held.wait_for(queued, "cancelled")
    assert held.state(running) == "running"


def test_a_busy_model_holds_up_no_other_request(held: Held) -> None:
    held.gate.clear()
    held.wait_for(held.ask(), "running")
    started = time.perf_counter()
    for path in ("/healthz", "/api/board", "/api/examples", "/api/examples/1/inputs/photo"):
        assert held.client.get(path).status_code == 200
    assert time.perf_counter() - started < 5


def test_a_failing_model_ends_in_a_sentence(tmp_path: Path) -> None:
    class Failing(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = fusion()

        def forward(self, photo: torch.Tensor, question: torch.Tensor) -> torch.Tensor:
            if torch.is_grad_enabled():
                raise ValueError("no gradient for you")
            scores: torch.Tensor = self.inner(photo, question)
            return scores

    session = Session(fusion_board(Failing(), size=6, name="Failing"), tmp_path)
    session.start()
    client = TestClient(create_app(session), base_url=ADDRESS)
    try:
        answer = client.post(
            "/api/attributions", json={"examples": [0], "method": {"id": "Saliency"}}
        )
        last = _events(client, answer.json()["job"]["id"])[-1]
        assert last.name == "failed"
        assert "no gradient for you" in last.data["detail"]
        assert client.get("/healthz").status_code == 200
    finally:
        session.close()
