"""Server-sent events: what worker threads say of a job, brought to the page in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from attriboard.api.encoding import encode
from attriboard.jobs.events import Event
from attriboard.jobs.job import Job

HEARTBEAT_SECONDS = 15.0
FEW_RESULTS = 20
LAST_EVENTS = frozenset({"done", "failed", "cancelled"})
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Streams:
    """The event streams a server has open, so that it can end them before it stops."""

    def __init__(self) -> None:
        self.closed = False
        self._news: set[asyncio.Event] = set()

    def close(self) -> None:
        """Ends every stream. Called on the event loop."""
        self.closed = True
        for news in self._news:
            news.set()

    def __len__(self) -> int:
        return len(self._news)

    @contextmanager
    def waiting(self, job: Job) -> Iterator[asyncio.Event]:
        """Counts as someone who waits for the job. The event is set at each of its news."""
        loop = asyncio.get_running_loop()
        news = asyncio.Event()

        def tell(_: Event) -> None:  # called from a worker's thread
            if not loop.is_closed():
                loop.call_soon_threadsafe(news.set)

        self._news.add(news)
        job.acquire()
        unsubscribe = job.subscribe(tell)
        try:
            yield news
        finally:
            unsubscribe()
            job.release()
            self._news.discard(news)

    async def lines(self, job: Job, after: int, heartbeat: float) -> AsyncGenerator[bytes, None]:
        """The job's events in the wire format, with comments while it is silent."""
        with self.waiting(job) as news:
            while not self.closed:
                news.clear()
                for event in job.events(after):
                    yield await _encoded(event)
                    after = event.id
                    if event.name in LAST_EVENTS:
                        return
                try:
                    await asyncio.wait_for(news.wait(), heartbeat)
                except TimeoutError:
                    yield b": still here\n\n"


class EventStream(Response):
    """The events of one job after event `after`, until it ends or the client leaves."""

    media_type = "text/event-stream"

    def __init__(
        self, streams: Streams, job: Job, after: int, heartbeat: float = HEARTBEAT_SECONDS
    ) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(HEADERS)
        self.lines = streams.lines(job, after, heartbeat)

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled():
            sending.result()  # raises what went wrong

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        async with aclosing(self.lines) as lines:
            async for text in lines:
                await send({"type": "http.response.body", "body": text, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _encoded(event: Event) -> bytes:
    """The last event carries every result: many are too much to encode on the loop."""
    if len(event.data.get("results", ())) > FEW_RESULTS:
        return await asyncio.to_thread(line, event)
    return line(event)


def line(event: Event) -> bytes:
    """One event in the wire format. JSON has no raw line breaks, so one data line is enough."""
    return f"id: {event.id}\nevent: {event.name}\ndata: {encode(event.data)}\n\n".encode(
        "utf-8", "replace"
    )


def is_over(job: Job, after: int) -> bool:
    """Whether a client that has seen event `after` has seen the end, and need not come back."""
    return job.ended and not job.events(after)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
