"""Which work is let in: not more than can wait, and none when memory is about to run out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from attriboard.engine.errors import AttriboardError

RESERVE = 256 * 2**20
CGROUP = Path("/sys/fs/cgroup")
RETRY_SECONDS = 5.0

Reason = Literal["client", "queue", "memory"]


class BusyError(AttriboardError):
    """The server takes no more work for now. `retry_after`: seconds after which to ask again."""

    def __init__(self, message: str, reason: Reason, retry_after: float = RETRY_SECONDS) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after


def available_memory() -> int:
    """Bytes that can still be had, here or in the container this runs in."""
    free = int(psutil.virtual_memory().available)
    limit, used = _cgroup("memory.max"), _cgroup("memory.current")
    if limit is None or used is None:
        return free
    # What files hold of the container's memory is given back when it is asked for.
    return min(free, limit - used + (_inactive_files() or 0))


def process_memory() -> int:
    """Bytes that this process holds."""
    return int(psutil.Process().memory_info().rss)


@dataclass(frozen=True)
class Admission:
    """How much may wait, in all and for one client, and how much memory is left alone.

    available: bytes of memory that can still be had; None does not look.
    """

    most_waiting: int = 512
    most_a_client: int = 64
    reserve: int = RESERVE
    available: Callable[[], int] | None = available_memory

    def check(self, waiting: int, of_client: int) -> None:
        """Raises BusyError where a further job must not be let in."""
        if of_client >= self.most_a_client:
            raise BusyError(
                f"You have {of_client} requests waiting, and more are not taken. Wait for some of "
                "them, or cancel those you no longer need.",
                "client",
            )
        if waiting >= self.most_waiting:
            raise BusyError(
                f"{waiting} requests wait already. Try again in a moment.",
                "queue",
                RETRY_SECONDS + math.sqrt(waiting),
            )
        if self.available is not None and self.available() < self.reserve:
            raise BusyError(
                "The machine is almost out of memory, so nothing new is computed; what is stored "
                "can be seen. Try again in a moment, or close what else uses memory there.",
                "memory",
            )


def _cgroup(name: str) -> int | None:
    try:
        text = (CGROUP / name).read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


def _inactive_files() -> int | None:
    try:
        lines = (CGROUP / "memory.stat").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("inactive_file ")]
    return int(found[0]) if found else None
