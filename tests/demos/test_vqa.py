"""The demo `vqa`: its data, its tokenizer, its weights, its board."""

from __future__ import annotations

import pytest
import torch
from easy_vqa import get_answers, get_train_questions
from safetensors import safe_open

from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.vqa.data import ANSWERS, EasyVqa, Tensors
from attriboard.demos.vqa.model import WEIGHTS, VqaNet
from attriboard.demos.vqa.train import correct
from attriboard.demos.vqa.words import LENGTH, PAD, UNK, VOCABULARY, ids, words


@pytest.fixture(scope="module")
def board() -> Board:
    return DEMOS["vqa"].load()


def test_the_test_split_is_served(board: Board, dataset: EasyVqa) -> None:
    assert len(board) == len(dataset) == 9673
    assert board.labelled
    assert board.warnings == ()


def test_an_item_holds_what_the_catalog_filters_by(dataset: EasyVqa) -> None:
    item = dataset[4]
    assert item["question"] == "is there not a black shape in the image?"
    assert (item["label"], item["asks"], item["negated"]) == (
        ANSWERS.index("yes"),
        "yes or no",
        True,
    )
    assert item["photo"].size == (64, 64)
    assert item["picture"] == 0
    assert {dataset[i]["asks"] for i in range(20)} == {"yes or no", "shape", "colour"}


def test_the_answers_are_easy_vqas() -> None:
    assert sorted(ANSWERS) == sorted(get_answers())


def test_the_vocabulary_is_that_of_the_training_questions() -> None:
    found = [words(question) for question in get_train_questions()[0]]
    assert (PAD, UNK, *sorted({word for question in found for word in question})) == VOCABULARY
    assert max(len(question) for question in found) == LENGTH


def test_the_board_gives_the_tensors_the_network_was_trained_on(
    board: Board, split: Tensors
) -> None:
    chosen = [0, 1, 25, 9672]
    photos, questions = board.tensors([board.example(i) for i in chosen])
    assert torch.equal(photos, split.photos[split.pictures[chosen]])
    assert torch.equal(questions, split.questions[chosen])


def test_a_word_never_seen_becomes_the_unknown_word() -> None:
    assert ids(["Is there a zebra?"])[0, 3] == VOCABULARY.index(UNK)


def test_the_default_baseline_is_a_pale_mean_colour_and_padding(
    board: Board, network: VqaNet
) -> None:
    photo, question = board.baseline(None, board.example(0), seed=0)
    torch.testing.assert_close(photo[0, :, 0, 0], network.colour, atol=0.03, rtol=0)
    assert (question == VOCABULARY.index(PAD)).all()


def test_the_weights_are_small_and_no_pickle() -> None:
    assert WEIGHTS.stat().st_size < 800_000
    with safe_open(str(WEIGHTS), framework="pt") as weights:
        assert "colour" in weights.keys()  # noqa: SIM118


def test_accuracy_on_the_test_split(network: VqaNet, beginner: VqaNet, split: Tensors) -> None:
    right = correct(network, split)
    assert right.float().mean() >= 0.99
    assert (~right).sum() >= 20  # mistakes are what the dashboard is for
    assert correct(beginner, split).float().mean() < 0.5


def test_the_board_serves_the_network_it_ships(board: Board, network: VqaNet) -> None:
    photos, questions = board.tensors([board.example(7)])
    served = board.models["model"]
    assert isinstance(served, VqaNet)
    assert torch.equal(served(photos, questions), network(photos, questions))
