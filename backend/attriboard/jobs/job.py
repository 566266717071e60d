"""One running computation: its state, progress, results, events and who waits for it."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from enum import IntEnum
from typing import Any, Literal

from attriboard.jobs.events import Event, EventLog
from attriboard.jobs.failure import Failure

State = Literal["queued", "running", "done", "failed", "cancelled"]
Listener = Callable[[Event], None]

PROGRESS_SECONDS = 0.1  # at most ten progress events a second reach the listeners

_log = logging.getLogger("attriboard.jobs")


class Priority(IntEnum):
    """The smaller goes first; what runs gives way to it between two blocks.

    IMMEDIATE is for what takes a pass or two, such as one example's prediction.
    """

    IMMEDIATE = 0
    INTERACTIVE = 1
    BACKGROUND = 2


class Job:
    """A computation that was asked for. All methods may be called from any thread.

    Listeners are called from the worker's thread, in the order of the events, while the job's
    lock is held: they should only hand the event over.
    """

    def __init__(
        self,
        kind: str,
        key: str,
        priority: Priority = Priority.INTERACTIVE,
        on_cancel: Callable[[Job], None] | None = None,
        grace: float = 5.0,
    ) -> None:
        self.id = uuid.uuid4().hex
        self.kind = kind
        self.key = key
        self.priority = priority
        self.created = time.time()
        self.state: State = "queued"
        self.done = 0
        self.total = 0
        self.results: list[dict[str, Any]] = []
        self.failure: Failure | None = None
        self.waiters = 0
        self._grace = grace
        self._on_cancel = on_cancel
        self._lock = threading.RLock()
        self._log = EventLog()
        self._listeners: list[Listener] = []
        self._cancel = threading.Event()
        self._ended = threading.Event()
        self._next_progress = 0.0
        self._touched = time.monotonic()
        self._abandon: threading.Timer | None = None

    # What listeners read.

    @property
    def error(self) -> str | None:
        """The sentence that says why the job failed, or None."""
        return self.failure.detail if self.failure else None

    @property
    def ended(self) -> bool:
        return self._ended.is_set()

    @property
    def cancel_requested(self) -> bool:
        return self._cancel.is_set()

    def view(self) -> dict[str, Any]:
        """The job as JSON."""
        with self._lock:
            found: dict[str, Any] = {
                "id": self.id,
                "kind": self.kind,
                "state": self.state,
                "progress": {"done": self.done, "total": self.total},
                "results": list(self.results),
            }
            if self.failure is not None:
                found["error"] = self.failure.data()
            return found

    def events(self, after: int = 0) -> list[Event]:
        """The events newer than `after`, oldest first (superseded ones are left out)."""
        with self._lock:
            return self._log.after(after)

    def subscribe(self, listener: Listener, after: int | None = None) -> Callable[[], None]:
        """Call `listener` for each event to come; returns the function that stops it.

        With `after`, the events newer than that id are delivered first, with no gap between.
        """
        with self._lock:
            if after is not None:
                for event in self._log.after(after):
                    listener(event)
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, whatever it is. False when `timeout` seconds passed first."""
        return self._ended.wait(timeout)

    # Who waits.

    def acquire(self) -> None:
        """Someone waits for this job."""
        with self._lock:
            self.waiters += 1
            self._stop_timer()

    def release(self) -> None:
        """Someone stopped waiting. A job no one waits for is cancelled a little later.

        The grace period lets a page that reloads find its job again. Background work goes on.
        """
        with self._lock:
            self.waiters -= 1
            if self.waiters <= 0 and self.priority is not Priority.BACKGROUND and not self.ended:
                self._start_timer(self._grace)

    def touch(self) -> None:
        """Someone asked about this job without staying: it is not abandoned for a grace period."""
        self._touched = time.monotonic()

    def cancel(self) -> None:
        """Ask the job to stop. One that is queued stops at once, one that runs between blocks."""
        if self.ended:
            return
        self._cancel.set()
        if self._on_cancel is not None:
            self._on_cancel(self)

    # What the worker writes.

    def begin(self) -> bool:
        """Queued to running. False when the job ended before its turn came."""
        with self._lock:
            if self.state != "queued":
                return False
            self.state = "running"
            self._emit("progress", {"done": self.done, "total": self.total}, "progress")
            return True

    def progress(self, done: int, total: int) -> None:
        """Say how far the work is. Events are thinned; the attributes are always current."""
        with self._lock:
            self.done, self.total = done, total
            now = time.monotonic()
            if now >= self._next_progress or done >= total:
                self._next_progress = now + PROGRESS_SECONDS
                self._emit("progress", {"done": done, "total": total}, "progress")

    def partial(self, data: dict[str, Any], result: dict[str, Any] | None = None) -> None:
        """Say that a result exists so far (a snapshot), or is stored when `result` is given."""
        with self._lock:
            final = result is not None
            event = {**data, "final": final, "done": self.done, "total": self.total}
            if result is not None:
                self.results.append(result)
                event["result"] = result
            self._emit("partial", event, ("partial", data["key"], data["example"]))

    def finish(self, results: list[dict[str, Any]] | None = None) -> None:
        """The job is done. `results`, where given, are all results in the order asked for."""
        with self._lock:
            if results is not None:
                self.results = list(results)
            self.done = self.total
            self._end("done", {"results": list(self.results)})

    def fail(self, failure: Failure) -> None:
        with self._lock:
            self.failure = failure
            self._end("failed", failure.data())

    def stop(self) -> None:
        """The job is cancelled."""
        self._end("cancelled", {})

    def stop_if_queued(self) -> bool:
        """Cancelled before its turn came; False where it has begun."""
        with self._lock:
            if self.state != "queued":
                return False
            self.stop()
            return True

    def _end(self, state: State, data: dict[str, Any]) -> None:
        with self._lock:
            if self.ended:
                return
            self.state = state
            self._stop_timer()
            self._ended.set()
            self._log.forget(_is_snapshot)  # nothing can be read of them from now on
            self._emit(state, data, "end")

    def _emit(self, name: str, data: dict[str, Any], slot: object) -> None:
        event = self._log.append(name, data, slot)
        for listener in list(self._listeners):
            try:
                listener(event)
            except Exception:
                _log.exception("A listener of job %s failed and is dropped", self.id)
                self._listeners.remove(listener)

    def _start_timer(self, seconds: float) -> None:
        self._stop_timer()
        self._abandon = threading.Timer(seconds, self._cancel_if_abandoned)
        self._abandon.daemon = True
        self._abandon.start()

    def _stop_timer(self) -> None:
        if self._abandon is not None:
            self._abandon.cancel()
            self._abandon = None

    def _cancel_if_abandoned(self) -> None:
        with self._lock:
            left = self._touched + self._grace - time.monotonic()
            if self.waiters > 0 or self.ended:
                return
            if left > 0:
                self._start_timer(left)
                return
        self.cancel()


def _is_snapshot(event: Event) -> bool:
    return event.name == "partial" and not event.data["final"]
