"""Tabular: rows in every form become the model's numbers, and read back as people know them."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Column, Tabular

COLUMNS = [
    Column("age", unit="years", mean=40.0, std=10.0),
    Column("city", categories=["Oslo", "Rome", "Cairo"]),
    Column("income", unit="k$"),
]
ENCODED = [1.0, 0.0, 1.0, 0.0, 30.5]
PERSON = {"age": 50, "city": "Rome", "income": 30.5}


def table(*columns: Any) -> Tabular:
    return Tabular("person", columns or COLUMNS)


def coded() -> Tabular:
    return table(
        Column("city", categories=["Oslo", "Rome"], encoding="code"),
        Column("job", categories=["cook", "pilot", "judge"], encoding="code"),
    )


@pytest.mark.parametrize(
    "row",
    [
        PERSON,
        {"income": 30.5, "age": 50.0, "city": "Rome", "more": "ignored"},
        [50, "Rome", 30.5],
        (50, 1, 30.5),
        np.array([50, 1, 30.5]),
        np.array([50, "Rome", 30.5], dtype=object),
        np.array(ENCODED),
        torch.tensor(ENCODED),
        torch.tensor(ENCODED, dtype=torch.float64),
    ],
)
def test_a_row_in_any_form_gives_the_same_numbers(row: Any) -> None:
    found = table().tensor(row)
    assert found.tolist() == ENCODED
    assert found.dtype == (row.dtype if isinstance(row, Tensor) else torch.float32)


@pytest.mark.parametrize("row", [PERSON, torch.tensor(ENCODED)])
def test_columns_are_shown_as_people_know_them(row: Any) -> None:
    view = table().fitted([PERSON, {**PERSON, "age": 20}, {**PERSON, "age": 30}]).view(row)
    assert view["kind"] == "table"
    assert [(c["name"], c["value"], c["unit"], c["usual"]) for c in view["columns"]] == [
        ("age", 50.0, "years", 30.0),
        ("city", "Rome", None, "Rome"),
        ("income", 30.5, "k$", 30.5),
    ]
    assert [(c["start"], c["width"]) for c in view["columns"]] == [(0, 1), (1, 3), (4, 1)]
    json.dumps(view, allow_nan=False)


def test_a_row_of_pandas_is_read_by_its_names() -> None:
    class Series:  # what a row of a DataFrame offers
        def to_dict(self) -> dict[str, Any]:
            return PERSON

    assert table().tensor(Series()).tolist() == ENCODED


def test_codes_are_integers_for_an_embedding() -> None:
    entry = coded()
    found = entry.tensor({"city": "Rome", "job": "judge"})
    assert (found.dtype, found.tolist()) == (torch.int64, [1, 2])
    assert entry.values(torch.tensor([0, 1])) == ["Oslo", "pilot"]


def test_numbers_with_codes_stay_one_float_row() -> None:
    entry = table("age", Column("job", categories=["cook", "pilot"], encoding="code"))
    assert entry.tensor([33, "pilot"]).tolist() == [33.0, 1.0]
    assert entry.tensor([33, "pilot"]).dtype == torch.float32


def test_a_transform_makes_the_numbers_and_the_row_stays_readable() -> None:
    def prepare(row: dict[str, Any]) -> np.ndarray[Any, Any]:
        return np.array([row["age"] / 100, 0.0, 1.0, 0.0, row["income"]])

    entry = Tabular("person", COLUMNS, transform=prepare, dtype=torch.float64)
    assert entry.tensor(PERSON).tolist() == [0.5, 0, 1, 0, 30.5]
    assert entry.tensor(PERSON).dtype == torch.float64
    assert entry.values(PERSON) == [50.0, "Rome", 30.5]
    with pytest.raises(InvalidInput, match=r"transform= returned numbers of shape \(2,\).*take 5"):
        Tabular("person", COLUMNS, transform=lambda row: [1.0, 2.0]).tensor(PERSON)


@pytest.mark.parametrize("nothing", [None, math.nan, np.float32("nan")])
def test_a_missing_value_is_named_or_filled(nothing: Any) -> None:
    with pytest.raises(InvalidInput, match=r"'person': column 'age' has no value.*missing=") as bad:
        table().tensor({**PERSON, "age": nothing})
    assert bad.value.field == "person"
    filled = table(Column("age", missing=40), Column("city", categories=["a", "b"], missing="b"))
    assert filled.tensor([nothing, nothing]).tolist() == [40, 0, 1]
    assert filled.values([nothing, nothing]) == [None, None]
    kept = table(Column("age", missing=math.nan), "income")
    assert kept.tensor([nothing, 3]).isnan().tolist() == [True, False]


def test_nan_in_the_models_own_numbers_is_named_or_filled() -> None:
    row = torch.tensor([math.nan, 3.0])
    with pytest.raises(InvalidInput, match="column 'age' has no value"):
        table("age", "income").tensor(row)
    filled = table(Column("age", mean=10.0, std=2.0, missing=14.0), "income")
    assert filled.tensor(row).tolist() == [2.0, 3.0]
    assert row.isnan().any()  # what the dataset holds is left as it is
    assert filled.view(row)["columns"][0]["value"] is None


def test_an_unseen_category_is_named_with_those_that_are_known() -> None:
    with pytest.raises(InvalidInput, match=r"'Bonn'.*none of its 3 categories \(Oslo, Rome, Cair"):
        table().tensor({**PERSON, "city": "Bonn"})
    with pytest.raises(InvalidInput, match="holds 3, which is none of its 3"):
        table().tensor({**PERSON, "city": 3})
    with pytest.raises(InvalidInput, match="holds 7, which is none of its 2"):
        coded().values(torch.tensor([7, 0]))


def test_categories_may_be_numbers_or_truth_values() -> None:
    entry = table(Column("rooms", categories=[2, 3, 4]), Column("new", categories=[False, True]))
    assert entry.tensor([3, np.bool_(True)]).tolist() == [0, 1, 0, 0, 1]
    assert entry.values([4.0, False]) == ["4", "False"]
    with pytest.raises(InvalidInput, match="none of its 3"):
        entry.tensor([1, True])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([1.0, 2.0], "2 values, but there are 3 columns"),
        ({"age": 1, "city": "Rome"}, "lacks the column 'income'"),
        ({**PERSON, "income": "much"}, "'much', which is no number"),
        (torch.zeros(3), r"shape \(3,\).*take 5"),
        (object(), "a row is a object"),
    ],
)
def test_what_does_not_fit_is_said(row: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        table().tensor(row)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([], "columns= is empty"),
        (["a", "a"], "two columns are called 'a'"),
        ("age", "must be a list"),
    ],
)
def test_wrong_columns_are_refused(columns: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Tabular("row", columns)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"std": 0.0}, "above zero"),
        ({"categories": ["a", "a"]}, "each category once"),
        ({"categories": []}, "at least one"),
        ({"categories": ["a"], "mean": 1.0}, "for numbers"),
        ({"categories": ["a"], "encoding": "binary"}, '"onehot" or "code"'),
    ],
)
def test_a_column_that_contradicts_itself_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=f"Column 'x': .*{said}"):
        Column("x", **settings)


def test_features_are_numbers_columns_and_groups() -> None:
    entry, tensor = table(), table().tensor(PERSON)
    assert [choice.id for choice in entry.feature_kinds()] == ["elements", "columns"]
    assert entry.default_features(tensor) == "columns"
    assert entry.features(PERSON, tensor, "elements").tolist() == [0, 1, 2, 3, 4]
    assert entry.features(PERSON, tensor, "columns").tolist() == [0, 1, 1, 1, 2]
    grouped = table(Column("lat", group="place"), "rooms", Column("lon", group="place"))
    assert [choice.id for choice in grouped.feature_kinds()] == ["elements", "groups"]
    assert grouped.features([1, 2, 3], torch.zeros(3), "groups").tolist() == [0, 1, 0]
    assert grouped.default_features(torch.zeros(3)) == "elements"


def test_attributions_are_summed_over_each_column() -> None:
    assert table().summed(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0])).tolist() == [1, 9, 5]


def baseline(entry: Tabular, kind: str, rows: Sequence[Any], seed: int = 0) -> list[float]:
    sample = [entry.tensor(row) for row in rows]
    found: list[float] = entry.baseline(kind, rows[0], sample[0], sample, seed).tolist()
    return found


def test_baselines_describe_the_data() -> None:
    rows = [[30, "Rome", 1.0], [50, "Rome", 2.0], [100, "Cairo", 9.0]]
    assert baseline(table(), "mean", rows) == pytest.approx([2, 0, 2 / 3, 1 / 3, 4])
    assert baseline(table(), "median", rows) == [1, 0, 1, 0, 2]
    assert baseline(table(), "zero", rows) == [-4, 0, 0, 0, 0]
    drawn = {tuple(baseline(table(), "sample", rows, seed)) for seed in range(20)}
    assert drawn == {tuple(table().tensor(row).tolist()) for row in rows}
    assert baseline(table(), "sample", rows, 3) == baseline(table(), "sample", rows, 3)


def test_baselines_of_codes_are_codes() -> None:
    rows = [["Rome", "judge"], ["Rome", "cook"], ["Oslo", "judge"]]
    entry = coded()
    assert [choice.id for choice in entry.baseline_kinds()] == ["median", "zero", "sample"]
    assert baseline(entry, "median", rows) == [1, 2]
    made = entry.baseline("median", rows[0], entry.tensor(rows[0]), [entry.tensor(rows[0])], 0)
    assert made.dtype == torch.int64


def test_the_default_baseline_comes_with_its_reason() -> None:
    even = table("a", "b").fitted([[value, 10 - value] for value in range(11)])
    assert even.default_baseline == "mean"
    assert "takes its mean" in even.baseline_reason
    skewed = table("a", "b").fitted([[value, 2.0**value] for value in range(20)])
    assert skewed.default_baseline == "median"
    assert "The mean of b lies far" in skewed.baseline_reason
    assert table().default_baseline == "median"
    assert "categories" in table().baseline_reason


def test_the_help_of_zero_tells_what_it_means_in_these_columns() -> None:
    entry = table("tax", "crime").fitted([[300.0, 0.0], [400.0, 2.0], [410.0, 0.0]])
    said = next(choice.help for choice in entry.baseline_kinds() if choice.id == "zero")
    assert "Zero is a meaningful value in crime" in said
    assert "No row is near zero in tax" in said


def test_a_file_holds_a_row() -> None:
    body = b"age,city,income\n50,Rome,30.5\n"
    assert table().tensor(table().from_file(body)).tolist() == ENCODED
    with pytest.raises(InvalidInput, match="no row"):
        table().from_file(b"age,city\n")


def test_the_median_is_what_the_view_calls_usual() -> None:
    rows = [[age, city, 1.0] for age, city in [(30, "Rome"), (50, "Cairo"), (90, "Cairo")]]
    entry = table().fitted(rows)
    usual = [column["usual"] for column in entry.view(rows[0])["columns"]]
    other = [table().tensor([1, "Oslo", 7.0])]  # a sample that says something else
    median = entry.baseline("median", rows[0], entry.tensor(rows[0]), other, 0)
    assert entry.values(median) == usual == [50.0, "Cairo", 1.0]
