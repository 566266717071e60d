"""The demo `tumours`: its board, its network, and what its first view says."""

from __future__ import annotations

import pytest
import torch

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.tumours.data import CLASSES, PROPERTIES, Tumours, tumours
from attriboard.demos.tumours.model import WEIGHTS, trained, untrained
from attriboard.demos.tumours.train import SEED, correct, train


@pytest.fixture(scope="module")
def board() -> Board:
    return DEMOS["tumours"].load()


@pytest.fixture(scope="module")
def data() -> Tumours:
    return tumours()


def test_the_board_gives_the_network_what_it_was_trained_on(board: Board, data: Tumours) -> None:
    assert (len(board), board.warnings) == (569, ())
    (rows,) = board.tensors([board.example(index) for index in (0, 7, 568)])
    torch.testing.assert_close(rows, data.rows[[0, 7, 568]])


def test_accuracy_on_the_test_split(data: Tumours) -> None:
    right = correct(trained(), data)
    assert right.float().mean() >= 0.95
    assert (~right).sum() >= 5  # mistakes are what the dashboard is for
    assert correct(untrained(SEED), data).float().mean() < 0.8


def test_columns_of_one_property_are_one_group(board: Board) -> None:
    groups = board.features({"tumour": "groups"}, board.example(0))
    assert groups is not None
    assert groups[0].bincount().tolist() == [3] * len(PROPERTIES)


def test_what_the_page_opens_with_is_true(board: Board, data: Tumours) -> None:
    """Tumour 135 is malignant, and the network is sure that it is benign."""
    assert "example=135" in board.opening
    assert board.example(135).metadata["split"] == "test"
    assert CLASSES[data.labels[135]] == "malignant"
    sure = engine.predict(trained(), data.rows[135:136]).softmax(1)[0, CLASSES.index("benign")]
    assert sure > 0.98


def test_the_same_seed_trains_the_same_network(data: Tumours) -> None:
    first, again, other = (train(data, 5, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["hidden.weight"], other["hidden.weight"])


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 10_000
