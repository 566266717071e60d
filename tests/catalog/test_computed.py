"""Columns worked out for a model later: found, sorted, counted, kept, dropped with the model."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from attriboard.catalog import ExampleRow, Query
from attriboard.engine.errors import InvalidInput
from tests.catalog.worlds import FINGERPRINT, MODEL, opened

SHARES = [0.9, 0.1, None, 0.5, math.nan]


def test_numbers_of_a_model_are_columns_like_others(tmp_path: Path) -> None:
    path = tmp_path / "catalog.duckdb"
    catalog = opened(path, size=5)
    columns: dict[str, list[float | None]] = {"net.photo": SHARES, "score": [1.0] * 5}
    catalog.write_examples([ExampleRow(0, metadata={"photo": 1})])
    catalog.write_computed(MODEL, FINGERPRINT, range(5), columns)
    catalog.write_computed(MODEL, FINGERPRINT, [4], {"net.photo": [0.2]})
    catalog.write_computed("other", "x", [0], {"net.question": [0.25]})
    catalog.close()
    catalog = opened(path, size=5)
    names = [column.name for column in catalog.columns() if column.role == "computed"]
    assert names == ["net.photo", "data_score"]
    assert catalog.indices(Query(where="net.photo < 0.4")) == [1, 4]
    assert catalog.indices(Query(sort="-net.photo")) == [0, 3, 4, 1, 2]
    assert catalog.rows([0])[0]["computed"] == {"net.photo": 0.9, "data_score": 1.0}
    assert catalog.rows([0], "other")[0]["computed"] == {"net.question": 0.25}
    facet = {each.name: each for each in catalog.facets(Query()).columns}["net.photo"]
    assert sum(each.count for each in facet.bins or []) == 4
    assert facet.nulls == 1
    catalog.close()


def test_they_go_with_the_models_predictions(tmp_path: Path) -> None:
    path = tmp_path / "catalog.duckdb"
    catalog = opened(path, size=5)
    catalog.write_computed(MODEL, FINGERPRINT, range(5), {"net.photo": SHARES})
    catalog.close()
    for weights in ("weights two", FINGERPRINT):
        catalog = opened(path, size=5, model=weights)
        assert "net.photo" not in [column.name for column in catalog.columns()]
        catalog.close()


@pytest.mark.parametrize("indices", [[0, 5], [0, 0], [0]])
def test_rows_that_do_not_fit_are_refused(indices: list[int]) -> None:
    catalog = opened(None, size=5)
    with pytest.raises(InvalidInput):
        catalog.write_computed(MODEL, FINGERPRINT, indices, {"net.photo": [0.1, 0.2]})
