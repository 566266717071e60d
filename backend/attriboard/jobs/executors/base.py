"""What every executor offers."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from attriboard.engine import Run
from attriboard.engine.errors import AttriboardError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Work(Protocol[T_co]):
    """Work on a model. It can be pickled, and so can what it returns."""

    def __call__(self, model: Any, /, *, run: Run | None) -> T_co: ...


class Executor(Protocol):
    """Runs work on the board's models. `run` may be called from several threads.

    seats: how many works compute at a time.
    """

    seats: int

    def start(self) -> None:
        """Make ready what the first work would wait for. Returns at once."""

    def run(self, model: str, work: Work[T], run: Run) -> T:
        """What `work` returns, on the model of that name.

        `run` hears of progress and partial results and is asked between blocks whether to stop, as
        if the work ran here. Raises what the work raises, and WorkerDied.
        """

    def close(self) -> None:
        """Stop the workers. Work under way fails. Closing twice is harmless."""


class WorkerDied(AttriboardError):
    """The process that ran a model ended while it did."""

    title = "The model's process ended"
