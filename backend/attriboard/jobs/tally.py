"""Counts of what was done, for the server's figures."""

from __future__ import annotations

import threading


class Tally:
    """Counters that only grow. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.rows = 0
        self.hits = 0
        self.misses = 0

    def add(self, *, rows: int = 0, hits: int = 0, misses: int = 0) -> None:
        """rows through a model; results found in the store, and results that were not."""
        with self._lock:
            self.rows += rows
            self.hits += hits
            self.misses += misses
