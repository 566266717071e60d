"""What a job's work is given: progress, results, cancel, and giving way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attriboard.engine.errors import AttriboardError, Cancelled
from attriboard.jobs.job import Job
from attriboard.jobs.turn import Place


class TimeLimit(AttriboardError):
    """A job has computed for as long as it may."""

    title = "The time limit is reached"


class JobContext:
    """The work's side of a job. Used by the worker's thread alone."""

    def __init__(self, job: Job, place: Place, limit: float | None = None) -> None:
        self.job = job
        self._place = place
        self._limit = limit

    def progress(self, done: int, total: int) -> None:
        self.job.progress(done, total)

    def snapshot(self, key: str, example: int) -> None:
        """An unfinished result can be read."""
        self.job.partial({"key": key, "example": example})

    def result(self, meta: dict[str, Any]) -> None:
        """A result is stored."""
        self.job.partial({"key": meta["key"], "example": meta["example"]}, meta)

    def finish(self, results: list[dict[str, Any]]) -> None:
        """All results in the order they were asked for. The work should return after this."""
        self.job.finish(results)

    def cancel(self) -> bool:
        """For `engine.Run`: let interactive work go first, then say whether to stop.

        Raises TimeLimit where the job has computed for longer than it may.
        """
        if self._limit is not None and self._place.spent() > self._limit:
            raise TimeLimit(
                f"The computation took more than {self._limit:g} seconds and was ended. Ask for "
                "less, such as fewer steps or samples, or start the server with a longer "
                "--time-limit."
            )
        return not self._place.give_way()

    @property
    def lanes(self) -> int:
        """How many threads may compute for this job at a time: one a seat."""
        return self._place.seats

    def lane(self) -> JobContext:
        """The context of a thread that helps with the work. It has no seat until it sits."""
        return JobContext(self.job, self._place.beside(), self._limit)

    def sit(self) -> None:
        """Wait for a seat; raises Cancelled where the job was cancelled first."""
        if not self._place.seated and not self._place.take():
            raise Cancelled("The job was cancelled.")

    def stand(self) -> None:
        """Give the seat to whoever waits, such as while others compute for this job."""
        self._place.leave()

    def check(self) -> None:
        """Between two steps: let interactive work go first; raises Cancelled where asked to."""
        if self.cancel():
            raise Cancelled("The job was cancelled.")


class Part(JobContext):
    """The context of one part of a job's work: its results are collected, not the job's own.

    `progress` hears how far the part is, in rows done and rows planned.
    """

    def __init__(self, context: JobContext, progress: Callable[[int, int], None]) -> None:
        super().__init__(context.job, context._place, context._limit)
        self._said = progress
        self.results: list[dict[str, Any]] = []

    def progress(self, done: int, total: int) -> None:
        self._said(done, total)

    def snapshot(self, key: str, example: int) -> None:
        return

    def result(self, meta: dict[str, Any]) -> None:
        return

    def finish(self, results: list[dict[str, Any]]) -> None:
        self.results = results
