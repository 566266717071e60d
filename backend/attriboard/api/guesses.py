"""Wrong tokens, counted by where they come from, so that nobody goes through them all."""

from __future__ import annotations

import math
import time
from collections import OrderedDict, deque

MOST = 20  # wrong tokens from one address in WINDOW seconds
WINDOW = 60.0
REMEMBERED = 10_000  # addresses


class Guesses:
    """Used by the event loop alone."""

    def __init__(self, most: int = MOST, window: float = WINDOW) -> None:
        self._most = most
        self._window = window
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0 where it may now."""
        times = self._recent(address)
        if len(times) < self._most:
            return 0
        return max(1, math.ceil(times[0] + self._window - time.monotonic()))

    def wrong(self, address: str) -> None:
        """Note a wrong token."""
        self._recent(address).append(time.monotonic())

    def _recent(self, address: str) -> deque[float]:
        times = self._wrong.setdefault(address, deque())
        self._wrong.move_to_end(address)
        if len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)
        earliest = time.monotonic() - self._window
        while times and times[0] < earliest:
            times.popleft()
        return times
