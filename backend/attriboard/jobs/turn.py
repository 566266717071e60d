"""Who may compute. Interactive work goes first; background work gives way between blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Turn:
    """`seats` jobs compute at a time (one a device). The others wait here."""

    def __init__(self, seats: int = 1) -> None:
        self.changed = threading.Condition()
        self.free = seats
        self.urgent = 0  # interactive jobs that wait for a seat

    def wake(self) -> None:
        """Let the waiting look again, after one of them was cancelled."""
        with self.changed:
            self.changed.notify_all()


class Place:
    """One job's place in a Turn: with a seat or waiting for one. Used by one thread."""

    def __init__(self, turn: Turn, urgent: bool, cancelled: Callable[[], bool]) -> None:
        self._turn = turn
        self._urgent = urgent
        self._cancelled = cancelled
        self.seated = False

    def take(self) -> bool:
        """Wait for a seat. False when the job was cancelled first."""
        turn = self._turn
        with turn.changed:
            turn.urgent += self._urgent
            turn.changed.wait_for(lambda: self._cancelled() or self._may_sit())
            turn.urgent -= self._urgent
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
        """Between two blocks: let interactive work go first. False when cancelled meanwhile."""
        if self._urgent or self._turn.urgent == 0:
            return not self._cancelled()
        self.leave()
        return self.take()

    def _may_sit(self) -> bool:
        return self._turn.free > 0 and (self._urgent or self._turn.urgent == 0)
