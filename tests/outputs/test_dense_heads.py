"""Heads of pixels and of positions beside plain ones: each is explained as if it were alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import attriboard as ab
from attriboard.api.views.outputs import output_view, prediction_view
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.request import AttributionRequest
from tests.jobs.conftest import Open, arrays, open_session, results
from tests.outputs.made import (
    SIDE,
    SQUARES,
    TAGS,
    WORDS,
    Alone,
    SquaresAndKind,
    encoded,
    sentences,
    squares_and_kind,
    trained_tagger,
)

__all__ = ["open_session"]

KINDS = ["red", "blue", "both"]
MODEL = SquaresAndKind()
DATA = squares_and_kind(12)
HEADS = {"mask": ab.PerPixel(SQUARES, background="nothing"), "kind": ab.Classes(KINDS)}
FIRST = SIDE * SIDE * 3
"""The index of the first number after the pixels'."""


def board(output: Any = HEADS, data: Any = None) -> ab.Board:
    return ab.Board(MODEL, data or DATA, ab.Image("picture"), output)


def ask(target: Any, method: str = "IntegratedGradients") -> AttributionRequest:
    return AttributionRequest(examples=(0,), method_id=method, target=target)


@pytest.mark.parametrize("method", ["IntegratedGradients", "Occlusion"])
def test_a_pixel_of_a_head_is_explained_as_if_the_head_were_alone(
    open_session: Open, method: str
) -> None:
    together = open_session(board())
    unlabelled = [row["picture"] for row in DATA]
    for head, output, target, own in (
        ("mask", HEADS["mask"], [0, 4, 7, 1], {"index": [4, 7, 1]}),
        ("mask", HEADS["mask"], [0, 4 * SIDE + 7, 1], {"index": [4, 7, 1]}),
        ("kind", HEADS["kind"], [1, 2], 2),
    ):
        model = Alone(MODEL, head)
        alone = open_session(ab.Board(model, unlabelled, ab.Image("picture"), output))
        here = results(together, ask({"index": target}, method))[0]
        there = results(alone, ask(own, method))[0]
        found, wanted = arrays(together, here)["picture"], arrays(alone, there)["picture"]
        torch.testing.assert_close(torch.from_numpy(found), torch.from_numpy(wanted))
        assert abs(found).max() > 0
        assert here["score"] == pytest.approx(there["score"])
        assert here["target"]["name"] == f"{head}: {there['target']['name']}"


def test_every_number_of_a_row_has_its_place_and_its_path() -> None:
    output = board().output
    places = output.places
    assert places is not None
    assert output.width == FIRST + 3
    for path, index, place, name in (
        ([0, 0, 0, 0], 0, 0, "mask: nothing at x 0, y 0"),
        ([0, 2, 3, 1], (2 * SIDE + 3) * 3 + 1, 2 * SIDE + 3, "mask: red at x 3, y 2"),
        ([1, 2], FIRST + 2, SIDE * SIDE, "kind: both"),
    ):
        assert output.index(path) == index
        assert places.place(index) == place
        assert places.start(place) <= index < places.start(place) + 3
        assert output.name(index) == name
    for path in ([0, SIDE, 0, 1], [0, SIDE * SIDE, 1], [1, 3], [1, 0, 0], [2, 0]):
        with pytest.raises(InvalidInput):
            output.index(path)


@pytest.mark.parametrize("main", ["mask", "kind"])
def test_examples_are_listed_by_the_main_head(open_session: Open, main: str) -> None:
    session = open_session(board(ab.Heads(HEADS, main=main)))
    job = session.start()
    assert job is not None
    assert job.wait(30)
    alone = open_session(
        ab.Board(
            Alone(MODEL, main),
            [(row["picture"], row["label"][main]) for row in DATA],
            ab.Image("picture"),
            HEADS[main],
        )
    )
    job = alone.start()
    assert job is not None
    assert job.wait(30)
    items = (one.catalog.page(Query(limit=12)).items for one in (session, alone))
    for item, own in zip(*items, strict=True):
        for told in ("label", "predicted", "correct", "score", "margin", "loss"):
            assert item[told] == (own[told] if told != "loss" else pytest.approx(own[told]))
        for column, value in own["computed"].items():
            assert item["computed"][column] == pytest.approx(value)
        other = {"mask_accuracy", "mask_mean_iou"} if main == "kind" else {"kind_correct"}
        assert other <= set(item["computed"])


