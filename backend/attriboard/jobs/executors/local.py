"""Work in the thread that asks for it, on the models the user handed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attriboard.engine import Run
from attriboard.jobs.executors.base import T, Work


class Local:
    """The executor where nothing else is asked for: no copy, no process, no wait."""

    def __init__(self, models: Mapping[str, Any], seats: int = 1) -> None:
        self._models = models
        self.seats = seats

    def start(self) -> None:
        """Nothing to make ready."""

    def run(self, model: str, work: Work[T], run: Run) -> T:
        """See Executor."""
        return work(self._models[model], run=run)

    def close(self) -> None:
        """Nothing to stop."""
