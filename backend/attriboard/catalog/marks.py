"""What people say of examples: tags and notes, in tables of their own.

They belong to the data alone, so they outlive a changed model, and those of other data come back
with that data. They are few beside the examples and are held in memory too, to be counted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

import duckdb
import numpy as np

from attriboard.catalog.arrays import Mask
from attriboard.catalog.connections import Connections, registered
from attriboard.catalog.layout import Stored
from attriboard.catalog.rows import Column, Count
from attriboard.catalog.values import storable_text
from attriboard.engine.errors import InvalidInput

LONGEST_TAG = 64
LONGEST_NOTE = 4000
PINNED = "pinned"
"""The tag of examples that the gallery keeps in sight."""


def prepare(connection: duckdb.DuckDBPyConnection, data_fingerprint: str) -> int:
    """Make the tables where there are none, and return the number of this data in them."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS marked_data (fingerprint VARCHAR, number INTEGER)"
    )
    connection.execute(
        'CREATE TABLE IF NOT EXISTS tags (data INTEGER, "index" INTEGER, tag VARCHAR)'
    )
    connection.execute(
        'CREATE TABLE IF NOT EXISTS notes (data INTEGER, "index" INTEGER, note VARCHAR)'
    )
    known = dict(connection.execute("SELECT fingerprint, number FROM marked_data").fetchall())
    if data_fingerprint not in known:
        known[data_fingerprint] = max(known.values(), default=-1) + 1
        connection.execute(
            "INSERT INTO marked_data VALUES (?, ?)", [data_fingerprint, known[data_fingerprint]]
        )
    number: int = known[data_fingerprint]
    return number


def columns(data: int) -> tuple[Stored, Stored]:
    """The columns `tags` and `note` as conditions read them: which examples, and which text."""
    return (
        Stored(Column("tags", "tags", "mark"), f'SELECT "index" FROM tags WHERE data = {data:d}'),
        Stored(
            Column("note", "str", "mark"),
            f"(SELECT note FROM notes WHERE notes.data = {data:d} "
            'AND notes."index" = examples."index")',
        ),
    )


class Marks:
    """Tags and notes by example. Every method may be called from any thread."""

    def __init__(self, connections: Connections, data: int, size: int) -> None:
        self._connections = connections
        self._data = data
        self._size = size
        self._lock = threading.RLock()
        self._tags: dict[str, set[int]] = {}
        self._notes: dict[int, str] = {}
        self._beyond: Callable[[int], bool] = lambda _: False
        self.version = 0
        self._read()

    def admit(self, beyond: Callable[[int], bool]) -> None:
        """Further examples may be marked, numbered on from the dataset's last, where `beyond` says.

        They are kept and told of one by one, but are in no mask and no count over the dataset.
        """
        self._beyond = beyond

    def _read(self) -> None:
        with self._connections.borrow() as connection:
            tags = connection.execute(
                'SELECT "index", tag FROM tags WHERE data = ?', [self._data]
            ).fetchall()
            notes = connection.execute(
                'SELECT "index", note FROM notes WHERE data = ?', [self._data]
            ).fetchall()
        for index, tag in tags:
            self._tags.setdefault(tag, set()).add(index)
        self._notes = dict(notes)

    def change(
        self, indices: Sequence[int], add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> None:
        """Give examples tags and take others away. InvalidInput names what cannot be."""
        added, removed = [_tag(t, "add") for t in add], [_tag(t, "remove") for t in remove]
        self._check(indices)
        with self._lock:
            with self._connections.transaction() as connection:
                self._write(connection, list(dict.fromkeys(indices)), added, removed)
            for tag in removed:
                self._tags.get(tag, set()).difference_update(indices)
            for tag in added:
                self._tags.setdefault(tag, set()).update(indices)
            self._tags = {tag: held for tag, held in self._tags.items() if held}
            self.version += 1

    def _write(
        self,
        connection: duckdb.DuckDBPyConnection,
        indices: list[int],
        added: list[str],
        removed: list[str],
    ) -> None:
        staged = {"i": np.array(indices, np.int32)}
        with registered(connection, "marked", staged):
            for tag in [*removed, *added]:  # those added once more are not there twice
                connection.execute(
                    'DELETE FROM tags WHERE data = ? AND tag = ? AND "index" IN '
                    "(SELECT i FROM marked)",
                    [self._data, tag],
                )
            for tag in added:
                connection.execute("INSERT INTO tags SELECT ?, i, ? FROM marked", [self._data, tag])

    def note(self, index: int, text: str) -> None:
        """Keep a note on an example; an empty one takes it away."""
        self._check([index])
        text = storable_text(text.strip())
        if len(text) > LONGEST_NOTE:
            raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.", "note")
        with self._lock:
            with self._connections.transaction() as connection:
                connection.execute(
                    'DELETE FROM notes WHERE data = ? AND "index" = ?', [self._data, index]
                )
                if text:
                    connection.execute(
                        "INSERT INTO notes VALUES (?, ?, ?)", [self._data, index, text]
                    )
            self._notes.pop(index, None)
            if text:
                self._notes[index] = text
            self.version += 1

    def clear(self, index: int) -> None:
        """Take all that is said of an example away."""
        self.change([index], remove=self.of(index)[0])
        self.note(index, "")

    def of(self, index: int) -> tuple[list[str], str | None]:
        """An example's tags in order, and its note."""
        with self._lock:
            tags = sorted(tag for tag, held in self._tags.items() if index in held)
            return tags, self._notes.get(index)

    def tagged(self, tag: str) -> list[int]:
        """The examples with a tag, in order."""
        with self._lock:
            return sorted(self._tags.get(tag, ()))

    def mask(self, tags: Sequence[str]) -> Mask:
        """Where an example has any of the tags."""
        found = np.zeros(self._size, np.bool_)
        with self._lock:
            for tag in tags:
                found[self._within(self._tags.get(tag, ()))] = True
        return found

    def used(self) -> list[Count]:
        """Every tag with the number of its examples, those beyond the dataset's too."""
        with self._lock:
            return [Count(tag, tag, len(self._tags[tag])) for tag in sorted(self._tags)]

    def counts(self, mask: Mask | None) -> list[Count]:
        """How many of the masked examples have each tag, in the order of the tags."""
        with self._lock:
            held = {tag: self._within(self._tags[tag]) for tag in sorted(self._tags)}
        return [
            Count(tag, tag, len(those) if mask is None else int(np.count_nonzero(mask[those])))
            for tag, those in held.items()
            if those
        ]

    def _within(self, indices: Iterable[int]) -> list[int]:
        return [index for index in indices if index < self._size]

    def _check(self, indices: Sequence[int]) -> None:
        for index in indices:
            if not (0 <= index < self._size or self._beyond(index)):
                raise InvalidInput(
                    f"There is no example {index}: there are {self._size}, counted from 0.",
                    "examples",
                )


def _tag(text: str, field: str) -> str:
    tag = storable_text(" ".join(text.split()))
    if not tag or len(tag) > LONGEST_TAG:
        raise InvalidInput(f"A tag has 1 to {LONGEST_TAG} characters, not {len(tag)}.", field)
    if "," in tag:
        raise InvalidInput(f"A tag has no comma, as {tag!r} has: lists of tags use it.", field)
    return tag
