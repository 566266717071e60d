"""Metadata columns: discovered types, names, widening, and values that are hard to store."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from attriboard.catalog import Catalog, ExampleRow, Query
from attriboard.catalog.values import plain, type_of
from attriboard.engine.errors import InvalidInput
from tests.catalog.worlds import opened


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """An empty catalog of six examples."""
    catalog = opened(tmp_path / "catalog.duckdb", size=6)
    yield catalog
    catalog.close()


def write(catalog: Catalog, *metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """Write `metadata` to examples 0, 1, ... and read it back."""
    catalog.write_examples([ExampleRow(i, metadata=each) for i, each in enumerate(metadata)])
    return [item["metadata"] for item in catalog.rows(range(len(metadata)))]


def facet_names(catalog: Catalog, columns: list[str] | None = None) -> set[str]:
    return {facet.name for facet in catalog.facets(Query(), columns).columns}


def test_a_number_that_is_the_same_everywhere_is_no_facet(catalog: Catalog) -> None:
    write(catalog, *({"sound length": 500, "name": "one"} for _ in range(6)))
    assert facet_names(catalog) == {"name"}
    assert facet_names(catalog, ["sound length"]) == {"sound length"}
    assert catalog.indices(Query(where="`sound length` = 500")) == list(range(6))
    write(catalog, {"sound length": 400, "name": "one"})
    assert facet_names(catalog) == {"name", "sound length"}


def test_a_number_that_some_examples_lack_is_a_facet(catalog: Catalog) -> None:
    write(catalog, *({"again": 1} if i else {} for i in range(6)))
    assert facet_names(catalog) == {"again"}


def types(catalog: Catalog) -> dict[str, str]:
    return {column.name: column.type for column in catalog.columns() if column.role == "metadata"}


@pytest.mark.parametrize(
    ("values", "kind", "read"),
    [
        ([True, None, False], "bool", [True, None, False]),
        ([1, -(2**63), None], "int", [1, -(2**63), None]),
        ([1, 2.5, True], "str", ["1", "2.5", "true"]),
        ([1, 2.5, None], "float", [1.0, 2.5, None]),
        ([math.nan, 1.0, math.inf], "float", [None, 1.0, 1.7976931348623157e308]),
        (["a", 2**70, None], "str", ["a", str(2**70), None]),
        ([[1, "é"], {"a": None}, (1, 2)], "str", ['[1, "é"]', '{"a": null}', "[1, 2]"]),
        ([np.float32(0.5), torch.tensor(2.0), np.int8(3)], "float", [0.5, 2.0, 3.0]),
        ([np.bool_(True), torch.tensor(False)], "bool", [True, False]),
        ([datetime.date(2024, 5, 1), None], "str", ["2024-05-01", None]),
        (["half \ud800 pair", "nul \x00"], "str", ["half ? pair", "nul \x00"]),
    ],
)
def test_types_are_discovered(
    catalog: Catalog, values: list[Any], kind: str, read: list[Any]
) -> None:
    found = write(catalog, *({"column": value} for value in values))
    assert types(catalog) == {"column": kind}
    assert [each["column"] for each in found] == read


def test_a_column_of_nothing_is_no_column(catalog: Catalog) -> None:
    assert write(catalog, {"empty": None}, {"empty": math.nan}) == [{}, {}]


@pytest.mark.parametrize(
    ("first", "then", "kind", "read"),
    [
        (3, 0.5, "float", [3.0, 0.5]),
        (3, "x", "str", ["3", "x"]),
        (True, 2, "str", ["true", "2"]),
        (0.1, "x", "str", ["0.1", "x"]),
        (1e300, [1], "str", ["1e+300", "[1]"]),
        (False, None, "bool", [False, None]),
    ],
)
def test_a_column_widens_as_values_need(
    catalog: Catalog, first: Any, then: Any, kind: str, read: list[Any]
) -> None:
    catalog.write_examples([ExampleRow(0, metadata={"column": first})])
    catalog.write_examples([ExampleRow(1, metadata={"column": then})])
    assert types(catalog) == {"column": kind}
    assert [item["metadata"]["column"] for item in catalog.rows([0, 1])] == read
    if kind == "str":
        assert catalog.indices(Query(where=f"column contains '{read[0].upper()}'")) == [0]
    facets = catalog.facets(Query()).columns
    assert len(facets) == 1 - (kind == "str" and isinstance(first, float))
    for facet in facets:  # of a column that held numbers, the different values are not kept
        counted = sum(each.count for each in facet.values or facet.bins or [])
        assert counted == sum(value is not None for value in (first, then))


def test_widened_columns_are_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "catalog.duckdb"
    catalog = opened(path, size=2)
    catalog.write_examples([ExampleRow(0, metadata={"a": 1, "b": "x"})])
    catalog.write_examples([ExampleRow(1, metadata={"a": "one"})])
    catalog.close()
    again = opened(path, size=2)
    assert types(again) == {"a": "str", "b": "str"}
    assert [item["metadata"] for item in again.rows([0, 1])] == [
        {"a": "1", "b": "x"},
        {"a": "one", "b": None},
    ]
    again.write_examples([ExampleRow(1, metadata={"c": 2})])
    assert types(again) == {"a": "str", "b": "str", "c": "int"}
    again.close()


def test_names_that_are_taken_or_odd(catalog: Catalog) -> None:
    names = ["index", "score", "data_score", "question", "Score", 'q"uote`d', "a b", "", "sélect"]
    found = write(catalog, dict.fromkeys(names, 1))[0]
    assert list(found) == [
        "data_index",
        "data_score",
        "data_data_score",
        "data_question",
        "Score",
        'q"uote`d',
        "a b",
        "column",
        "sélect",
    ]
    for name in found:
        said = "`" + name.replace("`", "``") + "`"
        assert catalog.indices(Query(where=f"{said} = 1", sort=f"-{name}")) == [0]


def test_a_name_that_begins_with_a_minus(catalog: Catalog) -> None:
    write(catalog, {"-x": 2, "x": 1}, {"-x": 1, "x": 3}, {"-x": 3, "x": 2})
    assert catalog.indices(Query(sort="-x", where="x is not null")) == [1, 0, 2]


def test_an_input_called_like_a_column_of_ours() -> None:
    catalog = Catalog.open(None, data_fingerprint="", size=1, texts=("label", "score"))
    catalog.write_examples([ExampleRow(0, 3, {"label": "Hello", "score": "there"})])
    item = catalog.rows([0])[0]
    assert item["texts"] == {"label": "Hello", "score": "there"}
    assert item["label"] == 3
    assert catalog.indices(Query(where="data_label contains 'hello' and label = 3")) == [0]
    assert catalog.indices(Query(q="THERE")) == [0]


def test_many_different_values_are_not_listed() -> None:
    catalog = Catalog.open(None, data_fingerprint="", size=60)
    rows = [
        ExampleRow(i, metadata={"file": f"{i}.png", "fifty": str(i % 50), "n": i, "twenty": i % 20})
        for i in range(60)
    ]
    catalog.write_examples(rows)
    facets = {facet.name: facet for facet in catalog.facets(Query()).columns}
    assert set(facets) == {"fifty", "n", "twenty"}
    assert len(facets["fifty"].values or []) == 50
    assert len(facets["twenty"].values or []) == 20
    assert facets["n"].values is None
    assert [each.count for each in facets["n"].bins or []] == [3] * 20


def test_rows_written_again_replace_what_was_there(catalog: Catalog) -> None:
    write(catalog, {"a": 1, "b": "x"})
    assert write(catalog, {"a": 2}) == [{"a": 2, "b": None}]
    twice = [ExampleRow(0, 1), ExampleRow(0, 2)]
    catalog.write_examples(twice)
    assert catalog.rows([0])[0]["label"] == 2


@pytest.mark.parametrize("index", [-1, 6])
def test_an_index_outside_is_refused(catalog: Catalog, index: int) -> None:
    with pytest.raises(InvalidInput, match="There is no example"):
        catalog.write_examples([ExampleRow(index)])


@pytest.mark.parametrize("label", [1.5, "one", (1, 2), 2**40])
def test_a_label_that_is_no_class_is_refused(catalog: Catalog, label: Any) -> None:
    with pytest.raises(InvalidInput, match="not the index of a class"):
        catalog.write_examples([ExampleRow(0, label)])


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=4,
)


@settings(max_examples=30, deadline=None)
@given(values=st.lists(ODD, min_size=1, max_size=6), name=st.text(max_size=10))
def test_any_values_under_any_name(values: list[Any], name: str) -> None:
    catalog = Catalog.open(None, data_fingerprint="", size=6)
    found = write(catalog, *({name: value} for value in values))
    expected = [plain(value) for value in values]
    kind = type_of(expected)
    if kind is None:
        assert found == [{}] * len(values)
        return
    for each, value in zip(found, expected, strict=True):
        (read,) = each.values()
        assert (read is None) == (value is None)
        if isinstance(value, str) or (kind != "str" and value is not None and math.isfinite(value)):
            assert read == value
    catalog.facets(Query())
    catalog.close()
