"""Keeps the words of each text column ready for the search, made anew in the background."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from attriboard.catalog.connections import Connections
from attriboard.catalog.layout import Stored
from attriboard.catalog.words import Mask, Words, blocks
from attriboard.engine.errors import AttriboardError

FEW = 20_000
"""Up to this many examples the table itself is read as quickly."""


class Searching:
    """The words of the text columns as of the last write of examples. Safe from any thread."""

    def __init__(self, connections: Connections, size: int) -> None:
        self._connections = connections
        self._size = size
        self._lock = threading.Lock()
        self._version = 0
        self._words: dict[str, Words | None] = {}
        self._made = -1
        self._thread: threading.Thread | None = None

    def changed(self) -> None:
        """Texts were written: what is known of them is out of date."""
        with self._lock:
            self._version += 1
            self._words = {}

    def prepare(self, columns: Sequence[Stored], *, wait: bool = False) -> None:
        """Learn the words of `columns` in the background, unless they are known or under way."""
        if self._size <= FEW:
            return
        with self._lock:
            working = self._thread is not None and self._thread.is_alive()
            if self._made != self._version and not working:
                self._thread = threading.Thread(
                    target=self._make, args=(columns, self._version), daemon=True
                )
                self._thread.start()
        if wait and self._thread is not None:
            self._thread.join()

    def containing(self, stored: Stored, text: str) -> tuple[Mask, Mask] | None:
        """Where the column contains `text` and where it has a text at all; None: not known yet."""
        with self._lock:
            words = self._words.get(stored.sql)
        return None if words is None else (words.containing(text), words.known)

    def _make(self, columns: Sequence[Stored], version: int) -> None:
        try:
            made = {stored.sql: self._read(stored) for stored in columns}
        except AttriboardError:  # the catalog was closed meanwhile
            return
        with self._lock:
            if version == self._version:
                self._words, self._made = made, version

    def _read(self, stored: Stored) -> Words | None:
        with self._connections.borrow() as connection:
            rows = connection.execute(
                f'SELECT {stored.folded} AS text FROM examples ORDER BY "index"'
            )
            found = rows.fetchnumpy()["text"]
        texts = [None if not isinstance(text, str) else text for text in found.tolist()]
        return Words.of(blocks(texts), self._size)
