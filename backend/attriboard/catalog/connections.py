"""Opening the database file, and a connection of its own for each query under way."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy.typing as npt

from attriboard.engine.errors import AttriboardError, InvalidInput

MEND = "give this one a folder of its own with --store"


class Connections:
    """The database and its idle connections. A query borrows one, so threads never share.

    Opening one file twice is refused, in this process or another: each would undo the other.
    """

    def __init__(self, path: Path | None) -> None:
        self._root = _connect(path)
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def borrow(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one query, given back at the end of the block."""
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection whose statements all take effect together, or none of them."""
        with self.borrow() as connection:
            connection.begin()
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def _take(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._closed:
                raise AttriboardError("The catalog is closed; open the board again to query it.")
            return self._idle.pop() if self._idle else self._root.cursor()

    def _give_back(self, connection: duckdb.DuckDBPyConnection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close the file once the queries under way have ended. Closing twice is harmless."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in [*idle, self._root]:
            connection.close()


@contextmanager
def registered(
    connection: duckdb.DuckDBPyConnection, name: str, arrays: Mapping[str, npt.NDArray[Any]]
) -> Iterator[None]:
    """Lets statements read `arrays` as the columns of a table `name`, within the block."""
    connection.register(name, dict(arrays))
    try:
        yield
    finally:
        connection.unregister(name)


def _connect(path: Path | None) -> duckdb.DuckDBPyConnection:
    if path is None:
        return duckdb.connect(":memory:")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # DuckDB shares a file within a process between equal configurations; no two are equal
        # here, so that a second catalog on the same file is refused like one of another process.
        return duckdb.connect(str(path), config={"custom_user_agent": f"attriboard {uuid.uuid4()}"})
    except (duckdb.Error, OSError) as error:
        raise InvalidInput(_sentence(path, str(error)), "store") from error


def _sentence(path: Path, message: str) -> str:
    if "different configuration" in message:
        return f"The store {path.parent} is already open in this process; close it, or {MEND}."
    if "lock" in message:
        process = re.search(r"PID (\d+)", message)
        by = f" (process {process[1]})" if process else ""
        return (
            f"The store {path.parent} is in use by another AttriBoard{by}. "
            f"Stop that one, or {MEND}."
        )
    if "not a valid DuckDB" in message or "newer version" in message.lower():
        return (
            f"{path} is not a catalog that this version can read. Delete that file to have it "
            f"made again, or {MEND}."
        )
    return f"The catalog {path} cannot be opened: {message.strip()}. Mend that, or {MEND}."
