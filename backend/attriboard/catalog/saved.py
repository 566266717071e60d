"""Saved views: names for what the page's address says, which are rules and not copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from attriboard.catalog.connections import Connections
from attriboard.catalog.values import storable_text
from attriboard.engine.errors import InvalidInput

LONGEST_NAME = 100
MOST = 500


@dataclass(frozen=True)
class SavedView:
    """A name for a view. query: the address's query string, without its question mark."""

    name: str
    query: str


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table where there is none."""
    connection.execute("CREATE TABLE IF NOT EXISTS saved_views (name VARCHAR, query VARCHAR)")
    connection.execute("CREATE TABLE IF NOT EXISTS offered_views (name VARCHAR)")


class SavedViews:
    """The views people named, in the order they were made. Safe from any thread."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def all(self) -> list[SavedView]:
        """Every view."""
        with self._connections.borrow() as connection:
            rows = connection.execute("SELECT name, query FROM saved_views ORDER BY rowid")
            return [SavedView(*row) for row in rows.fetchall()]

    def save(self, name: str, query: str) -> SavedView:
        """Keep a view, in place of one of that name."""
        view = SavedView(_name(name), query)
        with self._connections.transaction() as connection:
            known = [
                row[0] for row in connection.execute("SELECT name FROM saved_views").fetchall()
            ]
            if view.name in known:
                connection.execute(
                    "UPDATE saved_views SET query = ? WHERE name = ?", [query, view.name]
                )
            elif len(known) >= MOST:
                raise InvalidInput(f"There are {MOST} saved views already; delete some.", "name")
            else:
                connection.execute("INSERT INTO saved_views VALUES (?, ?)", [view.name, query])
        return view

    def offer(self, views: Mapping[str, str]) -> None:
        """Save the views a board brings, each once: one that was deleted or changed stays so."""
        with self._connections.borrow() as connection:
            rows = connection.execute("SELECT name FROM offered_views").fetchall()
        known = {row[0] for row in rows} | {view.name for view in self.all()}
        for name, query in views.items():
            if _name(name) in known:
                continue
            self.save(name, query)
            with self._connections.transaction() as connection:
                connection.execute("INSERT INTO offered_views VALUES (?)", [_name(name)])

    def rename(self, name: str, new: str) -> SavedView | None:
        """Call a view differently; None where there is no such view."""
        wanted = _name(new)
        found = next((view for view in self.all() if view.name == name), None)
        if found is None:
            return None
        if wanted != name and any(view.name == wanted for view in self.all()):
            raise InvalidInput(f"There is a view called {wanted!r} already.", "name")
        with self._connections.transaction() as connection:
            connection.execute("UPDATE saved_views SET name = ? WHERE name = ?", [wanted, name])
        return SavedView(wanted, found.query)

    def delete(self, name: str) -> bool:
        """Forget a view; False where there is no such view."""
        with self._connections.transaction() as connection:
            gone = connection.execute(
                "DELETE FROM saved_views WHERE name = ? RETURNING name", [name]
            ).fetchall()
        return bool(gone)


def _name(text: str) -> str:
    name = storable_text(" ".join(text.split()))
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(f"A view's name has 1 to {LONGEST_NAME} characters.", "name")
    return name
