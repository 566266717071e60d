"""Figures over the matching examples, against plain loops."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from attriboard.catalog import Catalog, ExampleRow, PredictionRow, Query, Wanted
from attriboard.catalog.intervals import mean_interval, student
from attriboard.engine.errors import InvalidInput
from tests.catalog.worlds import FINGERPRINT, MODEL, opened

SIZE = 60


@pytest.fixture(scope="module")
def values() -> dict[int, float | None]:
    draw = np.random.default_rng(5)
    return {i: None if i % 7 == 0 else float(draw.random()) for i in range(SIZE)}


@pytest.fixture(scope="module")
def catalog(values: dict[int, float | None]) -> Catalog:
    found = opened(None, size=SIZE)
    found.write_examples(
        [ExampleRow(i, label=i % 3, metadata={"place": "ab"[i % 2]}) for i in range(SIZE)]
    )
    found.write_predictions(
        MODEL,
        FINGERPRINT,
        [PredictionRow(i, i % 2, 0.5, 0.1, 0.2, i % 3 == i % 2) for i in range(SIZE)],
    )
    found.write_computed(MODEL, FINGERPRINT, list(values), {"share.photo": list(values.values())})
    return found


def _known(values: dict[int, float | None], indices: list[int]) -> list[float]:
    return [v for i in indices if (v := values[i]) is not None]


def test_figures_are_those_of_a_plain_loop(
    catalog: Catalog, values: dict[int, float | None]
) -> None:
    query = Query(where='place = "a"')
    found = catalog.aggregate(query, Wanted(("share.photo",), by="label", low=0, high=1, points=99))
    indices = catalog.indices(query)
    assert found.total == len(indices)
    sets = {None: indices} | {label: [i for i in indices if i % 3 == label] for label in range(3)}
    summaries = {None: found.columns[0]} | {g.value: g.columns[0] for g in found.groups}
    assert [group.count for group in found.groups] == [len(sets[k]) for k in range(3)]
    for key, members in sets.items():
        known, one = _known(values, members), summaries[key]
        assert (one.count, one.empty) == (len(known), len(members) - len(known))
        mean = statistics.fmean(known)
        assert one.mean == pytest.approx(mean)
        half = student(len(known) - 1) * statistics.stdev(known) / math.sqrt(len(known))
        assert one.interval == pytest.approx((mean - half, mean + half))
        assert one.quartiles is not None
        assert one.quartiles[0] == min(known)
        assert one.quartiles[2] == pytest.approx(statistics.median(known))
        counts = [sum(b.start <= v < b.stop for v in known) for b in one.bins]
        assert [b.count for b in one.bins] == counts
        assert dict(one.points) == {i: values[i] for i in members if values[i] is not None}


def test_a_sample_is_the_galleries(catalog: Catalog, values: dict[int, float | None]) -> None:
    query = Query(sample=20, seed=3)
    found = catalog.aggregate(query, Wanted(("share.photo",), points=5))
    known = _known(values, catalog.indices(query))
    assert found.columns[0].mean == pytest.approx(statistics.fmean(known))
    assert len(found.columns[0].points) == 5
    assert (
        found.columns[0].points
        == catalog.aggregate(query, Wanted(("share.photo",), points=5)).columns[0].points
    )


def test_true_and_false_are_shares(catalog: Catalog) -> None:
    found = catalog.aggregate(Query(), Wanted(("correct",), by="place")).columns[0]
    right = sum(i % 3 == i % 2 for i in range(SIZE))
    assert found.mean == pytest.approx(right / SIZE)
    assert found.interval is not None
    assert 0 <= found.interval[0] < right / SIZE < found.interval[1] <= 1


def test_right_and_wrong_are_named(catalog: Catalog) -> None:
    found = catalog.aggregate(Query(), Wanted(("share.photo",), by="correct"))
    assert [group.name for group in found.groups] == ["wrong", "right"]


def test_nothing_matches_and_nothing_is_known(catalog: Catalog) -> None:
    found = catalog.aggregate(Query(where="index > 1000"), Wanted(("share.photo",), by="label"))
    assert (found.total, found.groups) == (0, [])
    assert found.columns[0].mean is None


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(("nothing",)), "column"),
        (Wanted(("label",)), "column"),
        (Wanted(("score",), by="share.photo"), "by"),
        (Wanted(("score",), by="nothing"), "by"),
        (Wanted(("score",), low=1, high=0), "low"),
        (Wanted(("score",), of="nobody"), "model"),
    ],
)
def test_what_has_no_figures_is_named(catalog: Catalog, wanted: Wanted, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        catalog.aggregate(Query(), wanted)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("freedom", "known"), [(1, 12.7062), (2, 4.3027), (3, 3.1824), (9, 2.2622)]
)
def test_quantiles_are_those_of_the_tables(freedom: int, known: float) -> None:
    assert student(freedom) == pytest.approx(known, rel=2e-3)


def test_agreement_of_all_is_no_certainty() -> None:
    interval = mean_interval(np.ones(10))
    assert interval is not None
    assert interval == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert mean_interval(np.ones(1)) is None
