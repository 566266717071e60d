"""What a request may hold, and what each of its parts does to the key of a result."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import attriboard as ab
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.plan import resolve
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.session import Session
from tests.jobs.boards import SIZE, Fusion, Questions, Watch, board
from tests.jobs.conftest import Open, ask, results


@pytest.mark.parametrize(
    ("request_", "field", "sentence"),
    [
        (ask(()), "examples", "at least one"),
        (ask(SIZE), "examples", "0 to 23"),
        (ask(-1), "examples", "no example -1"),
        (ask((True,)), "examples", "no example True"),
        (ask(tuple(range(1001))), "examples", "at most 1000"),
        (ask(0, "Salience"), "method.id", "Saliency"),
        (
            ask(0, "IntegratedGradients", params={"n_steps": 0}),
            "method.params.n_steps",
            "between 1",
        ),
        (ask(0, "IntegratedGradients", params={"steps": 5}), "method.params.steps", "n_steps"),
        (ask(0, "IntegratedGradients", params={"n_steps": "5"}), "method.params.n_steps", "whole"),
        (ask(0, model="other"), "model", "There are: model"),
        (ask(0, target=3), "target", "classes 0 to 2"),
        (ask(0, target=-1), "target", "no target -1"),
        (ask(0, target=True), "target", "index of a class"),
        (ask(0, target={"index": [0, 1]}), "target", "must be null"),
        (ask(0, target={"contrast": [0]}), "target", "must be null"),
        (ask(0, target={"contrast": [1, 1]}), "target.contrast", "two different"),
        (ask(0, target={"contrast": [0, 9]}), "target", "no target 9"),
        (ask(0, baseline={"photo": "pink"}), "baseline.photo", "mean"),
        (ask(0, baseline={"video": "mean"}), "baseline.video", "photo, question"),
        (ask(0, baseline={"photo": {"example": SIZE}}), "baseline.photo", "0 to 23"),
        (ask(0, baseline={"photo": {"item": 1}}), "baseline.photo", "a name or"),
        (ask(0, features={"photo": "stars"}), "features.photo", "superpixels"),
        (ask(0, features={"sound": "slices"}), "features.sound", "photo, question"),
        (ask(0, neuron=1), "layer", "unit of a layer"),
        (ask(0, "AttentionRollout", layer="head"), "layer", "at a layer"),
        (ask(0, "LayerActivation", layer="head", neuron=1), "neuron", "at a neuron"),
        (ask(0, "FeaturePermutation"), "examples", "at least 2"),
    ],
)
def test_what_is_wrong_is_named(
    session: Session, request_: AttributionRequest, field: str, sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as caught:
        session.attributions(request_)
    assert caught.value.field == field
    with pytest.raises(InvalidInput):
        session.estimate(request_)
    assert session.queue.jobs() == []


def test_a_layer_that_does_not_exist_fails_the_job_with_the_layers_there_are(
    session: Session,
) -> None:
    job = session.attributions(ask(0, target=0, layer="head.7"))
    assert not isinstance(job, list)
    assert job.wait(10)
    assert job.state == "failed"
    assert job.failure is not None
    assert job.failure.field == "layer"
    assert "picture.0" in job.failure.detail


def test_a_gradient_method_is_refused_on_a_black_box(open_session: Open) -> None:
    inner = Fusion(Watch())

    def black_box(photo: torch.Tensor, question: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            scores: torch.Tensor = inner(photo, question)
        return scores

    session = open_session(board(black_box))
    with pytest.raises(InvalidInput, match="black box") as caught:
        session.attributions(ask(0))
    assert caught.value.field == "method.id"
    (meta,) = results(session, ask(0, "Occlusion"))
    assert meta["method"]["id"] == "Occlusion"


BASE: dict[str, Any] = {"params": {"n_steps": 4}, "target": 0}


def key(session: Session, **fields: Any) -> str:
    (meta,) = results(session, ask(fields.pop("index", 0), "IntegratedGradients", **BASE | fields))
    found: str = meta["key"]
    return found


@pytest.mark.parametrize(
    "change",
    [
        {"index": 4},
        {"params": {"n_steps": 5}},
        {"params": {"n_steps": 4, "method": "riemann_trapezoid"}},
        {"target": 1},
        {"target": {"contrast": [0, 1]}},
        {"baseline": {"photo": "black"}},
        {"baseline": {"photo": {"example": 3}}},
        {"seed": 1},
        {"layer": "picture.0"},
    ],
)
def test_each_ingredient_changes_the_key(session: Session, change: dict[str, Any]) -> None:
    assert key(session, **change) != key(session)


def test_the_method_and_the_features_change_the_key(session: Session) -> None:
    keys = [
        results(session, ask(0, method, target=0, features=features))[0]["key"]
        for method, features in (
            ("Saliency", None),
            ("InputXGradient", None),
            ("FeatureAblation", {"photo": "patches"}),
            ("FeatureAblation", {"photo": "superpixels"}),
        )
    ]
    assert len(set(keys)) == 4


def test_what_is_the_same_has_the_same_key(session: Session) -> None:
    own = key(session, target=None)
    predicted = int(session.predict("model", 0).argmax())
    assert key(session, target=predicted) == own
    assert key(session, target={"index": [predicted]}) == own
    assert key(session, baseline={"photo": "mean"}) == key(session)
    assert key(session, params={"n_steps": 4, "multiply_by_inputs": True}) == key(session)
    assert key(session, features={"photo": "patches"}) == key(session)  # IG groups nothing


def test_other_weights_and_other_data_change_the_key(open_session: Open) -> None:
    class Shifted(Questions):
        def __getitem__(self, index: int) -> dict[str, Any]:
            item = super().__getitem__(index)
            return item if index == 0 else {**item, "photo": item["photo"] // 2}

    plain = key(open_session(board()))
    assert key(open_session(board())) == plain
    assert key(open_session(board(Fusion(Watch(), seed=1)))) != plain
    assert key(open_session(board(dataset=Shifted()))) != plain  # the mean is another


def test_a_model_that_is_trained_on_is_another_model(open_session: Open) -> None:
    model = Fusion(Watch())
    session = open_session(board(model))
    before = key(session)
    with torch.no_grad():
        model.head.weight.mul_(2)
    assert key(session) != before


def test_several_models_are_told_apart(open_session: Open) -> None:
    models = {"small": Fusion(Watch()), "large": Fusion(Watch(), seed=3)}
    session = open_session(board(models))
    keys = {key(session, model="small"), key(session, model="large"), key(session)}
    assert len(keys) == 2
    assert key(session) == key(session, model="small")


def test_several_labels_can_be_explained_one_at_a_time(open_session: Open) -> None:
    data = Questions()
    rows = [{**data[i], "label": ["red"] if i % 2 else ["red", "blue"]} for i in range(8)]
    made = ab.Board(
        Fusion(Watch()),
        rows,
        inputs=[
            ab.Image("photo"),
            ab.Text("question", tokenizer=lambda t: [len(w) for w in t.split()]),
        ],
        output=ab.MultiLabel(["red", "green", "blue"]),
    )
    session = open_session(made)
    (meta,) = results(session, ask(1))
    own = int(session.predict("model", 1).argmax())
    assert meta["target"] == {"index": own, "name": ["red", "green", "blue"][own]}


def test_exact_shapley_values_of_many_features_are_refused_before_they_run(
    session: Session,
) -> None:
    single = {"photo": "elements"}
    with pytest.raises(InvalidInput, match="at most 20 features") as caught:
        session.estimate(ask(0, "ShapleyValues", target=0, features=single))
    assert caught.value.field == "features"
    assert session.estimate(ask(0, "KernelShap", target=0, features=single))["passes"] > 1
    assert session.estimate(ask(0, "ShapleyValues", target=0, layer="head"))["passes"] > 1


def test_layers_come_in_the_order_they_run_with_their_shapes(
    session: Session, watch: Watch
) -> None:
    found = session.layers("model")
    shapes = {layer.name: layer.shape for layer in found}
    assert list(shapes) == [
        *(f"picture.{i}" for i in range(4)),
        "picture",
        "words",
        "head",
    ]
    assert shapes["picture.0"] == (4, 5, 5)
    assert shapes["words"] == (4, 6)
    assert found[0].type == "Conv2d"
    rows = watch.rows
    assert session.layers("model") == found
    assert watch.rows == rows


def test_a_model_that_cannot_be_watched_has_no_layers(open_session: Open) -> None:
    inner = Fusion(Watch())
    session = open_session(board(lambda photo, question: inner(photo, question).detach()))
    assert session.layers("model") == []


def test_attributions_through_a_layer_or_to_a_unit_are_the_inputs_own(session: Session) -> None:
    for method in ("IntegratedGradients", "NeuronConductance"):
        (meta,) = results(session, ask(0, method, target=0, layer="head", neuron=1))
        assert list(meta["shapes"]) == ["photo", "question"]
        assert set(meta["contributions"]["magnitude"]) == {"photo", "question"}
    (meta,) = results(session, ask(0, target=0, layer="picture.0"))
    assert list(meta["shapes"]) == ["layer"]
    assert meta["contributions"]["net"] is None
    assert resolve(session.board, ask(0, "GuidedGradCam", layer="picture.0")).at_inputs
