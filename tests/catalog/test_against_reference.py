"""Filters, order, subsample and facets against the slow catalog of plain Python."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attriboard.catalog import Facets, Query
from attriboard.catalog.histogram import Scale
from tests.catalog.conditions import CONDITIONS, Condition
from tests.catalog.conftest import Filled
from tests.catalog.worlds import NAMES, Row, matching, ordered, place_in_draw, sampled

relaxed = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CHOICES = st.one_of(st.integers(0, len(NAMES) - 1), st.sampled_from(NAMES))
FILTERS = st.builds(
    Query,
    label=st.one_of(st.none(), CHOICES, st.tuples(CHOICES, CHOICES)),
    predicted=st.one_of(st.none(), CHOICES),
    correct=st.one_of(st.none(), st.booleans()),
    min_score=st.one_of(st.none(), st.sampled_from([0.0, 0.2, 0.5])),
    max_score=st.one_of(st.none(), st.sampled_from([0.5, 0.95, 1.0])),
    q=st.one_of(st.none(), st.sampled_from(["blue", "STRASSE", "%", "_", "'; drop", "\\", "本"])),
)
SORTED = "index -index score -score label -predicted -weight loss -loss count -seen correct"
SORTS = st.sampled_from([*SORTED.split(), "question", "-split", "file `name`", "-data_score"])


@relaxed
@given(condition=CONDITIONS)
def test_where_selects_what_plain_python_selects(filled: Filled, condition: Condition) -> None:
    expected = [row["index"] for row in filled.world.plain if condition.of(row) is True]
    assert filled.catalog.indices(Query(where=condition.text)) == expected


@relaxed
@given(query=FILTERS, sort=SORTS)
def test_filters_and_order(filled: Filled, query: Query, sort: str) -> None:
    expected = ordered(matching(filled.world.plain, query), sort)
    assert filled.catalog.indices(replace(query, sort=sort)) == expected


@relaxed
@given(query=FILTERS, sort=SORTS, n=st.integers(1, 40), seed=st.integers(-(2**70), 2**70))
def test_subsample(filled: Filled, query: Query, sort: str, n: int, seed: int) -> None:
    drawn = sampled(matching(filled.world.plain, query), n, seed)
    found = replace(query, sort=sort, sample=n, seed=seed)
    assert filled.catalog.indices(found) == ordered(drawn, sort)
    assert filled.catalog.page(found).total == len(drawn)


@relaxed
@given(query=FILTERS, condition=CONDITIONS, n=st.one_of(st.none(), st.integers(1, 40)))
def test_facets(filled: Filled, query: Query, condition: Condition, n: int | None) -> None:
    rows = [row for row in filled.world.plain if condition.of(row) is True]
    seed = 5
    drawn = matching(rows, query)
    if n is not None and len(drawn) > n:
        bound = max(place_in_draw(row, seed) for row in sampled(drawn, n, seed))
        rows = [row for row in rows if place_in_draw(row, seed) <= bound]
    facets = filled.catalog.facets(replace(query, where=condition.text, sample=n, seed=seed))
    _agree(facets, rows, query)


def _agree(facets: Facets, rows: list[Row], query: Query) -> None:
    shown = matching(rows, query)
    verdicts = [row["correct"] for row in shown if row["correct"] is not None]
    assert facets.total == len(shown)
    assert facets.predicted_count == sum(row["predicted"] is not None for row in shown)
    assert facets.accuracy == (sum(verdicts) / len(verdicts) if verdicts else None)
    assert _counts(facets.labels) == _expected(rows, query, "label")
    assert _counts(facets.predicted) == _expected(rows, query, "predicted")
    correct = {value: count for value, count in _counts(facets.correct).items() if count}
    assert correct == _expected(rows, query, "correct")
    scores = [row["score"] for row in matching(rows, query, "score") if row["score"] is not None]
    assert [each.count for each in facets.score] == _binned(scores, Scale(0.0, 1.0))
    columns = {each.name: each for each in facets.columns}
    assert set(columns) == {"split", "count", "weight", "seen", "data_score", "margin", "loss"}
    for name in ("split", "count", "seen", "data_score"):
        values = {each.value: each.count for each in columns[name].values or []}
        assert values == Counter(row[name] for row in shown if row[name] is not None)
    weights = [row["weight"] for row in shown if row["weight"] is not None]
    assert [b.count for b in columns["weight"].bins or []] == _binned(weights, Scale(-1e9, 1e9))
    assert columns["weight"].nulls == len(shown) - len(weights)


def _counts(facet: list[Any]) -> dict[Any, int]:
    return {each.value: each.count for each in facet}


def _expected(rows: list[Row], query: Query, name: str) -> dict[Any, int]:
    return Counter(row[name] for row in matching(rows, query, ignoring=name))


def _binned(values: list[float], scale: Scale) -> list[int]:
    counts = Counter(scale.places(np.array([value]))[0] for value in values)
    return [counts[i] for i in range(20)]
