"""Per-token outputs: a target is a class at a position, and the numbers are that position's own."""

from __future__ import annotations

import math

import pytest
import torch

import attriboard as ab
from attriboard import engine
from attriboard.api.views.outputs import prediction_view
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.request import AttributionRequest
from tests.jobs.conftest import Open, arrays, open_session, results
from tests.outputs.made import TAGS, WORDS, encoded, sentences, trained_tagger

__all__ = ["open_session"]

MODEL = trained_tagger()
OUTPUT = ab.PerToken(TAGS, background="O")


def board(texts: list[dict[str, object]] | None = None) -> ab.Board:
    text = ab.Text("text", tokenizer=encoded, vocabulary=WORDS)
    return ab.Board(MODEL, texts or sentences(24), text, OUTPUT)


def ask(target: object, method: str = "IntegratedGradients") -> AttributionRequest:
    return AttributionRequest(examples=(0,), method_id=method, target=target)  # type: ignore[arg-type]


def test_a_position_is_explained_by_the_words_it_sees(open_session: Open) -> None:
    data = [{"text": "here not cat a dog", "label": ["O", "O", "WILD", "O", "PET"]}] * 2
    session = open_session(board(data))
    for position, tag, seen in ((2, 2, [1, 2]), (4, 1, [3, 4])):
        meta = results(session, ask({"index": [position, tag]}))[0]
        found = torch.from_numpy(arrays(session, meta)["text"])
        assert found.nonzero().flatten().tolist() == seen
        assert meta["target"] == {
            "index": position * 3 + tag,
            "name": f"{TAGS[tag]} at position {position}",
        }
        with torch.no_grad():
            raw = MODEL(torch.tensor([encoded("here not cat a dog")]))[0, position, tag]
            none = MODEL(torch.zeros(1, 5, dtype=torch.long))[0, position, tag]
        assert meta["score"] == pytest.approx(float(raw), abs=1e-5)
        assert float(found.sum()) == pytest.approx(float(raw - none), rel=1e-2)


def test_every_form_of_target_names_the_same_number(open_session: Open) -> None:
    session = open_session(board())
    flat, path = (results(session, ask(target))[0] for target in (5, {"index": [1, 2]}))
    assert flat["key"] == path["key"]
    both = results(session, ask({"contrast": [4, 5]}))[0]
    assert both["target"]["name"] == "PET at position 1 rather than WILD at position 1"
    one, other = (results(session, ask(index))[0] for index in (4, 5))
    wanted = arrays(session, one)["text"] - arrays(session, other)["text"]
    torch.testing.assert_close(
        torch.from_numpy(arrays(session, both)["text"]),
        torch.from_numpy(wanted),
        atol=1e-5,
        rtol=1e-4,
    )


@pytest.mark.parametrize("method", ["DeepLift", "FeatureAblation", "ShapleyValueSampling"])
def test_methods_add_up_at_a_position(open_session: Open, method: str) -> None:
    session = open_session(board())
    meta = results(session, ask({"index": [2, 1]}, method))[0]
    found = arrays(session, meta)["text"]
    assert found.shape == (3,)
    if method != "FeatureAblation":
        assert meta["gap"] is None or meta["gap"] < 1e-3


def test_the_models_own_prediction_is_its_surest_tag_that_says_anything() -> None:
    row = torch.tensor([[9.0, 0, 0], [0, 2, 0], [0, 0, 4]]).flatten()
    assert OUTPUT.own(row) == 2 * 3 + 2
    assert ab.PerToken(TAGS).own(row) == 0
    assert OUTPUT.own(torch.tensor([5.0, 0, 0])) == 0


def test_examples_are_listed_by_the_tags_that_occur_in_them(open_session: Open) -> None:
    session = open_session(board())
    job = session.start()
    assert job is not None
    job.wait(30)
    items = session.catalog.page(Query(limit=100)).items
    for item, row in zip(items, sentences(24), strict=True):
        tags = sorted({TAGS.index(tag) for tag in row["label"]} - {0})
        assert item["label"] == tags
        assert item["computed"]["accuracy"] == 1
        assert item["correct"]
    pets = session.catalog.page(Query(where='label contains "PET"', limit=100))
    assert 0 < pets.total < 24


