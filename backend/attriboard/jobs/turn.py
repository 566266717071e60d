"""Who may compute. More urgent work goes first; a running job gives way between blocks."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable


class Turn:
    """`seats` jobs compute at a time (one a device). The others wait here."""

    def __init__(self, seats: int = 1) -> None:
        self.changed = threading.Condition()
        self.free = seats
        self._waiting: Counter[int] = Counter()

    def wake(self) -> None:
        """Let the waiting look again, after one of them was cancelled."""
        with self.changed:
            self.changed.notify_all()

    def wanted(self, rank: int) -> bool:
        """Whether a job of a smaller rank waits."""
        return any(count for other, count in self._waiting.items() if other < rank)

    def come(self, rank: int) -> None:
        self._waiting[rank] += 1

    def go(self, rank: int) -> None:
        self._waiting[rank] -= 1


class Place:
    """One job's place in a Turn: with a seat or waiting for one. Used by one thread.

    `rank` says how urgent the job is: 0 goes before 1.
    """

    def __init__(self, turn: Turn, rank: int, cancelled: Callable[[], bool]) -> None:
        self._turn = turn
        self._rank = rank
        self._cancelled = cancelled
        self.seated = False

    def take(self) -> bool:
        """Wait for a seat. False when the job was cancelled first."""
        turn = self._turn
        with turn.changed:
            turn.come(self._rank)
            turn.changed.wait_for(lambda: self._cancelled() or self._may_sit())
            turn.go(self._rank)
            if self._cancelled():
                turn.changed.notify_all()
                return False
            turn.free -= 1
            self.seated = True
            return True

    def leave(self) -> None:
        """Give the seat back, where there is one."""
        with self._turn.changed:
            if self.seated:
                self.seated = False
                self._turn.free += 1
                self._turn.changed.notify_all()

    def give_way(self) -> bool:
        """Between two blocks: let more urgent work go first. False when cancelled meanwhile."""
        if not self._turn.wanted(self._rank):
            return not self._cancelled()
        self.leave()
        return self.take()

    def _may_sit(self) -> bool:
        return self._turn.free > 0 and not self._turn.wanted(self._rank)
