"""What one computation reports to its caller: progress, partial results, cancelling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from attriboard.engine.errors import Cancelled
from attriboard.engine.tensors import Tensors


@dataclass
class Run:
    """One computation, as its caller follows it. Every field may be left out.

    progress(done, planned): rows that went through the model, and rows expected in all.
    partial(attributions, done, steps): attributions so far, each (targets, N, ...) in the site's
        shape, after `done` of `steps` points of a progressive method.
    cancel(): asked before each block; True raises `Cancelled` before the model runs again.
    memory: bytes that the rows of one block may take; None picks a share of the free memory.
    """

    progress: Callable[[int, int], None] | None = None
    partial: Callable[[Tensors, int, int], None] | None = None
    cancel: Callable[[], bool] | None = None
    memory: int | None = None
    rows: int = field(default=0, init=False)
    planned: int = field(default=0, init=False)
    warnings: list[str] = field(default_factory=list, init=False)

    def plan(self, rows: int) -> None:
        """Announce `rows` more rows than were known of."""
        self.planned += rows

    def check(self) -> None:
        """Raise `Cancelled` if the caller wants no more."""
        if self.cancel is not None and self.cancel():
            raise Cancelled("The computation was cancelled.")

    def advance(self, rows: int) -> None:
        """Count `rows` rows as done, and say so."""
        self.rows += rows
        self.planned = max(self.planned, self.rows)
        if self.progress is not None:
            self.progress(self.rows, self.planned)

    def warn(self, sentence: str) -> None:
        """Add a sentence to the result's warnings, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)
