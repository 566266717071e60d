"""A query's filters as SQL, each facet's own apart from those that all facets share."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass

from attriboard.catalog.conditions import condition, has_class, named_class
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.query import Choice, Query
from attriboard.catalog.sql import Sql, all_of, any_of
from attriboard.catalog.values import folded
from attriboard.catalog.where import parse
from attriboard.engine.errors import InvalidInput

LONGEST_SEARCH = 1000


@dataclass(frozen=True)
class Filters:
    """`own` holds the filters that a facet of the same name ignores; `shared` the others."""

    own: dict[str, Sql]  # of "label", "predicted", "correct" and "score", those that are set
    shared: tuple[Sql, ...]

    @property
    def everything(self) -> Sql:
        """What an example on a page satisfies, the subsample aside."""
        return all_of([*self.own.values(), *self.shared])


def filters(query: Query, layout: Layout) -> Filters:
    """The filters of `query`; InvalidInput names the field that makes no sense."""
    columns = layout.columns(query.model)
    own = {
        "label": _chosen(query.label, "label", layout, columns),
        "predicted": _chosen(query.predicted, "predicted", layout, columns),
        "correct": _correct(query.correct, columns),
        "score": _between(query.min_score, query.max_score, columns),
    }
    shared = [_search(query.q, layout), _where(query.where, layout, columns)]
    return Filters(
        {name: sql for name, sql in own.items() if sql is not None},
        tuple(sql for sql in shared if sql is not None),
    )


def digest(query: Query, layout: Layout) -> str:
    """Equal for queries that match the same examples, whatever their order and page."""
    slot = layout.slot(query.model).number if layout.models else None
    said = [slot, query.label, query.predicted, query.correct, query.min_score, query.max_score]
    said += [query.q, query.where, query.sample, query.seed if query.sample else None]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def _chosen(
    choice: Choice | tuple[Choice, ...] | None,
    name: str,
    layout: Layout,
    columns: dict[str, Stored],
) -> Sql | None:
    if choice is None:
        return None
    choices = choice if isinstance(choice, tuple) else (choice,)
    stored = _column(columns, name)
    if layout.output_kind == "regression":
        numbers = [_number(each, name) for each in choices]
        return any_of(Sql(f"({stored.sql} = ?)", (number,)) for number in numbers)
    return has_class(stored, [index for each in choices for index in _indices(each, name, layout)])


def _indices(choice: Choice, name: str, layout: Layout) -> tuple[int, ...]:
    if isinstance(choice, str):
        return named_class(layout, choice, name)
    if isinstance(choice, bool) or choice != int(_number(choice, name)):
        raise InvalidInput(f"{name} is a class's index or name, not {choice!r}.", name)
    return (int(choice),)


def _correct(correct: bool | None, columns: dict[str, Stored]) -> Sql | None:
    if correct is None:
        return None
    return Sql(f"({_column(columns, 'correct').sql} = ?)", (bool(correct),))


def _between(low: float | None, high: float | None, columns: dict[str, Stored]) -> Sql | None:
    bounds = []
    for bound, operator, name in ((low, ">=", "min_score"), (high, "<=", "max_score")):
        if bound is not None:
            score = _column(columns, "score")
            bounds.append(Sql(f"({score.sql} {operator} ?)", (_number(bound, name),)))
    return all_of(bounds) if bounds else None


def _search(text: str | None, layout: Layout) -> Sql | None:
    if not text:
        return None
    if len(text) > LONGEST_SEARCH:
        raise InvalidInput(f"q may have at most {LONGEST_SEARCH} characters.", "q")
    columns = [stored.folded for stored in layout.texts.values() if stored.folded]
    if not columns:
        raise InvalidInput("q searches texts, and this board has no text input.", "q")
    return any_of(Sql(f"contains({column}, ?)", (folded(text),)) for column in columns)


def _where(expression: str | None, layout: Layout, columns: dict[str, Stored]) -> Sql | None:
    if expression is None or not expression.strip():
        return None
    return condition(parse(expression, list(columns)), layout, columns)


def _column(columns: dict[str, Stored], name: str) -> Stored:
    if name not in columns:
        raise InvalidInput(f"There is no model whose {name} could be filtered by.", name)
    return columns[name]


def _number(value: Choice, field: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{field} is a number, not {value!r}.", field) from error
    if math.isnan(number) or math.isinf(number):
        raise InvalidInput(f"{field} is a finite number, not {value!r}.", field)
    return number
