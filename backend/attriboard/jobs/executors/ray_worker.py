"""What runs in a Ray actor: one work at a time, told as a stream of messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any

from attriboard.engine import Run
from attriboard.jobs.executors.base import Work
from attriboard.jobs.executors.child import (
    DONE,
    FAILED,
    PARTIAL,
    PROGRESS,
    PROGRESS_SECONDS,
    loaded,
)
from attriboard.jobs.failure import Failure, describe

Message = tuple[Any, ...]


class Worker:
    """The models, and the threads that work on them: one, and those that wait for it to go on."""

    def __init__(self, load: Callable[[], Mapping[str, Any]]) -> None:
        self._models = loaded(load)
        self._stops: dict[str, threading.Event] = {}
        # A thread keeps the engine's copy of a model and all that was learned about its speed, so
        # the one that worked last works next.
        self._idle: list[ThreadPoolExecutor] = []

    def ready(self) -> None:
        """Answers once the models are loaded."""

    def stop(self, name: str) -> None:
        """Cancel the work of that name before its next block."""
        if name in self._stops:
            self._stops[name].set()

    def work(
        self, name: str, model: str, work: Work[Any], wants_partial: bool, memory: int | None
    ) -> Iterator[Message]:
        """Progress and partial results while the work runs, and at the end what came of it."""
        stop = self._stops[name] = threading.Event()
        # Holding one message back lets the work wait where the server takes none: then it gives
        # way to more urgent work there.
        messages: Queue[Message] = Queue(1)
        run = _Streamed(messages, stop, wants_partial, memory)
        thread = self._thread()
        thread.submit(self._work, thread, model, work, run, messages)
        try:
            while True:
                message = messages.get()
                yield message
                if message[0] in {DONE, FAILED}:
                    return
        finally:
            del self._stops[name]

    def _thread(self) -> ThreadPoolExecutor:
        try:
            return self._idle.pop()
        except IndexError:  # all are at work, or were taken in between
            return ThreadPoolExecutor(1)

    def _work(
        self,
        thread: ThreadPoolExecutor,
        model: str,
        work: Work[Any],
        run: Run,
        messages: Queue[Message],
    ) -> None:
        last = self._outcome(model, work, run)
        self._idle.append(thread)  # before anybody hears of the end and asks for more
        messages.put(last)

    def _outcome(self, model: str, work: Work[Any], run: Run) -> Message:
        if isinstance(self._models, Failure):
            return FAILED, self._models
        try:
            value = work(self._models[model], run=run)
        except BaseException as error:
            return FAILED, describe(error)
        return DONE, value, run.rows, run.planned, run.warnings


class _Streamed(Run):
    """A run whose callbacks become messages."""

    def __init__(
        self,
        messages: Queue[Message],
        stop: threading.Event,
        wants_partial: bool,
        memory: int | None,
    ) -> None:
        super().__init__(
            progress=self._progress,
            partial=self._partial if wants_partial else None,
            cancel=stop.is_set,
            memory=memory,
        )
        self._messages = messages
        self._next = 0.0

    def _progress(self, done: int, planned: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + PROGRESS_SECONDS
            self._messages.put((PROGRESS, done, planned))

    def _partial(self, attributions: Any, done: int, steps: int) -> None:
        self._messages.put((PARTIAL, attributions, done, steps))
