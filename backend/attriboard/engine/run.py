"""What one computation reports to its caller, and what it may use: progress, partial results,
cancelling, memory, precision, and passes that an earlier one has made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from torch import Tensor

from attriboard.engine.errors import Cancelled
from attriboard.engine.planner import ALONE, SECONDS
from attriboard.engine.tensors import Tensors


class Replay(Protocol):
    """Raw outputs of the model, kept by the caller so that nobody asks for them twice.

    Parts: "point" and "baseline", the model's outputs (1, N, ...) at the examples and (M, N, ...)
    at their baselines, which many methods share; "rows K", the K points of a perturbation method,
    (K, N, ...), which another target needs again; "inputs", those of `shapley`. The caller tells
    apart what each depends on.
    """

    def get(self, part: str) -> Tensor | None:
        """The outputs of a part for all N examples; None where any is missing."""
        ...

    def put(self, part: str, outputs: Tensor) -> None:
        """Take the outputs of a part, to keep or to drop."""
        ...


@dataclass
class Run:
    """One computation, as its caller follows it. Every field may be left out.

    progress(done, planned): rows that went through the model, and rows expected in all.
    partial(attributions, done, steps): attributions so far, each (targets, N, ...) in the site's
        shape, after `done` of `steps` points of a progressive method; the first as soon as there
        is one, then at most every `interval` seconds.
    cancel(): asked before each block; True raises `Cancelled` before the model runs again.
    memory: bytes that the rows of one block may take; None picks a share of the free memory.
    precision: "bfloat16" runs the passes of perturbation methods under autocast to it, and
        measures on a few rows how far their scores then are from the usual ones.
    replay: outputs of the model that are known.
    """

    progress: Callable[[int, int], None] | None = None
    partial: Callable[[Tensors, int, int], None] | None = None
    cancel: Callable[[], bool] | None = None
    memory: int | None = None
    precision: Literal["usual", "bfloat16"] = "usual"
    replay: Replay | None = None
    interval: float = 0.0
    rows: int = field(default=0, init=False)
    planned: int = field(default=0, init=False)
    warnings: list[str] = field(default_factory=list, init=False)
    _reserved: int = field(default=0, init=False)
    _shown: float = field(default=-float("inf"), init=False)

    def __post_init__(self) -> None:
        if self.precision != "usual":
            self.replay = None  # what is kept is for all to share

    @property
    def longest(self) -> float:
        """Seconds that one block may run: longer where nobody follows."""
        followed = any(call is not None for call in (self.progress, self.partial, self.cancel))
        return SECONDS if followed else ALONE

    def plan(self, rows: int) -> None:
        """Announce `rows` rows, of those reserved first."""
        known = min(rows, self._reserved)
        self._reserved -= known
        self.planned += rows - known

    def reserve(self, rows: int) -> None:
        """Announce `rows` rows that will be planned in parts, and perhaps not all."""
        self._reserved += rows
        self.planned += rows

    def release(self) -> None:
        """Nothing more will come of what was reserved."""
        self.planned -= self._reserved
        self._reserved = 0

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

    def show(self, attributions: Callable[[], Tensors], done: int, steps: int) -> None:
        """Hand on the attributions after `done` of `steps` points, if they are wanted by now."""
        if self.partial is None or time.monotonic() < self._shown + self.interval:
            return
        self.partial(attributions(), done, steps)
        self._shown = time.monotonic()

    def warn(self, sentence: str) -> None:
        """Add a sentence to the result's remarks, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)
