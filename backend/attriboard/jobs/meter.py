"""How far a job of several batches is, counted in rows through the model."""

from __future__ import annotations

from collections.abc import Callable

from attriboard.jobs.context import JobContext


class Meter:
    """Progress over `examples`. Batches yet to come are taken to cost what the present one does."""

    def __init__(self, context: JobContext, examples: int) -> None:
        self._context = context
        self._left = examples
        self._before = 0  # rows of the batches that are done
        self._planned = 0

    def batch(self, examples: int, rows: int) -> Callable[[int, int], None]:
        """Begin a batch; returns what the engine's Run calls with (rows done, rows planned)."""
        self._planned = examples * rows

        def progress(done: int, planned: int) -> None:
            self._planned = planned
            after = (self._left - examples) * (planned // examples)
            self._context.progress(self._before + done, self._before + planned + after)

        progress(0, self._planned)
        return progress

    def finished(self, examples: int) -> None:
        """End a batch."""
        self._before += self._planned
        self._left -= examples
