"""Work in processes of its own: a model that takes its process down leaves the server up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from attriboard.engine import Run
from attriboard.engine.errors import AttriboardError
from attriboard.jobs.executors.base import T, Work
from attriboard.jobs.executors.process import Process

Load = Callable[[], Mapping[str, Any]]

GROWTH = 2 << 30
"""Bytes that a process may grow by over its works, before it is taken for leaking."""


class Isolated:
    """`seats` processes, each with its own copy of the models. One that dies is replaced.

    So is one that leaks, between two works: it has grown by more than `growth` bytes.

    load: gives the models by name; it is pickled and called in each process.
    patience: seconds after which a block that does not end is asked about: where its job was
    cancelled or ran out of time, the process is ended.
    """

    def __init__(
        self, load: Load, seats: int = 1, patience: float = 5.0, growth: int = GROWTH
    ) -> None:
        self.seats = seats
        self._growth = growth
        self._load = load
        self._patience = patience
        self._lock = threading.Lock()
        self._idle: list[Process] = []
        self._all: set[Process] = set()
        self._closed = False

    def start(self) -> None:
        """Start all processes: each has torch to import and a model to load."""
        with self._lock:
            while len(self._all) < self.seats and not self._closed:
                self._idle.append(self._new())

    def run(self, model: str, work: Work[T], run: Run) -> T:
        """See Executor."""
        process = self._take()
        try:
            return process.run(model, work, run)
        finally:
            self._give_back(process)

    def close(self) -> None:
        """See Executor."""
        with self._lock:
            self._closed = True
            processes, self._all, self._idle = list(self._all), set(), []
        for process in processes:
            process.end()

    def _take(self) -> Process:
        with self._lock:
            if self._closed:
                raise AttriboardError("The server is shutting down and takes no more work.")
            alive = [process for process in self._idle if process.alive]
            self._all -= set(self._idle) - set(alive)
            self._idle = alive
            return self._idle.pop() if self._idle else self._new()

    def _give_back(self, process: Process) -> None:
        leaks = process.grown() > self._growth
        with self._lock:
            spare = len(self._all) > self.seats
            if process.alive and not self._closed and not spare and not leaks:
                self._idle.append(process)
                return
            self._all.discard(process)
        process.end()

    def _new(self) -> Process:
        process = Process(self._load, self._patience)
        self._all.add(process)
        return process
