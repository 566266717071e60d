"""Extras: arguments that are passed row by row, and never moved or explained."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import attriboard as ab
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.job import Job
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.session import Session
from tests.jobs.conftest import Open, arrays, open_session, results

__all__ = ["open_session"]


class Scaled(nn.Module):
    """Two scores of a row of three, those after `length` left out, times `factor`."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.tell = nn.Linear(3, 2, bias=False)

    def forward(self, row: Tensor, length: Tensor, factor: Tensor) -> Tensor:
        kept = torch.arange(3) < length[:, None]
        scores: Tensor = self.tell(row * kept) * factor[:, None]
        return scores


MODEL = Scaled()


def rows(count: int = 6) -> list[dict[str, Any]]:
    draw = torch.Generator().manual_seed(1)
    return [
        {
            **{f"x{place}": float(torch.randn((), generator=draw)) for place in range(3)},
            "length": 1 + index % 3,
            "factor": 0.5 + index,
            "label": index % 2,
        }
        for index in range(count)
    ]


def board() -> ab.Board:
    table = ab.Tabular("row", ["x0", "x1", "x2"])
    inputs = [table, ab.Extra("length"), ab.Extra("factor")]
    return ab.Board(MODEL, rows(), inputs, ab.Classes(["no", "yes"]))


def wanted(made: ab.Board, index: int) -> Tensor:
    """Of class 1: what each column adds over its baseline."""
    example = made.example(index)
    moved = made.tensors([example])[0] - made.baseline(None, example)[0]
    kept = torch.arange(3) < example.raw["length"]
    return (moved * kept * MODEL.tell.weight[1] * example.raw["factor"])[0].detach()


@pytest.mark.parametrize(
    "method", ["IntegratedGradients", "DeepLift", "FeatureAblation", "KernelShap", "Occlusion"]
)
def test_each_row_of_a_batch_has_its_own_extras(open_session: Open, method: str) -> None:
    session = open_session(board())
    asked = AttributionRequest(examples=tuple(range(6)), method_id=method, target=1)
    for meta in results(session, asked):
        found = torch.from_numpy(arrays(session, meta)["row"])
        torch.testing.assert_close(
            found, wanted(session.board, meta["example"]), atol=2e-4, rtol=2e-3
        )
        assert set(meta["shapes"]) == {"row"}


def test_the_catalog_the_measures_and_the_layers_pass_them_too(open_session: Open) -> None:
    made = board()
    session: Session = open_session(made)
    job = session.start()
    assert job is not None
    assert job.wait(30)
    assert job.failure is None
    for index in range(6):
        with torch.no_grad():
            example = made.example(index)
            tensors = (*made.tensors([example]), *made.extra([example]))
            scores = MODEL(*tensors)[0].softmax(0)
        item = session.catalog.rows([index], "model")[0]
        assert item["predicted"] == int(scores.argmax())
        assert item["score"] == pytest.approx(float(scores.max()), abs=1e-5)
    assert [layer.name for layer in session.layers("model")] == ["tell"]
    asked = AttributionRequest(examples=(0, 1, 2), method_id="IntegratedGradients", target=1)
    found = session.measurements(asked)
    assert isinstance(found, Job)
    assert found.wait(60)
    assert found.failure is None


def test_another_value_of_an_extra_is_another_result(open_session: Open) -> None:
    made = board()
    changed = rows()
    changed[0]["factor"] = 100.0
    table = ab.Tabular("row", ["x0", "x1", "x2"])
    other = ab.Board(
        MODEL,
        changed,
        [table, ab.Extra("length"), ab.Extra("factor")],
        ab.Classes(["no", "yes"]),
        version="1",
    )
    one, two = (
        made.example_fingerprint(made.example(0)),
        other.example_fingerprint(other.example(0)),
    )
    assert one != two
    assert made.example_fingerprint(made.example(1)) == other.example_fingerprint(other.example(1))


class Masked(nn.Module):
    """A score of the mean embedding of the tokens that the mask keeps."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.words = nn.Embedding(6, 4)
        self.tell = nn.Linear(4, 2)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        kept = mask[..., None].float()
        scores: Tensor = self.tell((self.words(ids) * kept).sum(1) / kept.sum(1))
        return scores


def test_the_mask_of_a_text_follows_its_padding(open_session: Open) -> None:
    words = ["<pad>", "a", "b", "c", "d", "e"]
    text = ab.Text(
        "text", lambda said: [words.index(w) for w in said.split()], vocabulary=words, length=5
    )
    data = [("a b c", 0), ("d", 1), ("a b c d e", 0)]
    made = ab.Board(Masked(), data, [text, ab.Extra("mask", of="text")], ab.Classes(["x", "y"]))
    assert made.extra([made.example(i) for i in range(3)])[0].tolist() == [
        [1, 1, 1, 0, 0],
        [1, 0, 0, 0, 0],
        [1, 1, 1, 1, 1],
    ]
    session = open_session(made)
    asked = AttributionRequest(examples=(0, 1, 2), method_id="IntegratedGradients", target=0)
    for meta, count in zip(results(session, asked), (3, 1, 5), strict=True):
        found = arrays(session, meta)["text"]
        assert not found[count:].any()
        assert found[:count].all()
    index = session.edits.add(0, {"text": "a b c d"})
    assert made.example(index).raw["mask"].tolist() == [1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ([ab.Extra("length")], "nothing to explain"),
        ([ab.Extra("length"), ab.Tabular("row", ["x0"])], "stands before an input"),
        ([ab.Tabular("row", ["x0"]), ab.Extra("mask", of="text")], "no text of this board"),
    ],
)
def test_what_does_not_fit_is_said(inputs: list[Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        ab.Board(MODEL, rows(), inputs, ab.Classes(["no", "yes"]))


def test_a_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be made a tensor"):
        ab.Extra("length").tensor("long")
