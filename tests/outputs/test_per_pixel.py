"""Segmentation: a target is a class at a pixel, and the numbers are that pixel's own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import attriboard as ab
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.request import AttributionRequest
from tests.jobs.conftest import Open, arrays, open_session, results
from tests.outputs.made import SIDE, SQUARES, squares, trained_segmenter

__all__ = ["open_session"]

MODEL = trained_segmenter()


def board(model: Any = MODEL, data: Any = None) -> ab.Board:
    output = ab.PerPixel(SQUARES, background="nothing")
    return ab.Board(model, data or squares(12), ab.Image("picture"), output)


def ask(target: Any, method: str = "IntegratedGradients") -> AttributionRequest:
    return AttributionRequest(examples=(0,), method_id=method, target=target)


def test_a_pixel_is_explained_by_the_pixels_it_sees(open_session: Open) -> None:
    session = open_session(board())
    for y, x, kind in ((4, 7, 0), (10, 2, 1)):
        meta = results(session, ask({"index": [y, x, kind]}))[0]
        assert meta["target"]["index"] == (y * SIDE + x) * 3 + kind
        assert meta["target"]["name"] == f"{SQUARES[kind]} at x {x}, y {y}"
        found = torch.from_numpy(arrays(session, meta)["picture"]).abs().sum(0)
        seen = torch.zeros(SIDE, SIDE, dtype=torch.bool)
        seen[y - 1 : y + 2, x - 1 : x + 2] = True
        assert not found[~seen].any()
        assert found[seen].any()
        with torch.no_grad():
            raw = MODEL(squares(1)[0][0][None])[0, kind, y, x]
        assert meta["score"] == pytest.approx(float(raw), abs=1e-4)
        assert meta["gap"] < 1e-2


def test_rows_columns_and_pixels_name_the_same_number() -> None:
    output = board().output
    assert output.index([2, 3, 1]) == output.index([2 * SIDE + 3, 1]) == (2 * SIDE + 3) * 3 + 1
    with pytest.raises(InvalidInput, match="no pixel y 2, x 16"):
        output.index([2, 16, 1])


def test_examples_are_listed_by_the_classes_that_occur(open_session: Open) -> None:
    session = open_session(board())
    job = session.start()
    assert job is not None
    job.wait(30)
    items = session.catalog.page(Query(limit=12)).items
    for item, (picture, label) in zip(items, squares(12), strict=True):
        with torch.no_grad():
            said = MODEL(picture[None])[0].argmax(0)
        assert item["label"] == sorted(set(label.unique().tolist()) - {0})
        assert item["predicted"] == sorted(set(said.unique().tolist()) - {0})
        share = float((said == label).double().mean())
        assert item["computed"]["accuracy"] == pytest.approx(share)
        assert item["correct"] == (share == 1)
        overlaps = [
            float(((said == k) & (label == k)).sum() / ((said == k) | (label == k)).sum())
            for k in torch.cat([said, label]).unique()
        ]
        assert item["computed"]["mean_iou"] == pytest.approx(sum(overlaps) / len(overlaps))
        assert share > 0.97


def test_one_score_a_pixel_is_that_of_the_second_class(open_session: Open) -> None:
    single = nn.Conv2d(3, 1, 3, padding=1)
    data = [(picture, (label > 0).long()) for picture, label in squares(4)]
    made = ab.Board(single, data, ab.Image("picture"), ab.PerPixel(["nothing", "square"]))
    session = open_session(made)
    meta = results(session, ask({"index": [0, 0, 1]}))[0]
    with torch.no_grad():
        assert meta["score"] == pytest.approx(float(single(data[0][0][None])[0, 0, 0, 0]), abs=1e-5)
        shares = made.output.predictions(made.models["model"](data[0][0][None])).probabilities
    picked = torch.sigmoid(single(data[0][0][None])).flatten()
    torch.testing.assert_close(shares[0, 1::2].float(), picked.detach(), atol=1e-5, rtol=1e-5)


def test_void_pixels_do_not_count() -> None:
    made = board()
    void = squares(1)[0][1].clone()
    void[:8] = 255
    found = made.output.predictions(made.models["model"](squares(1)[0][0][None]))
    kept = made.output.columns(found, [made.output.label(void)])["accuracy"][0]
    with torch.no_grad():
        same = (MODEL(squares(1)[0][0][None])[0].argmax(0) == void)[8:]
    assert kept == pytest.approx(float(same.double().mean()))


def test_what_does_not_fit_is_said() -> None:
    made = board()
    with pytest.raises(
        InvalidInput, match="the label has 8 x 8 pixels, the model's output 16 x 16"
    ):
        made.output.label(torch.zeros(8, 8, dtype=torch.int64))
    with pytest.raises(InvalidInput, match=r"needs a picture \(H, W\) of classes"):
        made.output.label(torch.zeros(4))
    with pytest.raises(ModelError, match=r"PerPixel needs \(N, K, H, W\)"):
        board(nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 3)))
    sizes = [squares(1)[0], (torch.rand(3, 12, 12), torch.zeros(12, 12))]
    with pytest.raises(ModelError, match="12 x 12 pixels, and 16 x 16 for other"):
        board(data=sizes)
