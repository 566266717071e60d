"""Batches of one job computed side by side, one on each seat that the server has."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from time import monotonic
from typing import Any, Generic, TypeVar

from attriboard.engine.errors import Cancelled
from attriboard.jobs.context import JobContext
from attriboard.jobs.teams import disband

B = TypeVar("B")
R = TypeVar("R")

LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Outcome(Generic[B, R]):
    """What came of one batch: its value, or why there is none."""

    batch: B
    seconds: float
    value: R | None = None
    error: BaseException | None = None


@dataclass(frozen=True)
class _Task:
    batch: Any
    compute: Callable[[Any, JobContext], Any]


class Lanes:
    """Threads that compute batches; each takes a seat of its own and gives way on its own.

    Used by the thread of the job, which feeds them and takes what comes, and needs no seat
    meanwhile. The batch that a lane computes next waits for it already, so that no seat is idle
    while the job's thread reads or writes. A job keeps its lanes to its end: a thread has a model
    tree of its own, which a new one would have to make again. A context manager.
    """

    def __init__(self, context: JobContext) -> None:
        self.context = context
        self._batches: Queue[_Task | None] = Queue()
        self._outcomes: Queue[Outcome[Any, Any]] = Queue()
        self._count = context.lanes
        self._under_way = 0
        self._ended = threading.Event()
        context.stand()
        self._threads = [
            threading.Thread(target=self._serve, name=f"attriboard-lane-{number}", daemon=True)
            for number in range(self._count)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_full(self) -> bool:
        """Whether each lane has a batch under way and one waiting."""
        return self._under_way >= 2 * self._count

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._under_way == 0

    def give(self, batch: B, compute: Callable[[B, JobContext], R]) -> None:
        """Have a batch computed."""
        self._under_way += 1
        self._batches.put(_Task(batch, compute))

    def take(self) -> Outcome[Any, Any]:
        """The next batch that is ready. Raises Cancelled where the job is cancelled."""
        disband()  # who feeds the lanes has read examples meanwhile, and now they compute
        while True:
            self.context.check()
            with suppress(Empty):
                outcome = self._outcomes.get(timeout=LOOK_SECONDS)
                self._under_way -= 1
                return outcome

    def close(self) -> None:
        """Let the threads end, each at the end of what it computes."""
        self._ended.set()
        for _ in self._threads:
            self._batches.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        lane = self.context.lane()
        try:
            while (task := self._batches.get()) is not None and not self._ended.is_set():
                self._outcomes.put(self._computed(task, lane))
        finally:
            lane.stand()

    def _computed(self, task: _Task, lane: JobContext) -> Outcome[Any, Any]:
        began = monotonic()
        try:
            lane.sit()
            if self._ended.is_set():
                raise Cancelled("The job goes no further.")
            began = monotonic()
            value = task.compute(task.batch, lane)
        except BaseException as error:
            return Outcome(task.batch, monotonic() - began, error=error)
        if self._batches.empty():
            lane.stand()  # nothing to do: another job may have the seat
        return Outcome(task.batch, monotonic() - began, value)
