"""The bridge from worker threads to an event stream."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from attriboard.api.events import EventStream, Streams, is_over
from attriboard.jobs.context import JobContext
from attriboard.jobs.job import Job
from attriboard.jobs.queue import Queue
from tests.api import sse

SOON = 5.0


@pytest.fixture
def queue() -> Iterator[Queue]:
    opened = Queue()
    yield opened
    opened.close()


class Steps:
    """Work that takes a step each time it is let go on."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self._go = threading.Semaphore(0)

    def go(self, steps: int = 1) -> None:
        self._go.release(steps)

    def __call__(self, context: JobContext) -> None:
        for step in range(self.steps):
            self._go.acquire()
            context.check()
            context.progress(step + 1, self.steps)
            context.result({"key": f"{step:032x}", "example": step, "value": float("nan")})


def _messages(lines: list[bytes]) -> list[sse.Message]:
    return list(sse.read(b"".join(lines).decode().split("\n")))


async def _collect(job: Job, after: int = 0) -> list[bytes]:
    return [line async for line in Streams().lines(job, after, SOON)]


def test_events_come_in_order_up_to_the_end(queue: Queue) -> None:
    work = Steps(3)
    job = queue.submit("attribute", "a", work)
    work.go(3)
    messages = _messages(asyncio.run(asyncio.wait_for(_collect(job), SOON)))
    assert [message.id for message in messages] == sorted({message.id for message in messages})
    finals = [message.data["example"] for message in messages if message.name == "partial"]
    assert finals == [0, 1, 2]
    assert messages[-1].name == "done"
    assert [result["example"] for result in messages[-1].data["results"]] == [0, 1, 2]
    assert messages[-1].data["results"][0]["value"] is None  # NaN is no JSON


def test_a_stream_resumes_after_the_last_event_seen(queue: Queue) -> None:
    work = Steps(3)
    job = queue.submit("attribute", "a", work)
    work.go(3)
    assert job.wait(SOON)
    seen = _messages(asyncio.run(_collect(job)))
    rest = _messages(asyncio.run(_collect(job, seen[-3].id)))
    assert rest == seen[-2:]
    assert is_over(job, seen[-1].id)
    assert not is_over(job, seen[-2].id)


def test_events_reach_a_listener_as_they_happen(queue: Queue) -> None:
    work = Steps(2)
    job = queue.submit("attribute", "a", work)

    async def listen() -> list[str]:
        names = []
        async with aclosing(Streams().lines(job, 0, SOON)) as lines:
            async for line in lines:
                names.append(_messages([line])[0].name)
                if names[-1] in {"progress", "partial"}:
                    work.go()
        return names

    names = asyncio.run(asyncio.wait_for(listen(), SOON))
    assert names.count("partial") == 2
    assert names[-1] == "done"


def test_a_silent_job_is_heard_to_live(queue: Queue) -> None:
    work = Steps(1)
    job = queue.submit("attribute", "a", work)

    async def first_comment() -> bytes:
        async with aclosing(Streams().lines(job, 0, 0.05)) as lines:
            return await anext(line async for line in lines if line.startswith(b":"))

    assert asyncio.run(asyncio.wait_for(first_comment(), SOON)) == b": still here\n\n"
    work.go()


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_the_other_ends_end_the_stream(queue: Queue, end: str) -> None:
    def fail(context: JobContext) -> None:
        raise ValueError("line one\nline two")

    waiting = Steps(1)
    job = queue.submit("attribute", "a", fail if end == "failed" else waiting)
    if end == "cancelled":
        job.cancel()
        waiting.go()
    messages = _messages(asyncio.run(asyncio.wait_for(_collect(job), SOON)))
    assert messages[-1].name == end
    if end == "failed":
        assert "line one\nline two" in messages[-1].data["detail"]


Send = Callable[[Any], Any]


async def _serve(
    streams: Streams, job: Job, leave: asyncio.Event, sent: list[dict[str, Any]]
) -> None:
    async def receive() -> dict[str, str]:
        await leave.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await EventStream(streams, job, 0, SOON)({"type": "http"}, receive, send)


def test_a_client_that_leaves_is_let_go_at_once(queue: Queue) -> None:
    work = Steps(1)
    job = queue.submit("attribute", "a", work)
    streams = Streams()

    async def leave() -> None:
        left = asyncio.Event()
        serving = asyncio.create_task(_serve(streams, job, left, []))
        while not len(streams):
            await asyncio.sleep(0.01)
        assert job.waiters == 1
        left.set()
        await asyncio.wait_for(serving, SOON)
        assert job.waiters == 0
        assert len(streams) == 0

    asyncio.run(leave())
    work.go()
    assert job.wait(SOON)  # nobody's news reach a loop that is gone


def test_streams_end_cleanly_when_the_server_stops(queue: Queue) -> None:
    work = Steps(1)
    job = queue.submit("attribute", "a", work)
    streams = Streams()
    sent: list[dict[str, Any]] = []

    async def stop() -> None:
        serving = asyncio.create_task(_serve(streams, job, asyncio.Event(), sent))
        while not len(streams):
            await asyncio.sleep(0.01)
        streams.close()
        await asyncio.wait_for(serving, SOON)

    asyncio.run(stop())
    work.go()
    assert sent[0]["type"] == "http.response.start"
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
