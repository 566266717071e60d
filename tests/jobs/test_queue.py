from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import torch

from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.context import JobContext
from attriboard.jobs.job import Priority
from attriboard.jobs.queue import ClosedError, Queue
from attriboard.jobs.turn import SLICE_SECONDS


@pytest.fixture
def queue() -> Iterator[Queue]:
    made = Queue()
    yield made
    assert made.close()


def nothing(_context: JobContext) -> None:
    return


def until_cancelled(context: JobContext) -> None:
    while True:
        context.check()
        time.sleep(0.005)


def test_work_runs_on_another_thread_and_ends_done(queue: Queue) -> None:
    seen: list[str] = []
    job = queue.submit("attribute", "k", lambda _: seen.append(_name()))
    assert job.wait(2)
    assert job.state == "done"
    assert seen[0].startswith("attriboard-interactive-")
    assert queue.get(job.id) is job
    assert queue.jobs() == []


def test_a_thread_that_is_warm_is_used_again(queue: Queue) -> None:
    seen: set[str] = set()
    for index in range(10):
        end = time.monotonic() + 5
        while not queue.at_rest() and time.monotonic() < end:
            time.sleep(0.001)  # a busy machine takes its time to bring the thread back
        job = queue.submit("attribute", str(index), lambda _: seen.add(_name()))
        assert job.wait(2)
    assert len(seen) == 1


def _name() -> str:
    return threading.current_thread().name


def test_the_same_request_joins_the_job_that_is_live(queue: Queue) -> None:
    gate = threading.Event()
    first = queue.submit("attribute", "same", lambda _: gate.wait(5) and None)
    joined = [queue.submit("attribute", "same", nothing) for _ in range(5)]
    other = queue.submit("attribute", "other", nothing)
    assert all(job is first for job in joined)
    assert other is not first
    gate.set()
    assert first.wait(2)
    assert other.wait(2)
    again = queue.submit("attribute", "same", nothing)
    assert again is not first
    assert again.wait(2)


def test_a_job_that_was_told_to_stop_is_not_joined(queue: Queue) -> None:
    first = queue.submit("attribute", "same", until_cancelled)
    first.cancel()
    second = queue.submit("attribute", "same", nothing)
    assert second is not first
    assert second.wait(2)
    assert first.wait(2)
    assert (first.state, second.state) == ("cancelled", "done")


def test_many_threads_that_ask_for_the_same_share_one_run(queue: Queue) -> None:
    runs: list[int] = []
    start = threading.Barrier(8)
    jobs: list[str] = []

    def work(_context: JobContext) -> None:
        runs.append(1)
        time.sleep(0.2)

    def ask() -> None:
        start.wait()
        jobs.append(queue.submit("attribute", "same", work).id)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(jobs)) == 1
    job = queue.get(jobs[0])
    assert job is not None
    assert job.wait(2)
    assert runs == [1]


def test_a_queued_job_is_cancelled_at_once(queue: Queue) -> None:
    gate = threading.Event()
    held = [queue.submit("attribute", "held", lambda _: gate.wait(5) and None)]
    ran: list[int] = []
    queued = [queue.submit("attribute", str(n), lambda _: ran.append(1)) for n in range(5)]
    time.sleep(0.05)
    for job in queued:  # some have a thread and wait for their turn, some wait for a thread
        assert queue.cancel(job.id) is job
        assert job.ended
        assert job.state == "cancelled"
        assert [event.name for event in job.events()] == ["cancelled"]
    gate.set()
    assert all(job.wait(2) for job in held)
    assert ran == []


def test_interactive_work_goes_before_background_work_between_its_blocks(queue: Queue) -> None:
    block = 0.05
    blocks: list[float] = []

    def background(context: JobContext) -> None:
        for _ in range(40):
            context.check()
            time.sleep(block)
            blocks.append(time.monotonic())

    slow = queue.submit("predict", "slow", background, Priority.BACKGROUND)
    time.sleep(3 * block)
    waits = []
    for index in range(5):
        asked = time.monotonic()
        began: list[float] = []
        quick = queue.submit("attribute", str(index), lambda _, b=began: b.append(time.monotonic()))
        assert quick.wait(2)
        assert not slow.ended
        waits.append(began[0] - asked)
    assert max(waits) < 2 * block, waits
    done_so_far = len(blocks)
    assert slow.wait(5)
    assert len(blocks) == 40 > done_so_far


def test_while_interactive_work_runs_background_work_stands_still(queue: Queue) -> None:
    ticks: list[float] = []

    def background(context: JobContext) -> None:
        while True:
            context.check()
            ticks.append(time.monotonic())
            time.sleep(0.005)

    slow = queue.submit("predict", "slow", background, Priority.BACKGROUND)
    time.sleep(0.05)
    span: list[float] = []

    def interactive(_context: JobContext) -> None:
        span.append(time.monotonic())
        time.sleep(0.2)
        span.append(time.monotonic())

    assert queue.submit("attribute", "quick", interactive).wait(2)
    time.sleep(0.05)
    slow.cancel()
    assert slow.wait(2)
    assert not [tick for tick in ticks if span[0] < tick < span[1]]
    assert [tick for tick in ticks if tick > span[1]]


