"""One worker process, as the server sees it: work goes in, messages come back."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
import tempfile
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any, cast

import psutil

from attriboard.engine import Run
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.executors.base import T, Work, WorkerDied
from attriboard.jobs.executors.child import (
    ASK,
    DONE,
    FAILED,
    KEEP,
    KNOWN,
    PARTIAL,
    PROGRESS,
    Wishes,
    serve,
)
from attriboard.jobs.failure import Failure

POLL_SECONDS = 0.2
END_SECONDS = 2.0


class Process:
    """A process that holds the models and does one work at a time. Used by one thread at a time."""

    def __init__(self, load: Callable[[], Mapping[str, Any]], patience: float) -> None:
        self._patience = patience
        self._settled: int | None = None
        # A fresh interpreter: a fork of a process with threads inside torch can hang.
        context = multiprocessing.get_context("spawn")
        self._last_words = tempfile.NamedTemporaryFile("r", prefix="attriboard-")  # noqa: SIM115
        ours, theirs = context.Pipe()
        self._pipe: Connection[Any, Any] = ours
        self._process = context.Process(
            target=serve, args=(theirs, load, self._last_words.name), daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def alive(self) -> bool:
        """Whether it can be given work."""
        return self._process.is_alive()

    def grown(self) -> int:
        """Bytes that the process has taken since this was first asked, after its first work."""
        try:
            now = int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:  # it is gone
            return 0
        self._settled = now if self._settled is None else self._settled
        return now - self._settled

    def run(self, model: str, work: Work[T], run: Run) -> T:
        """Send the work and follow it to its end. An interrupted work ends the process."""
        body = _pickled((model, work, Wishes.of(run)))
        try:
            self._pipe.send_bytes(body)
            return cast(T, self._follow(run))
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            raise WorkerDied(self._why()) from error
        except _Told as told:
            raise told.failure.error() from None
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Stop the process, whatever it does."""
        self._process.kill()
        self._process.join(END_SECONDS)
        self._pipe.close()
        with contextlib.suppress(OSError):
            self._last_words.close()

    def _follow(self, run: Run) -> Any:
        quiet = 0.0
        while True:
            if not self._pipe.poll(POLL_SECONDS):
                quiet += POLL_SECONDS
                if quiet >= self._patience:
                    run.check()
                continue
            quiet = 0.0
            kind, *rest = self._pipe.recv()
            if kind == ASK:
                self._pipe.send(run.cancel is not None and run.cancel())
            elif kind == PROGRESS and run.progress is not None:
                run.progress(*rest)
            elif kind == PARTIAL and run.partial is not None:
                run.partial(*rest)
            elif kind == KNOWN:
                self._pipe.send(run.replay and run.replay.get(*rest))
            elif kind == KEEP and run.replay is not None:
                run.replay.put(*rest)
            elif kind == FAILED:
                raise _Told(rest[0])
            elif kind == DONE:
                value, run.rows, run.planned, run.warnings = rest
                return value

    def _why(self) -> str:
        self._process.join(END_SECONDS)
        code = self._process.exitcode
        how = f"with exit code {code}"
        if code is not None and code < 0:
            how = f"by signal {-code} ({signal.Signals(-code).name})"
        return (
            f"The process that ran the model ended {how}{self._where()}. The other work goes on in "
            "a new one; look for native code in the model that fails on this example, or for "
            "memory that ran out."
        )

    def _where(self) -> str:
        """The user's line that ran last, as Python's fault handler wrote it down."""
        for line in self._last_words.read().splitlines():
            if line.startswith('  File "') and "site-packages" not in line:
                file, _, rest = line.removeprefix('  File "').partition('"')
                return f" in {file.rpartition('/')[2]}{rest}"
        return ""


class _Told(Exception):
    """The work failed in the process, in words."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def _pickled(what: Any) -> bytes:
    try:
        return pickle.dumps(what)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InvalidInput(
            f"This cannot be sent to a worker process ({error}). Define what the request names at "
            "the top level of a module, or serve the board without --isolate.",
            "method",
        ) from error
