"""The demo `digits`: its mosaics, its network, and Grad-CAM against the places that are known.

Which digit stands where is known, and the network was never told. What the untrained network
also passes proves nothing, so each measure runs on that one too and must fail there.
"""

from __future__ import annotations

import pytest
import torch

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.digits.data import COUNT, DIGITS, PLACES, SIDE, Mosaics, digits, present
from attriboard.demos.digits.model import WEIGHTS, DigitsNet, trained, untrained
from attriboard.demos.digits.train import SEED, correct, train

EXAMPLES = 100
LAYER = "features.13"  # the last map, 14 x 14


@pytest.fixture(scope="module")
def board() -> Board:
    return DEMOS["digits"].load()


@pytest.fixture(scope="module")
def data() -> Mosaics:
    return Mosaics("test")


def test_mosaics_hold_four_different_digits_of_the_split(data: Mosaics) -> None:
    assert len(data) == COUNT
    assert all(len(set(row)) == len(PLACES) for row in data.placed.tolist())
    seen, unseen = digits("train")[0], digits("test")[0]
    assert (len(seen), len(unseen)) == (4000, 1000)
    cell = data.pictures[0, 0, :SIDE, :SIDE]
    assert (unseen == cell).flatten(1).all(1).any()
    assert not (seen == cell).flatten(1).all(1).any()


def test_an_item_says_which_digit_stands_where(data: Mosaics) -> None:
    item = data[5]
    places = [item["top_left"], item["top_right"], item["bottom_left"], item["bottom_right"]]
    assert places == data.placed[5].tolist()
    assert item["label"] == sorted(places)
    assert item["picture"].size == (2 * SIDE, 2 * SIDE)


def test_the_board_gives_the_network_what_it_was_trained_on(board: Board, data: Mosaics) -> None:
    assert (len(board), board.warnings) == (COUNT, ())
    (pictures,) = board.tensors([board.example(index) for index in (0, 9, 399)])
    torch.testing.assert_close(pictures, data.pictures[[0, 9, 399]], atol=0.5 / 255, rtol=0)


def test_accuracy_on_digits_never_seen(data: Mosaics) -> None:
    right = correct(trained(), data)
    assert right.float().mean() >= 0.8
    assert (~right).sum() >= 20  # mistakes are what the dashboard is for
    assert correct(untrained(SEED), data).float().mean() < 0.05


def cells(model: DigitsNet, pictures: torch.Tensor, target: list[int]) -> torch.Tensor:
    """What Grad-CAM finds for the target in each of the four cells, (N, 4, 7, 7)."""
    found = engine.attribute(model, pictures, engine.GradCam(), target, layer=LAYER)
    heat = found.attributions[0][:, 0].clamp_min(0)
    return heat.unflatten(1, (2, 7)).unflatten(3, (2, 7)).transpose(2, 3).flatten(1, 2)


def grad_cam(model: DigitsNet, data: Mosaics) -> tuple[float, float]:
    """The mean share of the mass in the right cell, and how often the peak lies there."""
    shares, peaks = [], []
    pictures, placed = data.pictures[:EXAMPLES], data.placed[:EXAMPLES]
    for place in range(len(PLACES)):
        heat = cells(model, pictures, placed[:, place].tolist())
        mass = heat.sum((2, 3))
        shares.append(mass[:, place] / mass.sum(1).clamp_min(1e-12))
        peaks.append((heat.amax((2, 3)).argmax(1) == place).float())
    return torch.cat(shares).mean().item(), torch.cat(peaks).mean().item()


def test_grad_cam_finds_the_cell_of_each_digit(data: Mosaics) -> None:
    mass, pointing = grad_cam(trained(), data)
    untrained_mass, untrained_pointing = grad_cam(untrained(SEED), data)
    print(f"\nGrad-CAM in the right cell: mass {mass:.3f}, untrained {untrained_mass:.3f}")
    print(f"Grad-CAM pointing: {pointing:.3f}, untrained {untrained_pointing:.3f}")
    assert mass >= 0.8
    assert pointing >= 0.95
    assert untrained_mass < 0.4
    assert untrained_pointing < 0.4


def test_what_the_page_opens_with_is_true(board: Board, data: Mosaics) -> None:
    """In mosaic 308 the 7 at the top right is taken for a 2, by what is drawn there."""
    assert "example=308" in board.opening
    assert f"target={DIGITS.index('2')}" in board.opening
    assert data.placed[308].tolist() == [8, 7, 4, 0]
    scores = engine.predict(trained(), data.pictures[308:309])[0].sigmoid()
    assert scores[2] > 0.75
    assert scores[7] < 0.2
    mass = cells(trained(), data.pictures[308:309], [2]).sum((0, 2, 3))
    assert mass[1] / mass.sum() > 0.9


def test_the_same_seed_trains_the_same_network() -> None:
    first, again, other = (train(3, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["scores.weight"], other["scores.weight"])


def test_present_says_which_digits_are_there() -> None:
    assert present(torch.tensor([[4, 0, 9, 2]]))[0].nonzero()[:, 0].tolist() == [0, 2, 4, 9]


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 300_000
