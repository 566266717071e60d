"""Who may compute. More urgent work goes first; a running job gives way between blocks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from attriboard.jobs.teams import disband

SLICE_SECONDS = 0.5  # how long a job computes while others of its rank wait


class Turn:
    """`seats` jobs compute at a time (one a device). The others wait here, by rank and in order.

    A smaller rank is more urgent; ranks are counted from 0.
    """

    def __init__(self, seats: int, ranks: int) -> None:
        self.changed = threading.Condition()
        self.seats = self.free = seats
        self.waiting: list[deque[Place]] = [deque() for _ in range(ranks)]

    def wake(self) -> None:
        """Let the waiting look again, after one of them was cancelled."""
        with self.changed:
            self.changed.notify_all()

    def next(self) -> Place | None:
        """The one whose turn it is when a seat is free."""
        return next((places[0] for places in self.waiting if places), None)


class Place:
    """One job's place in a Turn: with a seat or waiting for one. Used by one thread."""

    def __init__(self, turn: Turn, rank: int, cancelled: Callable[[], bool]) -> None:
        self._turn = turn
        self._rank = rank
        self._cancelled = cancelled
        self._since = 0.0
        self._before = 0.0
        self.seated = False

    def beside(self) -> Place:
        """A further place of the same job, without a seat, for a thread that helps with it."""
        return Place(self._turn, self._rank, self._cancelled)

    @property
    def seats(self) -> int:
        """How many compute at a time."""
        return self._turn.seats

    def take(self) -> bool:
        """Wait for a seat. False when the job was cancelled first."""
        turn, queue = self._turn, self._turn.waiting[self._rank]
        with turn.changed:
            queue.append(self)
            turn.changed.wait_for(lambda: self._cancelled() or self._may_sit())
            queue.remove(self)
            turn.changed.notify_all()  # the next in line may sit too, where there are more seats
            if self._cancelled():
                return False
            turn.free -= 1
            self.seated, self._since = True, time.monotonic()
            return True

    def leave(self) -> None:
        """Give the seat back, where there is one."""
        if not self.seated:
            return
        disband()  # else this thread, though it waits, slows down the one that sits here next
        with self._turn.changed:
            self._before = self.spent()
            self.seated = False
            self._turn.free += 1
            self._turn.changed.notify_all()

    def spent(self) -> float:
        """Seconds with a seat, up to now."""
        return self._before + (time.monotonic() - self._since if self.seated else 0.0)

    def give_way(self) -> bool:
        """Between two blocks: let those go first whose turn it is. False when cancelled."""
        if not self.seated or not self._must_leave():
            return not self._cancelled()
        self.leave()
        return self.take()

    def _must_leave(self) -> bool:
        """Whether someone more urgent waits, or an equal one has waited for a slice of time."""
        if any(self._turn.waiting[: self._rank]):
            return True
        over = time.monotonic() - self._since > SLICE_SECONDS
        return over and bool(self._turn.waiting[self._rank])

    def _may_sit(self) -> bool:
        return self._turn.free > 0 and self._turn.next() is self