def test_the_page_is_told_where_the_places_are(open_session: Open) -> None:
    session = open_session(board())
    told = output_view(session.board)["places"]
    assert [head["what"] for head in told["heads"]] == ["pixel", None]
    assert [head["of"] for head in told["heads"]] == ["picture", None]
    found = prediction_view(session, "model", 0)["places"]
    assert found["parts"] == [[SIDE, SIDE], [1]]
    assert len(found["classes"]) == SIDE * SIDE + 1
    with torch.no_grad():
        said = MODEL(DATA[0]["picture"][None])
    assert found["classes"][:-1] == said["mask"][0].argmax(0).flatten().tolist()
    assert found["classes"][-1] == int(said["kind"].argmax())
    label = session.board.example(0).label
    places = session.board.output.label_places(label)
    assert places == [*DATA[0]["label"]["mask"].flatten().tolist(), DATA[0]["label"]["kind"]]
    half = session.board.output.label({"kind": "red"})
    assert session.board.output.label_places(half) == [-1] * SIDE * SIDE + [0]


class TagsAndLength(nn.Module):
    """The tags of a text's words, and how many words it has."""

    def __init__(self) -> None:
        super().__init__()
        self.tagger = trained_tagger(20)

    def forward(self, ids: Tensor) -> dict[str, Tensor]:
        return {"tags": self.tagger(ids), "words": (ids > 0).sum(1, keepdim=True).float()}


def test_a_head_of_positions_stands_last_whatever_their_number(open_session: Open) -> None:
    text = ab.Text("text", tokenizer=encoded, vocabulary=WORDS)
    data = [
        {"text": row["text"], "label": {"tags": row["label"], "words": row["length"]}}
        for row in sentences(8)
    ]
    heads = {"tags": ab.PerToken(TAGS, background="O"), "words": ab.Regression("words")}
    model = TagsAndLength().eval()
    session = open_session(ab.Board(model, data, text, heads))
    output = session.board.output
    assert [head.name for head in output.heads] == ["words", "tags"]
    assert output.kind == "multilabel"  # the first that was given is the main one
    for index in range(4):
        meta = results(
            session,
            AttributionRequest(
                examples=(index,), method_id="IntegratedGradients", target={"index": [1, 2, 1]}
            ),
        )[0]
        assert meta["target"]["name"] == "tags: PET at position 2"
        ids = torch.tensor([encoded(data[index]["text"])])
        with torch.no_grad():
            assert meta["score"] == pytest.approx(float(model(ids)["tags"][0, 2, 1]), abs=1e-5)
    with pytest.raises(InvalidInput, match="Heads takes one head of positions"):
        ab.Heads({"one": heads["tags"], "other": heads["tags"]})


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(ModelError, match="Head 'mask': The model returns 3 scores for each place"):
        board({**HEADS, "mask": ab.PerPixel(SQUARES[:2])}, [row["picture"] for row in DATA])
    with pytest.raises(ModelError, match=r"Head 'kind': .*PerPixel needs \(N, K, H, W\)"):
        board({"mask": HEADS["mask"], "kind": HEADS["mask"]}, [row["picture"] for row in DATA])
    with pytest.raises(InvalidInput, match="head 'mask': the label has 8 x 8 pixels"):
        board().output.label({"mask": torch.zeros(8, 8)})
    with pytest.raises(InvalidInput, match="give Classes, MultiLabel, Regression, PerPixel or"):
        ab.Heads({"next": ab.NextToken(WORDS)})