def test_an_immediate_job_goes_before_a_running_interactive_one(queue: Queue) -> None:
    long = queue.submit("attribute", "long", until_cancelled)
    time.sleep(0.02)
    assert queue.submit("predict", "one", nothing, Priority.IMMEDIATE).wait(1)
    assert not long.ended
    long.cancel()
    assert long.wait(2)


def test_a_short_request_is_not_held_up_by_long_ones(queue: Queue) -> None:
    long = [queue.submit("attribute", f"long {n}", until_cancelled) for n in range(2)]
    time.sleep(0.05)
    began = time.monotonic()
    assert queue.submit("attribute", "short", nothing).wait(5)
    assert time.monotonic() - began < 2 * SLICE_SECONDS + 0.5
    for job in long:
        assert job.state == "running"
        job.cancel()
        assert job.wait(2)


def test_only_one_job_computes_at_a_time_and_long_ones_take_turns(queue: Queue) -> None:
    at_work: list[str] = []
    blocks: dict[str, int] = {"a": 0, "b": 0, "c": 0}

    def work(name: str) -> Callable[[JobContext], None]:
        def run(context: JobContext) -> None:
            for _ in range(100):
                context.check()
                at_work.append(name)
                assert at_work == [name]
                time.sleep(0.01)
                blocks[name] += 1
                at_work.clear()

        return run

    jobs = [queue.submit("attribute", name, work(name)) for name in blocks]
    time.sleep(2.0)
    assert min(blocks.values()) > 10
    assert all(job.wait(10) for job in jobs)
    assert [job.state for job in jobs] == ["done"] * 3


def test_background_work_that_waits_for_its_turn_can_be_cancelled(queue: Queue) -> None:
    slow = queue.submit("predict", "slow", until_cancelled, Priority.BACKGROUND)
    time.sleep(0.02)
    gate = threading.Event()
    running = queue.submit("attribute", "gate", lambda _: gate.wait(5) and None)
    time.sleep(0.05)
    slow.cancel()
    assert slow.wait(1)
    assert slow.state == "cancelled"
    assert not running.ended
    gate.set()
    assert running.wait(2)
    assert running.state == "done"


def test_an_exception_of_user_code_ends_in_a_sentence_and_the_users_lines(queue: Queue) -> None:
    class Broken(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.reshape(3, 7)

    def work(_context: JobContext) -> None:
        try:
            Broken()(torch.zeros(2))
        except RuntimeError as error:
            raise ModelError("The model raised RuntimeError: shape") from error

    job = queue.submit("attribute", "k", work)
    assert job.wait(2)
    assert job.state == "failed"
    assert job.failure is not None
    assert job.failure.title == "The model failed"
    assert job.error == "The model raised RuntimeError: shape"
    assert any("in forward: return x.reshape(3, 7)" in line for line in job.failure.trace)
    assert not any("/" in line.split(",")[0] for line in job.failure.trace)
    assert not any("module.py" in line for line in job.failure.trace)
    assert job.events()[-1].data["detail"] == job.error


def test_an_invalid_input_names_its_field(queue: Queue) -> None:
    def work(_context: JobContext) -> None:
        raise InvalidInput("There is no method 'X'.", "method.id")

    job = queue.submit("attribute", "k", work)
    assert job.wait(2)
    assert job.events()[-1].data["field"] == "method.id"


def test_sys_exit_in_user_code_fails_the_job_and_leaves_the_worker(queue: Queue) -> None:
    job = queue.submit("attribute", "k", lambda _: sys.exit(3))
    assert job.wait(2)
    assert job.state == "failed"
    assert "sys.exit" in str(job.error)
    after = queue.submit("attribute", "k2", nothing)
    assert after.wait(2)
    assert after.state == "done"


def test_ended_jobs_are_forgotten_beyond_the_limit() -> None:
    queue = Queue(keep=3)
    jobs = []
    for index in range(8):
        jobs.append(queue.submit("attribute", str(index), nothing))
        assert jobs[-1].wait(2)
    kept = [job for job in jobs if queue.get(job.id) is job]
    assert kept == jobs[-4:]
    assert queue.close()


def test_closing_cancels_what_runs_and_what_waits_and_refuses_more() -> None:
    queue = Queue()
    jobs = [queue.submit("attribute", str(index), until_cancelled) for index in range(3)]
    jobs.append(queue.submit("predict", "p", until_cancelled, Priority.BACKGROUND))
    began = time.monotonic()
    assert queue.close()
    assert time.monotonic() - began < 2
    assert [job.state for job in jobs] == ["cancelled"] * 4
    with pytest.raises(ClosedError, match="shutting down"):
        queue.submit("attribute", "late", nothing)


def test_closing_returns_in_time_though_a_block_does_not_end() -> None:
    queue = Queue()
    gate = threading.Event()
    queue.submit("attribute", "stuck", lambda _: gate.wait(10) and None)
    time.sleep(0.02)
    began = time.monotonic()
    assert queue.close(timeout=0.2) is False
    assert time.monotonic() - began < 1
    gate.set()
    assert queue.close(timeout=2)
