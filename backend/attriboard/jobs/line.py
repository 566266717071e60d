"""Who waits for a worker: clients take turns, and each one's requests keep their order."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")

ASKER: ContextVar[str] = ContextVar("attriboard_asker", default="")
"""The client that the current request comes from; empty where the server asks itself."""


class Line(Generic[T]):
    """A client with a hundred requests does not hold up one with a single."""

    def __init__(self) -> None:
        self._clients: OrderedDict[str, deque[T]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._clients.values()))

    def __iter__(self) -> Iterator[T]:
        for waiting in self._clients.values():
            yield from waiting

    def count(self, client: str) -> int:
        """How many of this client's wait."""
        return len(self._clients.get(client, ()))

    def push(self, client: str, entry: T) -> None:
        """At the end of the client's own; a new client stands behind the others."""
        self._clients.setdefault(client, deque()).append(entry)

    def pop(self) -> T:
        """The first of the client whose turn it is, which then stands behind the others."""
        client, waiting = next(iter(self._clients.items()))
        entry = waiting.popleft()
        if waiting:
            self._clients.move_to_end(client)
        else:
            del self._clients[client]
        return entry

    def remove(self, is_it: Callable[[T], bool]) -> None:
        """Take out what `is_it` says yes to; everybody keeps their turn."""
        for client, waiting in list(self._clients.items()):
            kept = deque(entry for entry in waiting if not is_it(entry))
            if kept:
                self._clients[client] = kept
            else:
                del self._clients[client]
