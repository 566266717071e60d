"""Answers kept until the next write, each worked out once however many threads ask for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """The last `size` answers of one revision of the table; those of older ones are dropped."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._revision: tuple[int, ...] = (0, 0)
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, revision: tuple[int, ...], key: Hashable, work: Callable[[], T]) -> T:
        """The answer of `work`, kept under `key`; one that another thread works on is waited for.

        An error is raised to all who wait, and not kept.
        """
        with self._lock:
            if revision > self._revision:
                self._revision = revision
                self._answers.clear()
            future = self._answers.get(key) if revision == self._revision else None
            mine = future is None
            if future is None:
                future = Future()
                if revision == self._revision:
                    self._answers[key] = future
            self._touch(key)
        if mine:
            self._answer(key, future, work)
        answer: T = future.result()
        return answer

    def _touch(self, key: Hashable) -> None:
        if key in self._answers:
            self._answers.move_to_end(key)
        while len(self._answers) > self._size:
            self._answers.popitem(last=False)

    def _answer(self, key: Hashable, future: Future[T], work: Callable[[], T]) -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            with self._lock:
                if self._answers.get(key) is future:
                    del self._answers[key]
            future.set_exception(error)
