from __future__ import annotations

import threading
import time

from attriboard.jobs.events import Event
from attriboard.jobs.failure import Failure
from attriboard.jobs.job import Job, Priority


def names(events: list[Event]) -> list[str]:
    return [event.name for event in events]


def test_events_have_growing_ids_and_resume_after_any_of_them() -> None:
    job = Job("attribute", "k")
    job.begin()
    job.partial({"key": "a", "example": 1}, {"key": "a", "example": 1})
    job.partial({"key": "b", "example": 2}, {"key": "b", "example": 2})
    job.finish()
    events = job.events()
    assert names(events) == ["progress", "partial", "partial", "done"]
    ids = [event.id for event in events]
    assert ids == sorted(set(ids))
    assert job.events(after=ids[1]) == events[2:]
    assert job.events(after=ids[-1]) == []


def test_a_late_listener_hears_only_the_latest_progress_and_snapshot() -> None:
    job = Job("attribute", "k")
    job.begin()
    for _ in range(50):
        job.partial({"key": "a", "example": 1})
    job.partial({"key": "a", "example": 1}, {"key": "a", "example": 1})
    partial = [event for event in job.events() if event.name == "partial"]
    assert len(partial) == 1
    assert partial[0].data["final"] is True
    assert partial[0].data["result"] == {"key": "a", "example": 1}


def test_a_listener_who_comes_after_the_end_hears_of_no_snapshot() -> None:
    job = Job("attribute", "k")
    job.begin()
    job.partial({"key": "a", "example": 1}, {"key": "a", "example": 1})
    job.partial({"key": "b", "example": 2})
    job.stop()
    assert names(job.events()) == ["progress", "partial", "cancelled"]
    assert [event.data["key"] for event in job.events() if event.name == "partial"] == ["a"]


def test_progress_events_are_thinned_but_the_last_is_sent() -> None:
    job = Job("attribute", "k")
    job.begin()
    heard: list[Event] = []
    job.subscribe(heard.append)
    for done in range(1, 1001):
        job.progress(done, 1000)
    assert 1 <= len(heard) < 100
    assert heard[-1].data == {"done": 1000, "total": 1000}
    assert (job.done, job.total) == (1000, 1000)


def test_subscribing_after_an_event_leaves_no_gap_while_events_come() -> None:
    job = Job("attribute", "k")
    job.begin()

    def write() -> None:
        for index in range(300):
            job.partial({"key": str(index), "example": index}, {"key": str(index)})
        job.finish()

    writer = threading.Thread(target=write)
    writer.start()
    heard: list[Event] = []
    while not job.ended:
        part: list[Event] = []
        unsubscribe = job.subscribe(part.append, after=heard[-1].id if heard else 0)
        time.sleep(0.001)
        unsubscribe()
        heard += part
    writer.join()
    heard += job.events(after=heard[-1].id if heard else 0)
    keys = [event.data["key"] for event in heard if event.name == "partial"]
    assert keys == [str(index) for index in range(300)]
    assert heard[-1].name == "done"


def test_a_listener_that_raises_is_dropped_and_the_work_goes_on() -> None:
    job = Job("attribute", "k")

    def broken(_event: Event) -> None:
        raise RuntimeError("the connection is gone")

    heard: list[Event] = []
    job.subscribe(broken)
    job.subscribe(heard.append)
    job.begin()
    job.finish()
    assert names(heard) == ["progress", "done"]


def test_a_job_ends_once() -> None:
    job = Job("attribute", "k")
    job.begin()
    job.fail(Failure("The model failed", "It raised."))
    job.finish()
    job.stop()
    assert job.state == "failed"
    assert job.error == "It raised."
    assert names(job.events()) == ["progress", "failed"]
    assert job.view()["error"] == {"title": "The model failed", "detail": "It raised."}


def test_a_job_everyone_left_is_cancelled_after_the_grace_period() -> None:
    job = Job("attribute", "k", grace=0.05)
    job.acquire()
    job.acquire()
    job.release()
    time.sleep(0.15)
    assert not job.cancel_requested
    job.release()
    time.sleep(0.15)
    assert job.cancel_requested


def test_coming_back_or_asking_within_the_grace_period_keeps_the_job() -> None:
    job = Job("attribute", "k", grace=0.2)
    job.acquire()
    job.release()
    job.acquire()
    time.sleep(0.3)
    assert not job.cancel_requested
    job.release()
    time.sleep(0.15)
    job.touch()
    time.sleep(0.1)
    assert not job.cancel_requested
    time.sleep(0.25)
    assert job.cancel_requested


def test_background_work_goes_on_when_no_one_listens() -> None:
    job = Job("predict", "k", Priority.BACKGROUND, grace=0.01)
    job.acquire()
    job.release()
    time.sleep(0.1)
    assert not job.cancel_requested
