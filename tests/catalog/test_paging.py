"""Pages: every match once, in a stable order, also while predictions arrive."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attriboard.catalog import Catalog, PredictionRow, Query
from attriboard.engine.errors import InvalidInput
from tests.catalog.conftest import Filled
from tests.catalog.worlds import FINGERPRINT, MODEL, World


def walked(catalog: Catalog, query: Query) -> list[int]:
    """The indices of all pages, one after another."""
    found: list[int] = []
    while True:
        page = catalog.page(query)
        found += [item["index"] for item in page.items]
        if page.next_cursor is None:
            return found
        assert len(page.items) == query.limit
        query = replace(query, cursor=page.next_cursor)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), limit=st.integers(1, 60), descending=st.booleans())
def test_every_match_comes_once_in_any_order(
    filled: Filled, data: st.DataObject, limit: int, descending: bool
) -> None:
    names = [column.name for column in filled.catalog.columns() if column.type != "tags"]
    sort = "-" * descending + data.draw(st.sampled_from(names))
    where = data.draw(st.sampled_from([None, "index > 40", "correct is null", "index < 0"]))
    sample = data.draw(st.sampled_from([None, 17]))
    query = Query(sort=sort, limit=limit, where=where, sample=sample, seed=3)
    assert walked(filled.catalog, query) == filled.catalog.indices(query)


def test_a_page_says_how_many_match_in_all(filled: Filled) -> None:
    page = filled.catalog.page(Query(correct=False, limit=1))
    wrong = [row for row in filled.world.plain if row["correct"] is False]
    assert page.total == len(wrong) > 1
    assert len(page.items) == 1


def test_most_confident_mistakes_first(filled: Filled) -> None:
    items = filled.catalog.page(Query(correct=False, sort="-score", limit=200)).items
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True)
    assert {item["correct"] for item in items} == {False}


def test_an_item_is_plain_json_with_names(filled: Filled) -> None:
    items = filled.catalog.page(Query(limit=1000)).items
    assert json.loads(json.dumps(items, allow_nan=False)) == items
    for item, row in zip(items, filled.world.plain, strict=True):
        assert item["texts"] == {"question": row["question"]}
        assert item["label"] == row["label"]
        assert item["metadata"]["data_score"] == row["data_score"]
        assert (item["label_name"] is None) == (row["label"] is None)


def test_cursors_of_others_are_refused(filled: Filled) -> None:
    query = Query(sort="-score", limit=5)
    cursor = filled.catalog.page(query).next_cursor
    assert cursor is not None
    mark = json.loads(base64.urlsafe_b64decode(cursor + "=="))[0]
    for said in ([mark, -1, 0.5], [mark, 3, "0.5"], [mark, 3, 1], [mark, True, 0.5], [mark, 3]):
        forged = base64.urlsafe_b64encode(json.dumps(said).encode()).decode()
        with pytest.raises(InvalidInput, match="not one this catalog gave"):
            filled.catalog.page(replace(query, cursor=forged))
    for wrong in ("", "x", "####", "日本", cursor[:-3], "bnVsbA", "W10", "[" * 5000):
        with pytest.raises(InvalidInput, match="not one this catalog gave"):
            filled.catalog.page(replace(query, cursor=wrong))
    for other in (replace(query, sort="score"), replace(query, q="blue"), replace(query, label=1)):
        with pytest.raises(InvalidInput, match="other filters or another order"):
            filled.catalog.page(replace(other, cursor=cursor))


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_between_one_and_a_thousand(filled: Filled, limit: int) -> None:
    with pytest.raises(InvalidInput, match="between 1 and 1000") as caught:
        filled.catalog.page(Query(limit=limit))
    assert caught.value.field == "limit"


def test_a_walk_by_index_sees_all_while_predictions_arrive(tmp_path: Path) -> None:
    catalog = World.drawn(seed=2, size=60).stored(tmp_path / "catalog.duckdb")
    query = Query(limit=7)
    seen: list[int] = []
    for round_ in range(9):
        page = catalog.page(query)
        seen += [item["index"] for item in page.items]
        catalog.write_predictions(MODEL, FINGERPRINT, [PredictionRow(round_, 1, 0.5)])
        if page.next_cursor:
            query = replace(query, cursor=page.next_cursor)
    assert seen == list(range(60))
    catalog.close()
