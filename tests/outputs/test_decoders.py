"""Decoders: the next token at a chosen position, and the log-probability of a given sequence."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import attriboard as ab
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.request import AttributionRequest
from tests.jobs.conftest import Open, arrays, open_session, results

__all__ = ["open_session"]

WORDS = ["<pad>", "one", "two", "three", "four", "and"]
"""A rule: after a number comes the next one, after "and" the number that stood before it."""


class Decoder(nn.Module):
    """Ids (N, L) to the scores of what follows (N, L, V); each position sees itself and before."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.words = nn.Embedding(len(WORDS), 12)
        self.read = nn.GRU(12, 12, batch_first=True)
        self.tell = nn.Linear(12, len(WORDS))

    def forward(self, ids: Tensor) -> Tensor:
        scores: Tensor = self.tell(self.read(self.words(ids))[0])
        return scores


def encoded(text: str) -> list[int]:
    return [WORDS.index(word) for word in text.split()]


TEXTS = ["one two three", "two three", "three and three four", "one", "one and one two"]
FOLLOWING = ["four", "four", None, "two", 3]
MODEL = Decoder().eval()
TEXT = ab.Text("text", encoded, vocabulary=WORDS)


def ask(target: Any, example: int = 0, method: str = "IntegratedGradients") -> AttributionRequest:
    return AttributionRequest(examples=(example,), method_id=method, target=target)


def test_any_position_is_explained_and_none_by_what_comes_after_it(open_session: Open) -> None:
    data = list(zip(TEXTS, FOLLOWING, strict=True))
    made = ab.Board(MODEL, data, TEXT, ab.NextToken(WORDS))
    session = open_session(made)
    for position in (0, 1, 3):
        meta = results(session, ask({"index": [position, 4]}, 2))[0]
        assert meta["target"] == {
            "index": position * len(WORDS) + 4,
            "name": f"four after position {position}",
        }
        found = arrays(session, meta)["text"]
        assert found.shape == (4,)
        assert not found[position + 1 :].any()
        assert found[: position + 1].all()
        with torch.no_grad():
            raw = MODEL(torch.tensor([encoded(TEXTS[2])]))[0, position, 4]
        assert meta["score"] == pytest.approx(float(raw), abs=1e-5)
        assert meta["gap"] < 1e-2


@pytest.mark.parametrize("length", [None, 7])
def test_an_example_is_predicted_with_what_follows_it(
    open_session: Open, length: int | None
) -> None:
    """Padding after it is no position."""
    text = ab.Text("text", encoded, vocabulary=WORDS, length=length)
    made = ab.Board(MODEL, list(zip(TEXTS, FOLLOWING, strict=True)), text, ab.NextToken(WORDS))
    session = open_session(made)
    job = session.start()
    assert job is not None
    assert job.wait(30)
    items = session.catalog.page(Query(limit=5)).items
    for item, text in zip(items, TEXTS, strict=True):
        with torch.no_grad():
            shares = MODEL(torch.tensor([encoded(text)]))[0, -1].softmax(0)
        assert item["predicted"] == int(shares.argmax())
        assert item["score"] == pytest.approx(float(shares.max()), abs=1e-5)
    assert [item["label_name"] for item in items] == ["four", "four", None, "two", "three"]
    own = results(session, ask(None))[0]["target"]["name"]
    assert own == f"{items[0]['predicted_name']} after position 2"


def test_tokens_are_named_from_any_vocabulary() -> None:
    class Tokenizer:
        def get_vocab(self) -> dict[str, int]:
            return {"a": 0, "b": 2}

    assert ab.NextToken(Tokenizer()).names == ["a", "id 1", "b"]
    assert ab.NextToken({0: "a", 1: "a"}).names == ["a", "a (1)"]
    with pytest.raises(InvalidInput, match="needs a vocabulary"):
        ab.NextToken(7)


