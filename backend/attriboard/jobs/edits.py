"""Examples of one's own: made by editing one of the dataset's, or from nothing.

They are numbered on from the dataset's last example, so that whatever takes an index takes
theirs. On disk each is one JSON file with what a person gave, and the index of the dataset's
example that the rest is of; nothing of it is ever executed or used as a path.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from attriboard.board import Board, Example
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Input
from attriboard.jobs.keys import digest
from attriboard.jobs.recent import Recent
from attriboard.jobs.store import StoreError, written

_log = logging.getLogger("attriboard.jobs")
MOST_EDITS = 10_000
KEPT = 64  # examples kept in memory

Payload = Any
"""JSON of one input: what its `parse` takes, {"file": base64}, {"painted": base64} or
{"columns": {name: value}}."""
Role = Literal["edit", "baseline"]


@dataclass(frozen=True)
class Edit:
    """One example of one's own.

    origin: the dataset's example it was made of, None where all inputs were given; parent: the
    example it was made of, which may be an edit itself. `inputs` are those given, by name. `role`
    says whether it was made to be looked at, or as a baseline for another.
    """

    origin: int | None
    parent: int | None
    inputs: dict[str, Payload]
    role: Role = "edit"
    made: str = ""
    removed: bool = False

    @property
    def identity(self) -> str:
        """A hash of what it is, whenever it was made."""
        return digest([self.origin, self.inputs, self.removed])


@dataclass(frozen=True)
class Head:
    """An edit without what was given; `changed` are the inputs that were."""

    index: int
    origin: int | None
    parent: int | None
    changed: tuple[str, ...]
    role: Role
    made: str
    identity: str

    @staticmethod
    def of(index: int, edit: Edit) -> Head:
        """The head of the edit at `index`."""
        changed = tuple(edit.inputs)
        return Head(index, edit.origin, edit.parent, changed, edit.role, edit.made, edit.identity)

    def json(self) -> dict[str, Any]:
        """As the page is told."""
        told = asdict(self)
        del told["identity"], told["index"]
        return {**told, "changed": list(self.changed)}


class Edits:
    """The edits of one dataset. Safe from any thread; numbers are never used twice."""

    def __init__(self, board: Board, folder: Path) -> None:
        self._board = board
        self._folder = folder / board.data_fingerprint
        self._lock = threading.Lock()
        self._examples: Recent[int, Example] = Recent(KEPT)
        self._edits: Recent[int, Edit] = Recent(KEPT)
        numbers = [int(path.stem) for path in self._folder.glob("*.json") if path.stem.isdigit()]
        self._heads: dict[int, Head] | None = None
        self._next = max(numbers, default=-1) + 1

    def has(self, index: int) -> bool:
        """Whether there is, or was, an edit of this index."""
        return 0 <= index - len(self._board) < self._next

    def example(self, index: int) -> Example:
        """The example. InvalidInput where it was removed, or does not fit the board any more."""
        found = self._examples.get(index)
        if found is None:
            edit = self.edit(index)
            if edit.removed:
                raise InvalidInput(f"The example {index} was one of your own, and removed.")
            found = self._made(edit, index)
            self._examples.put(index, found)
        return found

    def edit(self, index: int) -> Edit:
        """What was stored of it."""
        found = self._edits.get(index)
        if found is None:
            found = self._read(index - len(self._board))
            self._edits.put(index, found)
        return found

    def heads(self) -> list[Head]:
        """All that were not removed, the newest first."""
        with self._lock:
            return list(self._listed().values())[::-1]

    def head(self, index: int) -> Head | None:
        """What an edit is; None for any other example, and where it was removed."""
        with self._lock:
            return self._listed().get(index) if self.has(index) else None

    def add(self, parent: int | None, inputs: Mapping[str, Payload], role: Role = "edit") -> int:
        """Store an edit of example `parent` (None: from nothing) and return its index.

        The same edit made again is the one there is. Raises InvalidInput, field `inputs.NAME`,
        for what an input cannot read; StoreError where the disk is full.
        """
        edit = self._checked(parent, inputs, role)
        with self._lock:
            for known in self._listed().values():
                if known.identity == edit.identity:
                    return known.index
            if self._next >= MOST_EDITS:
                raise InvalidInput(
                    f"There are {MOST_EDITS:,} examples of your own already. Remove some first."
                )
            index = len(self._board) + self._next
            example = self._made(edit, index)
            self._board.tensors([example])
            self._write(self._next, edit)
            self._next += 1
            self._listed()[index] = Head.of(index, edit)
        self._edits.put(index, edit)
        self._examples.put(index, example)
        return index

    def remove(self, index: int) -> None:
        """Forget an edit; its number stays taken."""
        with self._lock:
            gone = Edit(None, None, {}, removed=True)
            self._write(index - len(self._board), gone)
            self._listed().pop(index, None)
            self._examples.drop(index)
            self._edits.put(index, gone)

    def _checked(self, parent: int | None, inputs: Mapping[str, Payload], role: Role) -> Edit:
        names = [entry.name for entry in self._board.inputs]
        for name in inputs:
            if name not in names:
                raise InvalidInput(
                    f"There is no input {name!r}; the board has {', '.join(names)}.",
                    f"inputs.{name}",
                )
        given = dict(inputs)
        origin = parent
        if parent is not None and parent >= len(self._board):
            before = self.edit(parent)
            origin = before.origin
            given = before.inputs | {n: _over(p, before.inputs.get(n)) for n, p in inputs.items()}
        missing = [name for name in names if name not in given]
        if origin is None and missing:
            raise InvalidInput(
                f"An example of your own needs every input; {', '.join(missing)} is missing.",
                f"inputs.{missing[0]}",
            )
        if not inputs:
            raise InvalidInput("Nothing is changed.", "inputs")
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return Edit(origin, parent, given, role, made)

    def _listed(self) -> dict[int, Head]:
        """All heads by index; the files are read once, when they are first asked for."""
        if self._heads is None:
            first = len(self._board)
            found = ((number, self._found(number)) for number in range(self._next))
            self._heads = {
                first + number: Head.of(first + number, edit)
                for number, edit in found
                if edit is not None and not edit.removed
            }
        return self._heads

    def _found(self, number: int) -> Edit | None:
        """None for a file that is damaged or gone: the others are listed all the same."""
        try:
            return self._read(number)
        except InvalidInput as error:
            _log.warning("%s", error)
            return None

    def _made(self, edit: Edit, index: int) -> Example:
        source = None if edit.origin is None else self._board.example(edit.origin)
        raw = {}
        for entry in self._board.inputs:
            below = None if source is None else source.raw[entry.name]
            given = edit.inputs.get(entry.name)
            raw[entry.name] = below if given is None else _raw(entry, given, below)
        for extra in self._board.extras:
            if source is not None:
                raw[extra.name] = source.raw[extra.name]
        raw = self._board.completed(raw)
        return Example(index, raw, None, {} if source is None else source.metadata)

    def _read(self, number: int) -> Edit:
        try:
            return Edit(**json.loads(self._place(number).read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise InvalidInput(
                f"The example {len(self._board) + number} of your own cannot be read from the "
                "store. Make it again."
            ) from error

    def _write(self, number: int, edit: Edit) -> None:
        place = self._place(number)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            written(place.with_suffix(".tmp"), place, json.dumps(asdict(edit)).encode())
        except OSError as error:
            raise StoreError(
                f"The example cannot be stored ({error.strerror}). Free some space or mend the "
                "folder, or choose another one with --store."
            ) from error

    def _place(self, number: int) -> Path:
        return self._folder / f"{number:08}.json"


def _over(payload: Payload, below: Payload) -> Payload:
    """Paint over what was given before: a new painting takes the place of an older one.

    Columns that were changed before stay so.
    """
    if isinstance(payload, Mapping) and isinstance(below, Mapping) and "columns" in below:
        changed = payload.get("columns")
        if isinstance(changed, Mapping):
            return {"columns": {**below["columns"], **changed}}
    if not isinstance(payload, Mapping) or "painted" not in payload or below is None:
        return payload
    if isinstance(below, Mapping) and "painted" in below:
        below = below.get("over")
    return payload if below is None else {**payload, "over": below}


def _raw(entry: Input, payload: Payload, below: Any) -> Any:
    """The input's raw value. InvalidInput, field `inputs.NAME`."""
    try:
        if isinstance(payload, Mapping) and "painted" in payload:
            if payload.get("over") is not None:
                below = _raw(entry, payload["over"], below)
            if below is None:
                raise InvalidInput("There is nothing to paint over: give a picture first.")
            return entry.painted(below, _bytes(payload["painted"]))
        if isinstance(payload, Mapping) and set(payload) == {"columns"} and below is not None:
            if not isinstance(payload["columns"], Mapping):
                raise InvalidInput("`columns` is a JSON object from column to value.")
            return entry.replaced(below, payload["columns"])
        if isinstance(payload, Mapping) and set(payload) == {"file"}:
            return entry.parse(_bytes(payload["file"]))
        return entry.parse(payload)
    except InvalidInput as error:
        raise InvalidInput(str(error), f"inputs.{entry.name}") from error


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise InvalidInput("A file is given as base64, and this is none.") from error
