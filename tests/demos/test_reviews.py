"""The demo `reviews`: its fetched data, its network, and its words against a lexicon.

People gave every word of the lexicon a valence. The network never sees it: it learns from whole
sentences alone. What the untrained network also passes proves nothing.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.reviews.board import ABOUT, FIGURE
from attriboard.demos.reviews.data import CLASSES, CLEAR, PAD, Reviews, reviews, words
from attriboard.demos.reviews.model import WEIGHTS, trained, untrained
from attriboard.demos.reviews.train import SEED, confidence, correct, padded, train

EXAMPLES = 150
STRONG = 2.0  # of the lexicon's valences, which reach from -4 to 4
SURE = 0.9


@pytest.fixture(scope="module")
def data() -> Reviews:
    return reviews()


@pytest.fixture(scope="module")
def board(data: Reviews) -> Board:
    return DEMOS["reviews"].load()


@pytest.fixture(scope="module")
def beginner(data: Reviews) -> nn.Module:
    return untrained(SEED, len(data.vocabulary))


def test_the_sentences_are_those_people_scored(data: Reviews) -> None:
    assert {item["source"] for item in data.items} == {"film review", "product review", "tweet"}
    assert all(abs(item["rated"]) >= CLEAR for item in data.items)
    assert all((item["rated"] > 0) == (item["label"] == 1) for item in data.items)
    assert 2000 < int(data.tested.sum()) < 0.25 * len(data.items)
    assert data.lexicon["great"] == 3.1
    assert data.lexicon["horrible"] == -2.5


def test_the_board_reads_sentences_as_the_network_was_trained(board: Board, data: Reviews) -> None:
    assert board.warnings == ()
    assert len(board) == int(data.tested.sum())
    item = data.split(tested=True)[FIGURE[0]]
    (ids,) = board.tensors([board.example(FIGURE[0])])
    assert ids[0].tolist() == data.ids(item["sentence"])
    (baseline,) = board.baseline(None, board.example(FIGURE[0]))
    assert (baseline == data.vocabulary.index(PAD)).all()


def test_accuracy_on_sentences_never_seen(data: Reviews, beginner: nn.Module) -> None:
    assert correct(trained(), data, padded).float().mean() >= 0.77
    assert correct(beginner, data, padded).float().mean() < 0.65


def test_padding_does_not_speak(data: Reviews) -> None:
    ids = padded(data, data.split(tested=True)[:4])
    longer = nn.functional.pad(ids, (0, 7))
    torch.testing.assert_close(trained()(ids), trained()(longer))


def agreement(model: nn.Module, data: Reviews, sure: float) -> tuple[int, int, float]:
    """Sentences and strong words looked at, and the share whose sign is that of their valence."""
    chance = confidence(model, data, padded)
    agree: list[bool] = []
    sentences = 0
    for item, positive in zip(data.split(tested=True), chance.tolist(), strict=True):
        strong = {
            place: data.lexicon[word]
            for place, word in enumerate(words(item["sentence"]))
            if abs(data.lexicon.get(word, 0.0)) >= STRONG
        }
        if not strong or max(positive, 1 - positive) < sure:
            continue
        ids = torch.tensor([data.ids(item["sentence"])])
        answer = int(positive > 0.5)
        method = engine.IntegratedGradients(n_steps=16)
        found = engine.attribute(model, ids, method, answer, baselines=0).attributions[0][0]
        side = 1 if CLASSES[answer] == "positive" else -1
        agree += [float(found[place]) * valence * side > 0 for place, valence in strong.items()]
        sentences += 1
        if sentences == EXAMPLES:
            break
    return sentences, len(agree), sum(agree) / len(agree)


def test_words_have_the_sign_of_their_valence(data: Reviews, beginner: nn.Module) -> None:
    sentences, count, share = agreement(trained(), data, SURE)
    _, _, untrained_share = agreement(beginner, data, 0.5)
    print(f"\n{count} strong words in {sentences} sentences: {share:.3f} with their valence's sign")
    print(f"untrained: {untrained_share:.3f}")
    assert sentences == EXAMPLES
    assert share >= 0.75
    assert untrained_share < 0.65


def test_what_the_page_opens_with_is_true(board: Board, data: Reviews) -> None:
    """A sure mistake comes first; one word speaks most for it, as the text hints."""
    assert f"example={FIGURE[0]}" in board.opening
    assert board.views == {"Figure 3 of Captum's paper": board.opening}
    chance = confidence(trained(), data, padded)
    items = data.split(tested=True)
    assert chance[FIGURE[0]] > 0.95
    assert "Men with Brooms" in ABOUT  # the one that opens, wherever the list has it
    assert "Men with Brooms" in items[FIGURE[0]]["sentence"]
    assert items[FIGURE[0]]["rated"] < -1
    assert all(
        (chance[place] > 0.95) if items[place]["label"] else (chance[place] < 0.05)
        for place in FIGURE[1:]
    )
    ids = torch.tensor([data.ids(items[FIGURE[0]]["sentence"])])
    found = engine.attribute(trained(), ids, engine.IntegratedGradients(), 1, baselines=0)
    strongest = int(found.attributions[0][0].argmax())
    assert words(items[FIGURE[0]]["sentence"])[strongest] == "unique"


def test_the_same_seed_trains_the_same_network(data: Reviews) -> None:
    first, again, other = (train(data, 3, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["scores.weight"], other["scores.weight"])


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 600_000