def test_accuracy_loss_and_verdict_are_over_labelled_positions() -> None:
    raw = torch.tensor([[2.0, 0, 0], [0, 2, 0], [0, 2, 0]]).reshape(1, -1)
    found = OUTPUT.predictions(raw)
    assert found.predicted == [(1,)]
    label = OUTPUT.label([0, 2, -100])
    assert found.correct([label]) == [False]
    assert OUTPUT.columns(found, [label]) == {"accuracy": [0.5]}
    row = raw.reshape(3, 3).double().log_softmax(1)
    assert found.loss([label]).item() == pytest.approx(-(row[0, 0] + row[1, 2]).item() / 2)
    assert found.correct([OUTPUT.label(["O", "PET", None])]) == [True]
    assert found.correct([None]) == [None]
    assert math.isnan(found.loss([None]).item())


def test_what_does_not_fit_is_said() -> None:
    text = ab.Text("text", tokenizer=encoded)
    with pytest.raises(ModelError, match="3 scores for each place, but output= names 2"):
        ab.Board(MODEL, ["not a cat"] * 2, text, ab.PerToken(TAGS[:2]))
    with pytest.raises(InvalidInput, match="not among the names"):
        ab.PerToken(TAGS, background="X")
    with pytest.raises(InvalidInput, match="outside the 3 classes"):
        OUTPUT.label([0, 3])
    flat = torch.nn.Sequential(torch.nn.Embedding(9, 3), torch.nn.Flatten())
    with pytest.raises(ModelError, match=r"PerToken needs \(N, L, K\)"):
        ab.Board(flat, sentences(4), text, OUTPUT)


def test_a_position_beyond_the_text_is_refused(open_session: Open) -> None:
    session = open_session(board())
    job = session.attributions(ask({"index": [3, 0]}))
    assert not isinstance(job, list)
    job.wait(30)
    assert job.failure is not None
    assert "outside the model's output" in job.failure.detail


def test_layers_keep_their_names_and_the_model_is_the_users_own() -> None:
    made = board()
    assert [name for name, _ in made.models["model"].named_modules()] == [
        "",
        "words",
        "mix",
        "tags",
    ]
    assert made.models["model"].words is MODEL.words
    assert type(MODEL).__name__ == type(made.models["model"]).__name__
    ids = torch.tensor([encoded("not a cat")])
    assert MODEL(ids).shape == (1, 3, 3)
    result = engine.attribute(made.models["model"], ids, engine.LayerActivation(), 0, layer="tags")
    torch.testing.assert_close(result.attributions[0], MODEL(ids).detach())


def test_padding_is_no_position(open_session: Open) -> None:
    """The answers of padded texts are those of the same texts without padding."""
    text = ab.Text("text", tokenizer=encoded, vocabulary=WORDS, length=9)
    model = Sure()
    padded = ab.Board(model, sentences(12), text, OUTPUT)
    plain = ab.Board(
        model, sentences(12), ab.Text("text", tokenizer=encoded, vocabulary=WORDS), OUTPUT
    )
    one, other = open_session(padded), open_session(plain)
    for session in (one, other):
        job = session.start()
        assert job is not None
        job.wait(30)
    pairs = zip(*(s.catalog.page(Query(limit=12)).items for s in (one, other)), strict=True)
    for with_padding, without in pairs:
        for told in ("label", "predicted", "correct", "score", "margin", "loss"):
            assert with_padding[told] == pytest.approx(without[told], rel=1e-4)
        accuracy = with_padding["computed"]["accuracy"]
        assert accuracy == pytest.approx(without["computed"]["accuracy"])
    for index in range(4):
        words = len(sentences(12)[index]["text"].split())
        asked = AttributionRequest(examples=(index,), method_id="FeatureAblation", target=None)
        (mine,), (theirs,) = results(one, asked), results(other, asked)
        assert mine["target"] == theirs["target"]
        assert prediction_view(one, "model", index)["places"]["classes"][words:] == [-1] * (
            9 - words
        )
        assert -1 not in prediction_view(other, "model", index)["places"]["classes"]


class Sure(torch.nn.Module):
    """The tagger, which is surest of what it says of padding: that it is WILD."""

    def __init__(self) -> None:
        super().__init__()
        self.tagger = MODEL

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        wild = torch.tensor([0.0, 0.0, 99.0])
        found: torch.Tensor = self.tagger(ids)
        return torch.where((ids == 0)[..., None], wild, found)
