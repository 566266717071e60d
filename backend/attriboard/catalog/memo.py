"""Answers kept for the next time, each worked out once however many threads ask for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """The last `size` answers by key. A key asked for while it is worked out is waited for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """The answer of `work`, kept under `key`. An error is raised to all, and not kept."""
        with self._lock:
            future = self._answers.get(key)
            mine = future is None
            if future is None:
                future = self._answers[key] = Future()
            self._answers.move_to_end(key)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        if mine:
            self._answer(key, future, work)
        answer: T = future.result()
        return answer

    def _answer(self, key: Hashable, future: Future[T], work: Callable[[], T]) -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            with self._lock:
                self._answers.pop(key, None)
            future.set_exception(error)
