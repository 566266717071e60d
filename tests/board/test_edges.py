"""Data at its edges: each is explained in every way there is, or refused with what to do."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from torch import Tensor, nn

import attriboard as ab
from attriboard import engine
from attriboard.engine.errors import AttriboardError, InvalidInput


class Levels(nn.Module):
    """Two scores of whatever the numbers are, so that any shape fits."""

    def forward(self, given: Tensor) -> Tensor:
        flat = given.flatten(1)
        return torch.stack([torch.tanh(flat).mean(1), flat.square().mean(1)], 1)


class Words(nn.Module):
    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(4_000, 6, dtype=dtype)
        self.head = nn.Linear(6, 2, dtype=dtype)

    def forward(self, ids: Tensor) -> Tensor:
        scores: Tensor = self.head(torch.tanh(self.embedding(ids)).mean(1))
        return scores


def board_of(entry: ab.Input, raws: list[Any], model: nn.Module | None = None) -> ab.Board:
    data = [{entry.name: raw, "label": place % 2} for place, raw in enumerate(raws)]
    return ab.Board(model or Levels(), data, entry, ab.Classes(["a", "b"]))


def explain_all(board: ab.Board) -> None:
    """Every example by every baseline and grouping it has, seen as the page sees it."""
    (entry,) = board.inputs
    for index in range(len(board)):
        example = board.example(index)
        raw = example.raw[entry.name]
        json.dumps(entry.view(raw), allow_nan=False)
        entry.media(raw, 16)
        entry.thumbnail(raw, 16)
        (tensor,) = board.tensors([example])
        for choice in entry.baseline_kinds():
            baselines = board.baseline({entry.name: choice.id}, example)
            found = engine.attribute(
                board.models["model"], tensor, engine.IntegratedGradients(n_steps=4), 1,
                baselines=baselines,
            ).attributions[0]  # fmt: skip
            assert found.isfinite().all()
            entry.summed(found[0])
        for choice in entry.feature_kinds():
            found = engine.attribute(
                board.models["model"], tensor, engine.FeatureAblation(), 1,
                baselines=board.baseline(None, example),
                features=board.features({entry.name: choice.id}, example),
            ).attributions[0]  # fmt: skip
            assert found.shape[:2] == tensor.shape[:2]
            assert found.isfinite().all()


RNG = np.random.default_rng(0)


def pixels(*shape: int) -> Any:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    "raws",
    [
        [pixels(6, 9, 3), pixels(12, 5, 3), pixels(7, 7, 3)],
        [pixels(6, 6, 2), pixels(6, 6, 2)],
        [pixels(6, 6, 5), pixels(6, 6, 5)],
        [RNG.random((5, 6, 6), dtype=np.float32) for _ in range(2)],
        [Pillow.fromarray(pixels(6, 6, 4), "RGBA"), Pillow.fromarray(pixels(6, 6, 4), "RGBA")],
        [pixels(1, 1, 3), pixels(1, 1, 3)],
        [pixels(1, 1), pixels(1, 9)],
        [Pillow.new("1", (4, 4)), Pillow.new("1", (4, 4), 1)],
    ],
    ids=["unequal", "2 channels", "5 channels", "5 channels first", "RGBA", "1x1", "grey", "bits"],
)
def test_pictures(raws: list[Any]) -> None:
    explain_all(board_of(ab.Image("photo"), raws))


def test_pictures_of_unequal_shape_share_no_batch() -> None:
    board = board_of(ab.Image("photo"), [pixels(6, 9, 3), pixels(12, 5, 3)])
    with pytest.raises(InvalidInput, match=r"\(3, 6, 9\) in example 0 and \(3, 12, 5\)"):
        board.tensors([board.example(0), board.example(1)])


@pytest.mark.parametrize(
    "texts",
    [["", "a good film"], ["film", "x"], ["   ", "\n"], ["שלום עולם טוב", "مرحبا بالعالم"]],
    ids=["empty", "one word", "blank", "right to left"],
)
def test_texts(texts: list[str]) -> None:
    entry = ab.Text("said", lambda text: [ord(letter) for letter in text], unk=1)
    explain_all(board_of(entry, texts, Words()))


def test_right_to_left_words_keep_their_places() -> None:
    """The page gets places in the text as it is stored; how it reads is the browser's to say."""
    text = "שלום big עולם"
    numbers = {word: place for place, word in enumerate(["<pad>", *text.split()])}
    view = ab.Text("said", str.split, vocabulary=numbers).view(text)
    assert [text[t["start"] : t["end"]] for t in view["tokens"]] == text.split()


