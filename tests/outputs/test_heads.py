"""Several heads: each is explained as if it were alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import attriboard as ab
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.request import AttributionRequest
from tests.jobs.conftest import Open, arrays, open_session, results
from tests.outputs.made import KINDS, Alone, TwoHeads, things, trained_heads

__all__ = ["open_session"]

COLUMNS = ["x0", "x1", "x2", "x3"]
HEADS = {"kind": ab.Classes(KINDS), "weight": ab.Regression("weight", "kg")}


def board(model: Any, output: Any = HEADS, data: Any = None) -> ab.Board:
    return ab.Board(model, data or things(24), ab.Tabular("row", COLUMNS), output)


def ask(target: Any, method: str = "IntegratedGradients") -> AttributionRequest:
    return AttributionRequest(examples=(0, 1), method_id=method, target=target)


@pytest.mark.parametrize("method", ["IntegratedGradients", "DeepLift", "ShapleyValues"])
def test_a_head_is_explained_as_if_it_were_alone(open_session: Open, method: str) -> None:
    model = TwoHeads().eval()
    together = open_session(board(model))
    plain = [{**one, "label": None} for one in things(24)]
    for head, output, pairs in (
        ("kind", HEADS["kind"], [({"index": [0, 2]}, 2), (1, 1)]),
        ("weight", HEADS["weight"], [({"index": [1, 0]}, None), (3, 0)]),
    ):
        alone = open_session(board(Alone(model, head), output, plain))
        for theirs, own in pairs:
            metas = results(together, ask(theirs, method)), results(alone, ask(own, method))
            for here, there in zip(*metas, strict=True):
                found, wanted = arrays(together, here)["row"], arrays(alone, there)["row"]
                torch.testing.assert_close(torch.from_numpy(found), torch.from_numpy(wanted))
                assert here["score"] == pytest.approx(there["score"])
                assert here["gap"] is None or here["gap"] < 1e-3


def test_another_head_in_front_changes_no_number(open_session: Open) -> None:
    two, three = TwoHeads(), TwoHeads(more=True)
    few = open_session(board(two))
    many = open_session(board(three, {"colour": ab.Classes(["red", "blue"]), **HEADS}))
    for here, there in (([0, 1], [1, 1]), ([1, 0], [2, 0])):
        found = arrays(few, results(few, ask({"index": here}))[0])["row"]
        wanted = arrays(many, results(many, ask({"index": there}))[0])["row"]
        assert (found == wanted).all()


def test_a_tuple_is_read_in_the_order_of_the_heads() -> None:
    class Pair(TwoHeads):
        def forward(self, rows: Tensor) -> Any:
            return tuple(super().forward(rows).values())

    rows = torch.randn(3, 4)
    one, other = board(TwoHeads()).models["model"], board(Pair()).models["model"]
    torch.testing.assert_close(one(rows), other(rows))
    assert one(rows).shape == (3, 4)


def test_the_list_is_of_the_main_head_and_the_others_are_columns(open_session: Open) -> None:
    model = trained_heads()
    for main, right in (("kind", True), ("weight", None)):
        session = open_session(board(model, ab.Heads(HEADS, main=main)))
        job = session.start()
        assert job is not None
        job.wait(30)
        items = session.catalog.page(Query(limit=24)).items
        for item, one in zip(items, things(24), strict=True):
            truth = one["label"]
            with torch.no_grad():
                said = model(torch.tensor([[one[column] for column in COLUMNS]]))
            weight = float(said["weight"])
            if main == "kind":
                assert item["label"] == truth["kind"]
                assert item["predicted"] == int(said["kind"].argmax())
                assert item["metadata"]["weight"] == pytest.approx(truth["weight"])
                error = weight - truth["weight"]
                assert item["computed"]["weight_predicted"] == pytest.approx(weight, abs=1e-4)
                assert item["computed"]["weight_residual"] == pytest.approx(error, abs=1e-4)
            else:
                assert item["label"] == pytest.approx(truth["weight"])
                assert item["metadata"]["kind"] == KINDS[truth["kind"]]
                assert item["computed"]["kind_correct"] in (0, 1)
                assert item["computed"]["residual"] == pytest.approx(
                    weight - truth["weight"], abs=1e-4
                )
        own = results(session, ask(None))[0]["target"]["name"]
        assert own.startswith("kind: ") if right else own == "weight"


def _missing(rows: Tensor) -> Any:
    return {"kind": torch.zeros(len(rows), 3)}


def _narrow(rows: Tensor) -> Any:
    return {"kind": torch.zeros(len(rows), 2), "weight": torch.zeros(len(rows))}


def _single(rows: Tensor) -> Any:
    return torch.zeros(len(rows), 3)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (_missing, "returns no 'weight'"),
        (_narrow, r"The head 'kind' returns shape \(1, 2\)"),
        (_single, "names 2 heads"),
    ],
)
def test_what_does_not_fit_is_said(model: Callable[[Tensor], Any], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        board(model)


def test_labels_name_their_head() -> None:
    output = ab.Heads(HEADS)
    with pytest.raises(InvalidInput, match="'size', which is none of the heads"):
        output.label({"size": 1})
    with pytest.raises(InvalidInput, match=r"head 'kind': .*not among the 3 class names"):
        output.label({"kind": "square"})
    with pytest.raises(InvalidInput, match="none of the heads"):
        ab.Heads(HEADS, main="size")
    assert output.label({"weight": 2}) == output.label((None, 2.0))
    assert output.label({"weight": None}) is None


def test_a_black_box_may_have_heads(open_session: Open) -> None:
    made = board(lambda rows: {"kind": rows[:, :3] * 2, "weight": rows.sum(1)})
    meta = results(session := open_session(made), ask({"index": [1, 0]}, "FeatureAblation"))[0]
    found = torch.from_numpy(arrays(session, meta)["row"])
    example = made.example(0)
    wanted = made.tensors([example])[0] - made.baseline(None, example)[0]
    torch.testing.assert_close(found, wanted[0])
