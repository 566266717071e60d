"""Boards that predict numbers, or several classes at once."""

from __future__ import annotations

import pytest

from attriboard.catalog import Catalog, ExampleRow, PredictionRow, Query
from attriboard.catalog.rows import Answer
from attriboard.engine.errors import InvalidInput

HELD: list[tuple[int, ...] | None] = [(0, 2), (), (12,), (2, 12), None, (1,)]
TAGS = ["cat", "dog", "bird", *(f"tag {i}" for i in range(3, 13))]


@pytest.fixture
def several() -> Catalog:
    """Examples that hold several classes; example i is predicted to hold what i + 1 does."""
    catalog = Catalog.open(
        None,
        data_fingerprint="",
        size=6,
        output_kind="multilabel",
        output_names=TAGS,
        models={"model": "x"},
    )
    catalog.write_examples([ExampleRow(i, held) for i, held in enumerate(HELD)])
    shifted: list[Answer] = [*HELD[1:], HELD[0]]
    catalog.write_predictions(
        "model", "x", [PredictionRow(i, held, 0.5, correct=False) for i, held in enumerate(shifted)]
    )
    return catalog


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(label="bird"), [0, 3]),
        (Query(label=("cat", 12)), [0, 2, 3]),
        (Query(label=1, predicted="cat"), [5]),
        (Query(where='label = "bird"'), [0, 3]),
        (Query(where="label != 2"), [1, 2, 5]),
        (Query(where="label in (1, 'tag 12')"), [2, 3, 5]),
        (Query(where="label contains 'TAG'"), [2, 3]),
        (Query(where="label is null"), [4]),
        (Query(where="predicted = 1"), [4]),
        (Query(sort="-score"), [0, 1, 2, 3, 4, 5]),
    ],
)
def test_several_classes_are_found(several: Catalog, query: Query, expected: list[int]) -> None:
    assert several.indices(query) == expected


def test_several_classes_are_counted(several: Catalog) -> None:
    facets = several.facets(Query(label="bird"))
    assert {each.name: each.count for each in facets.labels} == {
        "cat": 1,
        "dog": 1,
        "bird": 2,
        "tag 12": 2,
        "no label": 1,
    }
    assert {each.name: each.count for each in facets.predicted} == {"not predicted": 1}
    assert facets.total == 2
    assert facets.predicted_count == 1


def test_several_classes_are_read(several: Catalog) -> None:
    items = several.rows(range(6))
    assert [item["label"] for item in items] == [None if h is None else list(h) for h in HELD]
    assert items[3]["label_name"] == "bird, tag 12"
    assert items[1]["label_name"] == ""
    with pytest.raises(InvalidInput, match="by name"):
        several.page(Query(where="label < 3"))


@pytest.fixture
def numbers() -> Catalog:
    """Prices and predicted prices, the last two without."""
    catalog = Catalog.open(
        None,
        data_fingerprint="",
        size=22,
        output_kind="regression",
        output_names=["price"],
        models={"model": "x"},
    )
    catalog.write_examples([ExampleRow(i, i * 10.0) for i in range(20)])
    rows = [PredictionRow(i, i * 10 + 1.0, score=i * 10 + 1.0, loss=1.0) for i in range(20)]
    catalog.write_predictions("model", "x", rows)
    return catalog


def test_numbers_are_found_and_sorted(numbers: Catalog) -> None:
    assert numbers.indices(Query(label=30)) == [3]
    assert numbers.indices(Query(label=(30, 40.0))) == [3, 4]
    assert numbers.indices(Query(where="predicted > 170 and label <= 180")) == [17, 18]
    assert numbers.indices(Query(sort="-label", limit=3))[:3] == [19, 18, 17]
    assert numbers.indices(Query(sort="label"))[-2:] == [20, 21]
    assert numbers.rows([2])[0]["label_name"] is None
    for query in (Query(label="price"), Query(where="label = 'price'")):
        with pytest.raises(InvalidInput, match="number"):
            numbers.page(query)


def test_numbers_are_counted_in_bins(numbers: Catalog) -> None:
    facets = numbers.facets(Query())
    assert (facets.labels, facets.predicted, facets.accuracy) == ([], [], None)
    assert facets.predicted_count == 20
    assert (facets.score[0].start, facets.score[-1].stop) == (1.0, 191.0)
    assert sum(each.count for each in facets.score) == 20
    columns = {each.name: each for each in facets.columns}
    assert set(columns) == {"label", "predicted", "loss"}
    assert [each.count for each in columns["label"].bins or []] == [1] * 20
    assert columns["label"].nulls == 2
    own = {each.name: each for each in numbers.facets(Query(label=30)).columns}
    assert sum(each.count for each in own["label"].bins or []) == 20
    assert sum(each.count for each in own["predicted"].bins or []) == 1


def test_margin_and_loss_are_counted_on_request(numbers: Catalog) -> None:
    (loss,) = numbers.facets(Query(), columns=["loss", "margin"]).columns
    assert loss.name == "loss"
    assert [(each.start, each.stop, each.count) for each in loss.bins or []] == [(1.0, 1.0, 20)]
    assert numbers.facets(Query(), columns=[]).columns == []
    with pytest.raises(InvalidInput, match="no column 'nope' to count") as caught:
        numbers.facets(Query(), columns=["nope"])
    assert caught.value.field == "columns"


@pytest.mark.parametrize("names", [[], [f"class {i}" for i in range(1000)]])
def test_any_number_of_classes(names: list[str]) -> None:
    labels = [-1, 0, 999, 70000, 999, None]
    catalog = Catalog.open(
        None, data_fingerprint="", size=6, output_names=names, models={"model": "x"}
    )
    catalog.write_examples([ExampleRow(i, label) for i, label in enumerate(labels)])
    rows = [PredictionRow(i, 999, 0.9, correct=label == 999) for i, label in enumerate(labels)]
    catalog.write_predictions("model", "x", rows)
    facets = catalog.facets(Query(predicted=999))
    assert {each.value: each.count for each in facets.labels} == {
        -1: 1,
        0: 1,
        999: 2,
        70000: 1,
        None: 1,
    }
    assert [each.count for each in facets.predicted] == [6]
    assert facets.accuracy == pytest.approx(2 / 6)


def test_without_a_model() -> None:
    catalog = Catalog.open(None, data_fingerprint="", size=2, output_names=["a"])
    catalog.write_examples([ExampleRow(0, 0)])
    facets = catalog.facets(Query(label="a"))
    assert (facets.total, facets.predicted_count, facets.score) == (1, 0, [])
    for query in (Query(correct=True), Query(min_score=0.5), Query(predicted=0), Query(model="m")):
        with pytest.raises(InvalidInput, match="no model"):
            catalog.page(query)
