"""A small memory of what was used last."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The values used last, by key: as many as weigh `most` together. Safe from any thread.

    A value weighs one unless `weight` says otherwise; the latest is kept whatever it weighs.
    """

    def __init__(self, most: int, weight: Callable[[V], int] = lambda _: 1) -> None:
        self._most = most
        self._weight = weight
        self._total = 0
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        with self._lock:
            self._remove(key)
            self._kept[key] = value
            self._total += self._weight(value)
            while self._total > self._most and len(self._kept) > 1:
                self._remove(next(iter(self._kept)))

    def drop(self, key: K) -> None:
        with self._lock:
            self._remove(key)

    def _remove(self, key: K) -> None:
        value = self._kept.pop(key, None)
        if value is not None:
            self._total -= self._weight(value)
