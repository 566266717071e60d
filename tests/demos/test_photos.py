"""The demo `photos`: real weights, real photos, and Grad-CAM on one whose place is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.photos.board import LAYER
from attriboard.demos.photos.data import PHOTOS, SIDE
from attriboard.demos.photos.model import names, untrained

# The man, his camera and the tripod: rows 1 to 6 and columns 2 to 5 of the 7 x 7 map.
ROWS, COLUMNS = slice(1, 7), slice(2, 6)


@pytest.fixture(scope="module")
def board() -> Board:
    return DEMOS["photos"].load()


@pytest.fixture(scope="module")
def network(board: Board) -> nn.Module:
    model = board.models["model"]
    assert isinstance(model, nn.Module)
    return model


@pytest.fixture(scope="module")
def photos(board: Board) -> Tensor:
    found: Tensor = board.tensors([board.example(index) for index in range(len(board))])[0]
    return found


def test_every_photo_is_a_square_of_pixels_from_0_to_255(board: Board, photos: Tensor) -> None:
    assert (len(board), board.labelled, board.warnings) == (len(PHOTOS), False, ())
    assert photos.shape == (len(PHOTOS), 3, SIDE, SIDE)
    pixels = photos * 128 + 127
    torch.testing.assert_close(pixels, pixels.round(), atol=1e-3, rtol=0)
    assert pixels.min() > -0.01
    assert pixels.max() < 255.01


def test_the_network_knows_what_it_sees(network: nn.Module, photos: Tensor) -> None:
    found = engine.predict(network, photos).argmax(1).tolist()
    listed = names()
    seen = [listed[index] for index in found]
    assert [seen[index] for index in (0, 1, 2, 5, 6, 7)] == [
        "tripod",
        "Egyptian cat",
        "espresso",
        "moped",
        "palace",
        "daisy",
    ]


def test_a_thousand_different_names() -> None:
    assert len(set(names())) == 1000
    assert [name for name in names() if name.startswith("crane")] == ["crane (134)", "crane (517)"]


def _share(model: nn.Module, photo: Tensor) -> float:
    target = names().index("tripod")
    found = engine.attribute(model, photo, engine.GradCam(), target, layer=LAYER)
    heat = found.attributions[0][0, 0].clamp_min(0)
    return (heat[ROWS, COLUMNS].sum() / heat.sum().clamp_min(1e-12)).item()


def test_what_the_page_opens_with_is_true(board: Board, network: nn.Module, photos: Tensor) -> None:
    """The tripod is where Grad-CAM says, and the astronaut is a bobsled, without certainty."""
    assert "example=0" in board.opening
    assert f"layer={LAYER}" in board.opening
    chances = engine.predict(network, photos).softmax(1)
    assert chances[0, names().index("tripod")] > 0.9
    assert names()[int(chances[3].argmax())] == "bobsled"
    assert chances[3].max() < 0.4
    assert _share(network, photos[:1]) > 0.95
    assert max(_share(untrained(seed), photos[:1]) for seed in (0, 1)) < 0.8
