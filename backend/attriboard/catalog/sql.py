"""A piece of SQL with its bound values: values of users travel beside the text, never in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Value = bool | int | float | str | None


@dataclass(frozen=True)
class Sql:
    """SQL text with as many question marks as there are `values`."""

    text: str
    values: tuple[Value, ...] = ()


def all_of(conditions: Iterable[Sql]) -> Sql:
    """Every condition at once; none of them is TRUE."""
    return _joined(list(conditions), " AND ", "TRUE")


def any_of(conditions: Iterable[Sql]) -> Sql:
    """At least one condition; none of them is FALSE."""
    return _joined(list(conditions), " OR ", "FALSE")


def negated(condition: Sql) -> Sql:
    """The opposite, which is unknown where the condition is."""
    return Sql(f"(NOT {condition.text})", condition.values)


def identifier(name: str) -> str:
    """A column's name as it stands in SQL."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _joined(conditions: list[Sql], word: str, empty: str) -> Sql:
    if not conditions:
        return Sql(empty)
    text = word.join(condition.text for condition in conditions)
    values = tuple(value for condition in conditions for value in condition.values)
    return Sql(f"({text})", values)
