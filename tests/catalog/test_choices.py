"""Choices in further columns, stratified samples, and the confusion matrix."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

from attriboard.catalog import Catalog, ExampleRow, Only, PredictionRow, Query
from attriboard.catalog.sample import shared
from attriboard.engine.errors import InvalidInput

NAMES = ["cat", "dog", "bird"]
SIZE = 300


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    draw = np.random.default_rng(0)
    return [
        {
            "index": i,
            "label": [0, 0, 0, 0, 1, 2][draw.integers(6)],
            "predicted": int(draw.integers(3)),
            "loss": float(draw.random()),
            "split": ["train", "test", None][draw.integers(3)],
            "count": [1, 2, 3, None][draw.integers(4)],
            "flag": [True, False, None][draw.integers(3)],
            "name": f"{draw.integers(100)}.png",
        }
        for i in range(SIZE)
    ]


@pytest.fixture(scope="module")
def catalog(rows: list[dict[str, Any]]) -> Catalog:
    made = Catalog.open(
        None, data_fingerprint="", size=SIZE, output_names=NAMES, models={"model": "x"}
    )
    columns = ("split", "count", "flag", "name")
    made.write_examples(
        [ExampleRow(r["index"], r["label"], {}, {name: r[name] for name in columns}) for r in rows]
    )
    made.write_predictions(
        "model",
        "x",
        [
            PredictionRow(
                r["index"], r["predicted"], 0.5, 0.1, r["loss"], r["label"] == r["predicted"]
            )
            for r in rows
        ],
    )
    return made


@pytest.mark.parametrize(
    ("only", "keeps"),
    [
        (Only("split", ("train",)), lambda r: r["split"] == "train"),
        (Only("split", ("train", None)), lambda r: r["split"] in ("train", None)),
        (Only("count", (2, 3)), lambda r: r["count"] in (2, 3)),
        (Only("flag", (False,)), lambda r: r["flag"] is False),
        (Only("flag", (None,)), lambda r: r["flag"] is None),
        (Only("name", ("7.png", "8.png")), lambda r: r["name"] in ("7.png", "8.png")),
        (Only("loss", low=0.25, high=0.75), lambda r: 0.25 <= r["loss"] <= 0.75),
        (Only("count", low=2), lambda r: (r["count"] or 0) >= 2),
        (Only("label", ("dog", 2)), lambda r: r["label"] in (1, 2)),
    ],
)
def test_a_choice_keeps_what_plain_python_keeps(
    catalog: Catalog, rows: list[dict[str, Any]], only: Only, keeps: Any
) -> None:
    expected = [r["index"] for r in rows if keeps(r)]
    assert catalog.indices(Query(only=(only,))) == expected
    assert 0 < len(expected) < SIZE


def test_choices_hold_together_and_a_facet_counts_under_the_others(
    catalog: Catalog, rows: list[dict[str, Any]]
) -> None:
    query = Query(only=(Only("split", ("train",)), Only("loss", high=0.5)))
    facets = catalog.facets(query)
    both = [r for r in rows if r["split"] == "train" and r["loss"] <= 0.5]
    assert facets.total == len(both)
    split = next(each for each in facets.columns if each.name == "split")
    counted = Counter(r["split"] for r in rows if r["loss"] <= 0.5)
    assert {v.value: v.count for v in split.values or []} == {
        name: count for name, count in counted.items() if name is not None
    }
    loss = next(each for each in facets.columns if each.name == "loss")
    assert sum(each.count for each in loss.bins or []) == sum(r["split"] == "train" for r in rows)


@pytest.mark.parametrize(
    ("only", "message"),
    [
        (Only("nothing", ("a",)), "no column 'nothing'"),
        (Only("split", low=1), "does not hold numbers"),
        (Only("loss", low=float("nan")), "finite number"),
        (Only("count", ("many",)), "is a number"),
        (Only("tags", ("a",)), "no column 'tags'"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(catalog: Catalog, only: Only, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as raised:
        catalog.indices(Query(only=(only,)))
    assert raised.value.field == "only"


def test_a_stratified_sample_takes_as_many_of_each_class(
    catalog: Catalog, rows: list[dict[str, Any]]
) -> None:
    query = Query(sample=30, seed=4, stratified=True)
    drawn = catalog.indices(query)
    assert Counter(rows[i]["label"] for i in drawn) == {0: 10, 1: 10, 2: 10}
    assert catalog.indices(query) == drawn
    assert catalog.indices(Query(sample=30, seed=5, stratified=True)) != drawn
    rare = catalog.indices(Query(sample=30, stratified=True, only=(Only("loss", high=0.1),)))
    held = Counter(r["label"] for r in rows if r["loss"] <= 0.1)
    taken = Counter(rows[i]["label"] for i in rare)
    assert len(rare) == min(30, held.total())
    assert all(taken[c] == held[c] or taken[c] >= max(taken.values()) - 1 for c in held)


def test_places_are_shared_out_evenly() -> None:
    assert shared([0, 10, 2, 10], 9) == [0, 4, 2, 3]
    assert shared([1, 1], 5) == [1, 1]
    assert shared([5, 5, 5], 2) == [1, 1, 0]


def test_the_confusion_matrix_is_plain_pythons(
    catalog: Catalog, rows: list[dict[str, Any]]
) -> None:
    found = catalog.confusion(Query(label="cat", predicted="dog", only=(Only("flag", (True,)),)))
    kept = [r for r in rows if r["flag"] is True]
    expected = Counter((r["label"], r["predicted"]) for r in kept)
    assert {(c.label, c.predicted): c.count for c in found.cells} == dict(expected)
    assert found.total == len(kept)
    right = sum(r["label"] == r["predicted"] for r in kept)
    assert found.accuracy == pytest.approx(right / len(kept))
    f1 = []
    for c in range(3):
        hit = expected[c, c]
        said = sum(n for (_, p), n in expected.items() if p == c)
        held = sum(n for (label, _), n in expected.items() if label == c)
        f1.append(2 * hit / (said + held))
    assert found.macro_f1 == pytest.approx(sum(f1) / 3)
    assert [each.f1 for each in found.classes] == pytest.approx(f1)
    sliced = catalog.facets(Query(only=(Only("flag", (True,)),)))
    assert sliced.macro_f1 == pytest.approx(found.macro_f1)


def test_many_classes_have_a_matrix_too() -> None:
    size, classes = 2000, 700
    many = Catalog.open(None, data_fingerprint="", size=size, models={"model": "x"})
    many.write_examples([ExampleRow(i, i % classes) for i in range(size)])
    many.write_predictions(
        "model", "x", [PredictionRow(i, (i * 7) % classes, 0.5) for i in range(size)]
    )
    expected = Counter((i % classes, (i * 7) % classes) for i in range(size))
    found = many.confusion(Query())
    assert {(c.label, c.predicted): c.count for c in found.cells} == dict(expected)
