"""Regressions over a table: what they are off by, and the columns of the rows, in the catalog."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import attriboard as ab
from attriboard.api.views.examples import page_view
from attriboard.catalog import Query
from tests.jobs.conftest import Open


class Twice(nn.Module):
    def forward(self, rows: Tensor) -> Tensor:
        return 2 * rows.sum(1)


ROWS = [
    {"size": 1.0, "town": "Oslo", "label": 3.0},
    {"size": 4.0, "town": "Rome", "label": 20.0},
    {"size": 2.0, "town": "Rome", "label": 5.0},
    {"size": 3.0, "town": "Bonn", "label": 1.0},
    {"size": 3.0, "town": "Oslo", "label": None},
]


def prices() -> ab.Board:
    columns = [ab.Column("size", unit="m"), ab.Column("town", categories=["Oslo", "Rome"])]
    data = [*ROWS[:3], ROWS[4], ROWS[3]]
    return ab.Board(
        Twice(), data[:4], ab.Tabular("house", columns), ab.Regression("price", unit="k$")
    )


def test_residuals_are_columns_to_sort_and_filter_by(open_session: Open) -> None:
    session = open_session(prices())
    job = session.start()
    assert job is not None
    assert job.wait(30)
    assert job.state == "done", job.failure
    page = session.catalog.page(Query(sort="-abs_residual"))
    assert [item["index"] for item in page.items] == [1, 0, 2, 3]
    found = [item["computed"]["residual"] for item in page.items]
    assert found == pytest.approx([-10.0, 1.0, 1.0, None])
    assert session.catalog.indices(Query(where="residual < 0")) == [1]
    assert session.catalog.indices(Query(where="town = 'Rome' and size > 3")) == [1]
    facets = {facet.name: facet for facet in session.catalog.facets(Query()).columns}
    assert sum(each.count for each in facets["abs_residual"].bins or facets["abs_residual"].values
               or []) == 3  # fmt: skip
    named = page_view(session, page)["items"]
    assert (named[0]["label_name"], named[0]["predicted_name"]) == ("20 k$", "10 k$")
    assert named[3]["label_name"] is None


def test_a_row_with_an_unseen_category_is_left_out_with_its_reason(open_session: Open) -> None:
    columns = [ab.Column("size"), ab.Column("town", categories=["Oslo", "Rome"])]
    rows = [*ROWS[:3] * 200, ROWS[3], *ROWS[:3] * 200]
    board = ab.Board(Twice(), rows, ab.Tabular("house", columns), ab.Regression("price"))
    session = open_session(board)
    job = session.start()
    assert job is not None
    assert job.wait(60)
    item = session.catalog.rows([600])[0]
    assert item["predicted"] is None
    assert "'Bonn', which is none of its 2 categories" in item["metadata"]["error"]
    assert session.catalog.predicted("model") == len(rows)
    assert torch.tensor(item["label"]) == 1.0


def test_that_row_among_the_first_refuses_the_board() -> None:
    columns = [ab.Column("size"), ab.Column("town", categories=["Oslo", "Rome"])]
    with pytest.raises(ab.engine.InvalidInput, match="Example 0: Input 'house': column 'town'"):
        ab.Board(Twice(), ROWS[3:4], ab.Tabular("house", columns), ab.Regression("price"))
