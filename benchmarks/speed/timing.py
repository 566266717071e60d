"""Timing in turn: A B C A B C, so that a machine's moods touch all alike."""

from __future__ import annotations

import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from benchmarks.speed.questions import Job


@dataclass
class Timings:
    """Seconds of each contender, round by round; `first` is its untimed first run."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)

    def best(self, name: str) -> float | None:
        """The fastest round; None where the contender failed."""
        return min(self.seconds[name]) if self.seconds.get(name) else None

    def ratio(self, above: str, below: str) -> float | None:
        """The median of `above` over `below`, round by round."""
        pairs = zip(self.seconds.get(above, []), self.seconds.get(below, []), strict=False)
        ratios = [a / b for a, b in pairs]
        return statistics.median(ratios) if ratios else None


CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}


@dataclass
class Clock:
    """What seconds are read from: the wall, or this process's own time on a busy machine."""

    read: Callable[[], float] = time.perf_counter


CLOCK = Clock()


def in_turn(jobs: Mapping[str, Job], rounds: int, budget: float) -> Timings:
    """Each job `rounds` times in turn; fewer where a round takes more than its share of `budget`.

    A job that fails in its first run is left out.
    """
    timings = Timings()
    for name, job in jobs.items():
        try:
            timings.first[name] = timed(job)
        except Exception as error:  # Captum refuses some models, which the table shows as a dash
            print(f"    {name} failed: {type(error).__name__}: {error}", flush=True)
    began = time.perf_counter()
    for done in range(rounds):
        if done and (time.perf_counter() - began) * (done + 1) / done > budget:
            break
        for name in timings.first:
            timings.seconds.setdefault(name, []).append(timed(jobs[name]))
    return timings


def timed(job: Callable[[], object]) -> float:
    """Seconds of one run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        began = CLOCK.read()
        job()
        return CLOCK.read() - began
