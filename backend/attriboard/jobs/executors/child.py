"""The other end: what runs in a worker process."""

from __future__ import annotations

import contextlib
import faulthandler
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from torch import Tensor

from attriboard.engine import Run
from attriboard.jobs.failure import Failure, describe

ASK, PROGRESS, PARTIAL, DONE, FAILED = "ask", "progress", "partial", "done", "failed"
KNOWN, KEEP = "known", "keep"
PROGRESS_SECONDS = 0.05


def serve(
    pipe: Connection[Any, Any], load: Callable[[], Mapping[str, Any]], last_words: str
) -> None:
    """Load the models, then do one work after another until the server is gone."""
    # Ctrl-C in the terminal reaches the whole group; the server says when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Path(last_words).open("w") as file:
        faulthandler.enable(file, all_threads=False)
        models = loaded(load)
        with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
            while True:
                pipe.send(_answer(pipe, models))


def loaded(load: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | Failure:
    """The models by name, or why they cannot be loaded: each work is told so."""
    try:
        return load()
    except BaseException as error:
        return describe(error)


def _answer(pipe: Connection[Any, Any], models: Mapping[str, Any] | Failure) -> tuple[Any, ...]:
    """What came of the next work: its value and the counts of its run, or why it failed."""
    name, work, wishes = pipe.recv()
    if isinstance(models, Failure):
        return FAILED, models
    run = _Followed(pipe, wishes)
    try:
        value = work(models[name], run=run)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        raise
    except BaseException as error:
        return FAILED, describe(error)
    return DONE, value, run.rows, run.planned, run.warnings


@dataclass(frozen=True)
class Wishes:
    """What a run's caller wants of it: partial results and how often, memory, known outputs."""

    partial: bool
    interval: float
    memory: int | None
    replay: bool

    @staticmethod
    def of(run: Run) -> Wishes:
        """Those of `run`."""
        return Wishes(run.partial is not None, run.interval, run.memory, run.replay is not None)


@dataclass(frozen=True)
class _Remote:
    """The outputs that the server knows. See `engine.run.Replay`."""

    pipe: Connection[Any, Any]

    def get(self, part: str) -> Tensor | None:
        self.pipe.send((KNOWN, part))
        outputs: Tensor | None = self.pipe.recv()
        return outputs

    def put(self, part: str, outputs: Tensor) -> None:
        self.pipe.send((KEEP, part, outputs))


class _Followed(Run):
    """A run that is followed from another process."""

    def __init__(self, pipe: Connection[Any, Any], wishes: Wishes) -> None:
        super().__init__(
            progress=self._progress,
            partial=self._partial if wishes.partial else None,
            cancel=self._ask,
            memory=wishes.memory,
            replay=_Remote(pipe) if wishes.replay else None,
            interval=wishes.interval,
        )
        self._pipe = pipe
        self._next = 0.0

    def _progress(self, done: int, planned: int) -> None:
        now = time.monotonic()
        if now >= self._next or done >= planned:
            self._next = now + PROGRESS_SECONDS
            self._pipe.send((PROGRESS, done, planned))

    def _partial(self, attributions: Any, done: int, steps: int) -> None:
        self._pipe.send((PARTIAL, attributions, done, steps))

    def _ask(self) -> bool:
        self._pipe.send((ASK,))
        return bool(self._pipe.recv())
