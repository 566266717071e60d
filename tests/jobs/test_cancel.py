"""Cancelling, joining and failing on models that take long or break."""

from __future__ import annotations

import time

import torch

from attriboard.jobs.job import Job
from tests.jobs.boards import Fusion, Questions, Watch, board
from tests.jobs.conftest import Open, ask, job_of, results


def test_cancelling_stops_the_passes_within_one_block(open_session: Open, watch: Watch) -> None:
    model = Fusion(watch)
    session = open_session(board(model))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    watch.seconds = 0.01  # 2000 steps take 20 s
    job = job_of(session, ask(0, "IntegratedGradients", params={"n_steps": 2000}, target=0))
    time.sleep(1.0)
    assert job.state == "running"
    asked = time.monotonic()
    job.cancel()
    assert job.wait(5)
    assert job.state == "cancelled"
    calls = len(watch.calls)
    assert len([call for call in watch.calls if call > asked]) <= 1
    time.sleep(0.5)
    assert len(watch.calls) == calls
    assert watch.rows < 600
    assert session.store.has(job.key) is False
    assert model.training is True
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])
    watch.seconds = 0.0
    assert len(results(session, ask(1, target=0))) == 1  # the worker is free again


def test_the_same_request_joins_and_is_computed_once(open_session: Open, watch: Watch) -> None:
    session = open_session(board(watch=watch))
    request = ask(0, "IntegratedGradients", params={"n_steps": 60}, target=0)
    results(session, ask(4, "IntegratedGradients", target=0))  # the engine has met the shapes
    watch.seconds = 0.005
    before = watch.rows
    jobs = [session.attributions(request) for _ in range(4)]
    assert len({id(job) for job in jobs}) == 1
    job = jobs[0]
    assert isinstance(job, Job)
    assert job.wait(20)
    # A thread that meets the model for the first time looks at it with a few rows more.
    assert 60 + 2 + 2 <= watch.rows - before <= 60 + 2 + 2 + 8
    assert session.attributions(request) == job.results


def test_what_everyone_left_is_cancelled_and_can_be_asked_for_again(
    open_session: Open, watch: Watch
) -> None:
    session = open_session(board(watch=watch))
    session.queue._grace = 0.1
    watch.seconds = 0.01
    request = ask(0, "IntegratedGradients", params={"n_steps": 2000}, target=0)
    job = job_of(session, request)
    job.acquire()
    time.sleep(0.2)
    job.release()
    assert job.wait(2)
    assert job.state == "cancelled"
    again = job_of(session, request)
    assert again is not job
    again.cancel()


def test_results_stored_before_a_cancel_are_kept(open_session: Open, watch: Watch) -> None:
    session = open_session(board(watch=watch, dataset=Questions(200)))
    watch.seconds = 0.002
    request = ask(tuple(range(200)), "IntegratedGradients", params={"n_steps": 50}, target=0)
    job = job_of(session, request)
    while not job.results:
        time.sleep(0.01)
    job.cancel()
    assert job.wait(5)
    assert job.state == "cancelled"
    kept = [meta["key"] for meta in job.results]
    assert 0 < len(kept) < 200
    assert all(session.store.has(key) for key in kept)
    assert session.estimate(request)["stored"] == len(kept)


class Faulty(Fusion):
    """Raises once the watch says so."""

    def forward(self, photo: torch.Tensor, question: torch.Tensor) -> torch.Tensor:
        if self.watch.seconds < 0:
            self.watch.seconds = 0.0
            raise RuntimeError("the model broke down")
        return super().forward(photo, question)


def test_a_model_that_raises_fails_the_job_with_its_own_lines(
    open_session: Open, watch: Watch
) -> None:
    session = open_session(board(Faulty(watch)))
    results(session, ask(4, target=0))
    watch.seconds = -1.0
    job = job_of(session, ask(0, target=0))
    assert job.wait(10)
    assert job.state == "failed"
    assert job.failure is not None
    assert job.failure.title == "The model failed"
    assert "the model broke down" in job.failure.detail
    assert any("test_cancel.py" in line and "forward" in line for line in job.failure.trace)
    assert job.events()[-1].name == "failed"
    watch.seconds = 0.0
    assert len(results(session, ask(0, target=0))) == 1