@pytest.mark.parametrize("settings", [{}, {"bands": 3}], ids=["waveform", "bands"])
@pytest.mark.parametrize(
    "raws",
    [
        [torch.zeros(400), torch.zeros(400)],
        [torch.ones(1), torch.zeros(1)],
        [torch.randn(2), torch.zeros(3)],
    ],
    ids=["silence", "one sample", "unequal"],
)
def test_sounds(raws: list[Any], settings: dict[str, Any]) -> None:
    explain_all(board_of(ab.Audio("sound", rate=100, **settings), raws))


def test_a_column_with_nan_is_named_with_its_example() -> None:
    rows = [{"age": 30.0}, {"age": 41.0}, {"age": math.nan}]
    with pytest.raises(InvalidInput, match=r"Example 2: .*'age'"):
        board_of(ab.Tabular("person", ["age"]), rows)
    filled = ab.Tabular("person", [ab.Column("age", missing=35.0)])
    explain_all(board_of(filled, rows))


def test_an_unseen_category_is_named_with_its_example() -> None:
    town = ab.Column("town", categories=["Oslo", "Rome"])
    with pytest.raises(InvalidInput, match=r"Example 1: .*'Paris'"):
        board_of(ab.Tabular("person", ["age", town]), [
            {"age": 1, "town": "Rome"}, {"age": 2, "town": "Paris"},
        ])  # fmt: skip


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_a_model_of_texts_of_any_type(dtype: torch.dtype) -> None:
    entry = ab.Text("said", lambda text: [ord(letter) for letter in text])
    board = board_of(entry, ["good film", "bad"], Words(dtype))
    explain_all(board)
    assert engine.predict(board.models["model"], board.tensors([board.example(0)])).dtype == dtype


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_a_model_of_numbers_of_any_type(dtype: torch.dtype) -> None:
    """The type is the input's to give; where it is not, the message says which to give."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 2)).to(dtype)
    raws = [RNG.random((2, 6), dtype=np.float32) for _ in range(3)]
    explain_all(board_of(ab.Series("ecg", dtype=dtype), raws, model))
    with pytest.raises(AttriboardError, match=str(dtype).removeprefix("torch.")):
        board_of(ab.Series("ecg"), raws, model)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_a_model_of_pictures_of_any_type(dtype: torch.dtype) -> None:
    model = nn.Sequential(nn.Conv2d(3, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()).to(dtype)

    def transform(picture: Any) -> Tensor:
        return (torch.from_numpy(picture).movedim(-1, 0) / 255).to(dtype)

    explain_all(board_of(ab.Image("photo", transform), [pixels(6, 6, 3), pixels(6, 6, 3)], model))


def test_an_output_without_dimensions() -> None:
    """`squeeze()` leaves a single example no dimension: its score is one number all the same."""

    class Squeezed(nn.Module):
        def forward(self, rows: Tensor) -> Tensor:
            return rows.sum(1, keepdim=True).squeeze()

    data = [([float(place), 1.0], 2.0) for place in range(4)]
    board = ab.Board(Squeezed(), data, ab.Tabular("row", ["a", "b"]), ab.Regression("sum"))
    example = board.example(3)
    found = engine.attribute(
        board.models["model"], board.tensors([example]), engine.FeatureAblation(),
        baselines=board.baseline({"row": "zero"}, example),
    ).attributions[0]  # fmt: skip
    assert found.tolist() == [[3.0, 1.0]]


def test_one_number_for_a_whole_batch_is_refused() -> None:
    class Mean(nn.Module):
        def forward(self, rows: Tensor) -> Tensor:
            return rows.sum()

    data = [([float(place), 1.0], 2.0) for place in range(4)]
    with pytest.raises(AttriboardError, match="batch"):
        ab.Board(Mean(), data, ab.Tabular("row", ["a", "b"]), ab.Regression("sum"))
