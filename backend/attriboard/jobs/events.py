"""The log of one job: numbered events that a listener can resume after a lost connection."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One thing that happened to a job. `id` counts from 1 and only grows."""

    id: int
    name: str
    data: dict[str, Any]


class EventLog:
    """Events in order, where a newer event of the same slot takes the older one's place.

    A listener that comes late needs only the latest progress and the latest state of each
    result, so the log stays as small as the job's results however long the job runs.
    """

    def __init__(self) -> None:
        self._last = 0
        self._slots: dict[Hashable, Event] = {}

    def append(self, name: str, data: dict[str, Any], slot: Hashable) -> Event:
        self._last += 1
        event = Event(self._last, name, data)
        self._slots.pop(slot, None)
        self._slots[slot] = event
        return event

    def after(self, event_id: int) -> list[Event]:
        """The events newer than `event_id`, oldest first; 0 gives all that are kept."""
        return [event for event in self._slots.values() if event.id > event_id]

    def forget(self, outdated: Callable[[Event], bool]) -> None:
        """Keep none of the events that are `outdated`."""
        self._slots = {slot: event for slot, event in self._slots.items() if not outdated(event)}
