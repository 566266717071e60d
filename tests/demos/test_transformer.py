"""The demo `transformer`: masks, sums, and words against the lexicon, by four methods."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.reviews.data import CLASSES, Reviews, reviews
from attriboard.demos.reviews.train import correct
from attriboard.demos.transformer.data import padded, tokens, vocabulary
from attriboard.demos.transformer.model import LENGTH, WEIGHTS, Encoder, trained, untrained
from attriboard.demos.transformer.train import SEED, train

EXAMPLES = 60
UNKNOWN = 1


@dataclass(frozen=True)
class Chosen:
    """Sentences with a strong word: ids (N, L), answers, and the words' valences (N, L)."""

    ids: Tensor
    baselines: Tensor
    valences: Tensor

    def answers(self, model: Encoder) -> list[int]:
        found: list[int] = engine.predict(model, self.ids).argmax(1).tolist()
        return found

    def attributed(self, model: Encoder, method: engine.Method) -> engine.Result:
        """Towards each sentence's own answer."""
        answers = self.answers(model)
        result: engine.Result = engine.attribute(
            model, self.ids, method, answers, baselines=self.baselines
        )
        return result

    def agreement(self, model: Encoder, method: engine.Method) -> float:
        """The share of strong words whose attribution has the sign of their valence."""
        values = self.attributed(model, method).attributions[0]
        positive = CLASSES.index("positive")
        sides = torch.tensor([1.0 if a == positive else -1.0 for a in self.answers(model)])
        agrees = values * self.valences * sides[:, None] > 0
        return agrees[self.valences != 0].float().mean().item()


@pytest.fixture(scope="module")
def data() -> Reviews:
    return reviews()


@pytest.fixture(scope="module")
def board(data: Reviews) -> Board:
    return DEMOS["transformer"].load()


@pytest.fixture(scope="module")
def chosen(data: Reviews) -> Chosen:
    items, valences = [], []
    for item in data.split(tested=True):
        found = [data.lexicon.get(word, 0.0) for word in tokens(item["sentence"])[:LENGTH]]
        strong = [valence if abs(valence) >= 2 else 0.0 for valence in found]
        if any(strong):
            items.append(item)
            valences.append(strong + [0.0] * (LENGTH - len(strong)))
        if len(items) == EXAMPLES:
            break
    ids = padded(data, items)
    special = (ids == 0) | (ids == len(data.vocabulary))
    return Chosen(ids, ids.where(special, torch.tensor(UNKNOWN)), torch.tensor(valences))


def test_accuracy_on_sentences_never_seen(data: Reviews) -> None:
    assert correct(trained(), data, padded).float().mean() >= 0.75
    beginner = untrained(SEED, len(vocabulary(data)))
    assert correct(beginner, data, padded).float().mean() < 0.65


def test_the_board_reads_sentences_as_the_network_was_trained(board: Board, data: Reviews) -> None:
    (ids,) = board.tensors([board.example(index) for index in (0, 909)])
    items = data.split(tested=True)
    assert torch.equal(ids, padded(data, [items[0], items[909]]))
    (baseline,) = board.baseline(None, board.example(909))
    inside = (ids[1] != 0) & (ids[1] != len(data.vocabulary))
    assert torch.equal(baseline[0], ids[1].where(~inside, torch.tensor(UNKNOWN)))
    assert board.inputs[0].default_baseline == "unk"


def test_nobody_looks_at_padding(chosen: Chosen) -> None:
    model, short = trained(), chosen.ids[:, :-4][chosen.ids[:, -4] == 0]
    longer = torch.nn.functional.pad(short, (0, 4))
    torch.testing.assert_close(model(short), model(longer))
    for method in (engine.DeepLift(), engine.LRP(), engine.AttentionRollout(row="first")):
        values = chosen.attributed(model, method).attributions[0]
        assert values.shape == chosen.ids.shape
        assert (values[chosen.ids == 0] == 0).all()


def test_deep_lift_and_integrated_gradients_add_up(chosen: Chosen) -> None:
    for method, gap in ((engine.DeepLift(), 1e-5), (engine.IntegratedGradients(200), 0.02)):
        delta = chosen.attributed(trained(), method).delta
        assert delta is not None
        assert delta.abs().max() < gap


def test_padding_as_the_baseline_changes_the_mask_and_leaves_a_gap(chosen: Chosen) -> None:
    """Why the board does not use it: the scores at the baseline are of a shorter text."""
    empty = chosen.ids.where(chosen.ids == chosen.ids[0, 0], torch.tensor(0))
    answers = chosen.answers(trained())
    method = engine.DeepLift()
    delta = engine.attribute(trained(), chosen.ids, method, answers, baselines=empty).delta
    assert delta.abs().mean() > 0.1


@pytest.mark.parametrize(
    "method", [engine.IntegratedGradients(20), engine.DeepLift()], ids=["IG", "DeepLIFT"]
)
def test_words_have_the_sign_of_their_valence(
    chosen: Chosen, data: Reviews, method: engine.Method
) -> None:
    share = chosen.agreement(trained(), method)
    beginner = chosen.agreement(untrained(SEED, len(vocabulary(data))), method)
    print(f"\n{method}: {share:.3f} with their valence's sign, untrained {beginner:.3f}")
    assert share >= 0.7
    assert beginner < 0.65


def test_rollout_is_a_share_of_attention_and_the_same_for_every_answer(chosen: Chosen) -> None:
    model, method = trained(), engine.AttentionRollout(row="first")
    rolled = [
        engine.attribute(model, chosen.ids, method, target).attributions[0] for target in (0, 1)
    ]
    assert torch.equal(rolled[0], rolled[1])
    assert (rolled[0] >= 0).all()
    torch.testing.assert_close(rolled[0].sum(1), torch.ones(len(chosen.ids)))


def test_what_the_page_opens_with_is_true(board: Board, data: Reviews) -> None:
    assert "example=909" in board.opening
    item = data.split(tested=True)[909]
    assert item["label"] == CLASSES.index("negative")
    scores = engine.predict(trained(), padded(data, [item]))
    assert scores.softmax(1)[0, CLASSES.index("positive")] > 0.8


def test_the_same_seed_trains_the_same_network(data: Reviews) -> None:
    first, again, other = (train(data, 2, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["scores.weight"], other["scores.weight"])


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 600_000
