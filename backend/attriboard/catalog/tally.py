"""Counting the matching examples for every facet in one scan of the table.

Each facet counts under all filters but its own, so what else could be chosen stays in view. An
example that fails two of those filters counts nowhere; one that fails a single filter counts
only in that filter's facet. So each row is given the filter it fails (`failed`, 0 for none), and
one GROUP BY with a grouping set for each facet answers them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from attriboard.catalog.filters import Filters
from attriboard.catalog.histogram import Scale
from attriboard.catalog.layout import Layout, Stored
from attriboard.catalog.sql import Sql, Value, all_of

Counts = dict[Any, int]


@dataclass(frozen=True)
class Facet:
    """One thing to count: `sql` is the value counted, `own` the filter that does not apply.

    `scale` is there for a histogram, `stored` for a facet of a column.
    """

    name: str
    sql: str
    own: str | None = None
    scale: Scale | None = None
    stored: Stored | None = None


@dataclass(frozen=True)
class Tally:
    """What was counted.

    state: by (correct, is predicted), of those that match all filters.
    correct: by right and wrong, under all filters but that one.
    values: by facet and value.
    """

    state: Counts
    correct: Counts
    values: dict[str, Counts]

    @property
    def total(self) -> int:
        """How many examples match all filters."""
        return sum(self.state.values())


def tally(
    connection: duckdb.DuckDBPyConnection,
    facets: Sequence[Facet],
    filters: Filters,
    sample: Sql | None,
    layout: Layout,
    columns: Mapping[str, Stored],
) -> Tally:
    """The counts of each facet under all filters but its own."""
    counts = _tally_single(connection, facets, filters, sample, columns)
    if layout.output_kind == "multilabel":
        for name in ("label", "predicted"):
            if name in columns:
                counts.values[name] = _tally_several(
                    connection, columns[name], name, filters, sample
                )
    return counts


def _tally_single(
    connection: duckdb.DuckDBPyConnection,
    facets: Sequence[Facet],
    filters: Filters,
    sample: Sql | None,
    columns: Mapping[str, Stored],
) -> Tally:
    names = [f"f{i}" for i in range(len(facets))]
    correct = columns["correct"].sql if "correct" in columns else "NULL::BOOLEAN"
    predicted = f"{columns['predicted'].sql} IS NOT NULL" if "predicted" in columns else "FALSE"
    selected = [f"{facet.sql} AS {name}" for facet, name in zip(facets, names, strict=True)]
    source = _narrowed(filters, sample, [*selected, f"{correct} AS c", f"{predicted} AS p"])
    sets = ", ".join(["(c, p, failed)", *(f"({name}, failed)" for name in names)])
    found = connection.execute(
        f"SELECT grouping({', '.join(['c', *names])}), failed, count(*), "
        f"{', '.join(['c', 'p', *names])} FROM ({source.text}) GROUP BY GROUPING SETS ({sets})",
        source.values,
    ).fetchall()
    return _sorted_out(found, facets, filters)


def _narrowed(filters: Filters, sample: Sql | None, selected: Sequence[str]) -> Sql:
    """SELECT of `selected` and `failed` over the rows that count in some facet."""
    misses = [Sql(f"({sql.text} IS NOT TRUE)", sql.values) for sql in filters.own.values()]
    cases = "".join(f" WHEN {miss.text} THEN {i}" for i, miss in enumerate(misses, 1))
    failed = f"(CASE{cases} ELSE 0 END)::UTINYINT" if misses else "0::UTINYINT"
    values: list[Value] = [value for miss in misses for value in miss.values]
    conditions = [*([sample] if sample else []), *filters.shared]
    if len(misses) > 1:
        total = " + ".join(f"{miss.text}::UTINYINT" for miss in misses)
        conditions.insert(0, Sql(f"({total} <= 1)", tuple(values)))
    where = all_of(conditions)
    return Sql(
        f"SELECT {', '.join([*selected, f'{failed} AS failed'])} FROM examples WHERE {where.text}",
        (*values, *where.values),
    )


def _counted(filters: Filters, own: str | None) -> set[int]:
    """The values of `failed` whose rows count in the facet whose filter is `own`."""
    numbers = {name: i for i, name in enumerate(filters.own, 1)}
    return {0, numbers[own]} if own in numbers else {0}


def _sorted_out(
    rows: Sequence[tuple[Any, ...]], facets: Sequence[Facet], filters: Filters
) -> Tally:
    """Rows of (which grouping set, failed, count, c, p, f0, f1 ...) as counts by facet."""
    highest = 1 << len(facets)
    places = {(2 * highest - 1) ^ (highest >> place): place for place in range(len(facets) + 1)}
    found = Tally({}, {}, {facet.name: {} for facet in facets})
    for mask, failed, count, correct, predicted, *values in rows:
        place = places[mask]
        if place == 0:
            if failed in _counted(filters, "correct"):
                _add(found.correct, correct, count)
            if failed == 0:
                _add(found.state, (correct, predicted), count)
        elif failed in _counted(filters, facets[place - 1].own):
            _add(found.values[facets[place - 1].name], values[place - 1], count)
    return found


def _add(counts: Counts, value: Any, count: int) -> None:
    counts[value] = counts.get(value, 0) + count


def _tally_several(
    connection: duckdb.DuckDBPyConnection,
    column: Stored,
    own: str,
    filters: Filters,
    sample: Sql | None,
) -> Counts:
    """The counts of each class in a column that may hold several, None for rows without any."""
    source = _narrowed(filters, sample, [f"{column.sql} AS held"])
    wanted = ", ".join(map(str, sorted(_counted(filters, own))))
    rows = connection.execute(
        "SELECT class, count(*) FROM (SELECT unnest(CASE WHEN held IS NULL THEN [NULL] ELSE "
        f"string_split(trim(held, ','), ',') END) AS class FROM ({source.text}) "
        f"WHERE failed IN ({wanted})) WHERE class IS NULL OR class <> '' GROUP BY class",
        source.values,
    ).fetchall()
    return {None if name is None else int(name): count for name, count in rows}