class Answer(nn.Module):
    """A question's ids and an answer's, each position of which is scored: (N, T, V)."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.words = nn.Embedding(len(WORDS), 8)
        self.tell = nn.Linear(16, len(WORDS))

    def forward(self, question: Tensor, answer: Tensor) -> Tensor:
        asked = self.words(question).mean(1, keepdim=True).expand(-1, answer.shape[1], -1)
        said = self.words(answer.clamp_min(0))
        scores: Tensor = self.tell(torch.cat([asked, said], 2).tanh())
        return scores


def _log_probability(scores: Tensor, ids: list[int]) -> float:
    rows = scores.log_softmax(-1)
    pairs = zip(rows[:-1], ids[1:], strict=True)
    return float(sum(row[token] for row, token in pairs if token >= 0))


@pytest.mark.parametrize("method", ["IntegratedGradients", "FeatureAblation", "ShapleyValues"])
def test_the_sequence_asked_about_stays_while_the_input_moves(
    open_session: Open, method: str
) -> None:
    model = Answer().eval()
    answers = [[1, 2, 3], [4, 3, -100], [2, 2, 5]]
    data = [{"text": text, "answer": ids} for text, ids in zip(TEXTS[:3], answers, strict=True)]
    made = ab.Board(model, data, [TEXT, ab.Extra("answer")], ab.SequenceScore("answer"))
    session = open_session(made)
    job = session.start()
    assert job is not None
    assert job.wait(30)
    assert job.failure is None
    for index, ids in enumerate(answers):
        question = torch.tensor([encoded(TEXTS[index])])
        meta = results(session, ask(None, index, method))[0]
        found = torch.from_numpy(arrays(session, meta)["text"])
        with torch.no_grad():
            whole = _log_probability(model(question, torch.tensor([ids]))[0], ids)
            none = _log_probability(model(question * 0, torch.tensor([ids]))[0], ids)
        item = session.catalog.rows([index], "model")[0]
        assert item["predicted"] == pytest.approx(whole, abs=1e-4)
        assert found.shape == question.shape[1:]
        if method != "FeatureAblation":
            assert float(found.sum()) == pytest.approx(whole - none, abs=1e-2)
        assert meta["target"]["name"] == "log-probability"


def test_a_decoder_that_takes_no_labels_is_not_given_them(open_session: Open) -> None:
    rows = [[-100, -100, 3], [1, 2, 3]]
    data = [{"text": "one two three", "wanted": ids} for ids in rows]
    extra = ab.Extra("wanted", passed=False)
    made = ab.Board(MODEL, data, [TEXT, extra], ab.SequenceScore("wanted"))
    session = open_session(made)
    with torch.no_grad():
        scores = MODEL(torch.tensor([[1, 2, 3]]))[0]
    for index, ids in enumerate(rows):
        raw = session.predict("model", index)
        assert float(raw) == pytest.approx(_log_probability(scores, ids), abs=1e-5)
    mean = ab.Board(MODEL, data, [TEXT, extra], ab.SequenceScore("wanted", mean=True))
    with torch.no_grad():
        one = mean.models["model"](torch.tensor([[1, 2, 3]]), torch.tensor([rows[1]]))
    assert float(one) == pytest.approx(_log_probability(scores, rows[1]) / 2, abs=1e-5)


def test_what_does_not_fit_is_said() -> None:
    data = [{"text": "one two", "wanted": [1, 2, 3]}] * 2
    extra = ab.Extra("wanted", passed=False)
    with pytest.raises(ModelError, match="3 ids, and the model scores 2 positions"):
        ab.Board(MODEL, data, [TEXT, extra], ab.SequenceScore("wanted"))
    with pytest.raises(ModelError, match="none of the inputs: text, wanted"):
        ab.Board(MODEL, data, [TEXT, extra], ab.SequenceScore("other"))
    bag = nn.Sequential(nn.Embedding(6, 6), nn.Flatten())
    with pytest.raises(ModelError, match=r"NextToken needs \(N, L, V\)"):
        ab.Board(bag, [("one", None)], TEXT, ab.NextToken(WORDS))


class FromVectors(nn.Module):
    """Vectors (N, L, 8) to two scores."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.tell = nn.Linear(8, 2)

    def forward(self, vectors: Tensor) -> Tensor:
        scores: Tensor = self.tell(vectors.tanh().mean(1))
        return scores


class Whole(nn.Module):
    """The same from ids."""

    def __init__(self, words: nn.Module, rest: nn.Module) -> None:
        super().__init__()
        self.words, self.rest = words, rest

    def forward(self, ids: Tensor) -> Tensor:
        scores: Tensor = self.rest(self.words(ids))
        return scores


@pytest.mark.parametrize("method", ["IntegratedGradients", "DeepLift", "Occlusion", "KernelShap"])
def test_a_model_of_vectors_is_explained_token_by_token(open_session: Open, method: str) -> None:
    torch.manual_seed(3)
    words, rest = nn.Embedding(len(WORDS), 8), FromVectors()
    data = [(text, index % 2) for index, text in enumerate(TEXTS)]
    classes = ab.Classes(["even", "odd"])
    text = ab.Text("text", encoded, embedding=words, vocabulary=WORDS)
    vectors = open_session(ab.Board(rest, data, text, classes))
    ids = open_session(ab.Board(Whole(words, rest), data, TEXT, classes))
    for index in range(3):
        ours, theirs = (results(one, ask(1, index, method))[0] for one in (vectors, ids))
        found, wanted = arrays(vectors, ours)["text"], arrays(ids, theirs)["text"]
        assert found.shape == (len(encoded(TEXTS[index])),)
        torch.testing.assert_close(torch.from_numpy(found), torch.from_numpy(wanted))
    assert [layer.name for layer in vectors.layers("model")] == ["embedding_of_text", "tell"]


def test_another_embedding_is_another_model() -> None:
    data = [(text, 0) for text in TEXTS]
    marks = set()
    rest = FromVectors()
    for seed in (0, 1):
        torch.manual_seed(seed)
        text = ab.Text("text", encoded, embedding=nn.Embedding(len(WORDS), 8))
        made = ab.Board(rest, data, text, ab.Classes(["even", "odd"]))
        marks.add(made.model_fingerprint("model"))
    assert len(marks) == 2
    with pytest.raises(InvalidInput, match="give the module"):
        ab.Text("text", encoded, embedding="words")  # type: ignore[arg-type]
