"""Clients take turns, and only so much may wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from attriboard.jobs.admission import Admission, BusyError, available_memory
from attriboard.jobs.context import JobContext, TimeLimit
from attriboard.jobs.job import Priority
from attriboard.jobs.line import ASKER, Line
from attriboard.jobs.queue import Queue

LIMITS = Admission(most_waiting=6, most_a_client=4, available=None)


def test_clients_take_turns_and_keep_their_order():
    line: Line[str] = Line()
    for entry in ("a1", "a2", "a3", "b1", "c1", "b2"):
        line.push(entry[0], entry)
    line.remove(lambda entry: entry == "a2")
    assert line.count("a") == 2
    assert [line.pop() for _ in range(len(line))] == ["a1", "b1", "c1", "a3", "b2"]
    assert len(line) == 0


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
def held(gate: threading.Event) -> Iterator[Queue]:
    """A queue whose one background worker is at work until the gate opens."""
    queue = Queue(admission=LIMITS)
    began = threading.Event()

    def hold(_: JobContext) -> None:
        began.set()
        gate.wait(20)

    queue.submit("sweep", "first", hold, Priority.BACKGROUND)
    assert began.wait(5)
    yield queue
    gate.set()
    queue.close()


def ask(queue: Queue, client: str, name: str, done: list[str]) -> None:
    token = ASKER.set(client)
    try:
        queue.submit("sweep", name, lambda _: done.append(name), Priority.BACKGROUND)
    finally:
        ASKER.reset(token)


def test_one_client_does_not_hold_up_another(held: Queue, gate: threading.Event):
    done: list[str] = []
    for number in range(4):
        ask(held, "busy", f"busy {number}", done)
    ask(held, "other", "other 0", done)
    gate.set()
    for job in held.jobs():
        assert job.wait(10)
    assert done == ["busy 0", "other 0", "busy 1", "busy 2", "busy 3"]


def test_one_client_may_have_so_many_waiting(held: Queue):
    for number in range(4):
        ask(held, "busy", f"busy {number}", [])
    with pytest.raises(BusyError, match="cancel those") as caught:
        ask(held, "busy", "one more", [])
    assert caught.value.reason == "client"
    ask(held, "busy", "busy 0", [])  # joins what waits already
    ask(held, "other", "other 0", [])


def test_all_clients_may_have_so_many_waiting(held: Queue):
    for number in range(6):
        ask(held, f"client {number}", f"work {number}", [])
    with pytest.raises(BusyError, match="6 requests wait already") as caught:
        ask(held, "late", "late", [])
    assert caught.value.reason == "queue"
    assert caught.value.retry_after > 0


def test_nothing_is_let_in_when_memory_is_short():
    Admission(available=lambda: 2**30).check(0, 0)
    with pytest.raises(BusyError, match="out of memory"):
        Admission(available=lambda: 2**20).check(0, 0)
    assert available_memory() > 0


def test_a_job_that_computes_too_long_fails_and_others_do_not():
    queue = Queue(limit=0.2)

    def work(context: JobContext) -> None:
        for _ in range(60):
            context.check()
            threading.Event().wait(0.01)

    slow = queue.submit("attribute", "slow", work)
    patient = queue.submit("sweep", "sweep", work, Priority.BACKGROUND)
    assert slow.wait(10)
    assert patient.wait(10)
    assert slow.state == "failed"
    assert slow.failure is not None
    assert slow.failure.title == TimeLimit.title
    assert "--time-limit" in slow.failure.detail
    assert patient.state == "done"
    queue.close()
