"""How far attributions can be trusted: the figures against the engine's own, stored and shared."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import attriboard as ab
from attriboard import engine
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.faithfulness import DRAWS, FAITHFULNESS, ORDERS, STEPS
from attriboard.jobs.job import Job
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.session import Session
from tests.jobs.boards import Questions, Watch, board
from tests.jobs.conftest import Open, ask, results

SECONDS = 60
CURVES = ("deletion", "insertion")
METRIC = ("infidelity",)


def measured(
    session: Session, request: AttributionRequest, metrics: tuple[str, ...] = FAITHFULNESS
) -> list[dict[str, Any]]:
    """The figures, computed where need be."""
    found = session.measurements(request, metrics)
    if isinstance(found, Job):
        assert found.kind == "measure"
        assert found.wait(SECONDS)
        assert found.state == "done", found.failure
        found = found.results
    return found


def test_figures_are_the_engines_own(session: Session) -> None:
    (found,) = measured(session, ask(3, target=1))
    on, example = session.board, session.board.example(3)
    model, inputs = on.models["model"], on.tensors([example])
    baselines = on.baseline(None, example, 0)
    phi = engine.attribute(model, inputs, engine.Saliency(), 1).attributions
    infidelity = engine.infidelity(
        model,
        inputs,
        phi,
        1,
        baselines=baselines,
        perturbation=engine.Removal(),
        form="local",
        n_samples=DRAWS,
        scaled=True,
    )
    sensitivity = engine.sensitivity_max(model, inputs, engine.Saliency(), 1)
    assert found["metrics"]["infidelity"] == pytest.approx(float(infidelity[0]), rel=1e-4)
    assert found["metrics"]["sensitivity_max"] == pytest.approx(float(sensitivity[0]), rel=1e-4)
    assert found["warnings"] == []
    assert found["passes"] > DRAWS


def test_curves_follow_the_probability_of_the_target(session: Session) -> None:
    (found,) = measured(session, ask(3, "IntegratedGradients", target=2), CURVES)
    scores = session.predict("model", 3)
    probability = float(scores.softmax(1)[0, 2])
    deletion, insertion = (found["metrics"][name] for name in CURVES)
    assert found["scale"] == "probability"
    assert deletion["scores"][0] == pytest.approx(probability, abs=1e-5)
    assert insertion["scores"][-1] == pytest.approx(probability, abs=1e-5)
    assert deletion["scores"][-1] == pytest.approx(insertion["scores"][0], abs=1e-5)
    for curve in (deletion, insertion):
        assert len(curve["shares"]) == len(curve["scores"]) == len(curve["control_scores"])
        area = torch.trapezoid(torch.tensor(curve["scores"]), torch.tensor(curve["shares"]))
        assert curve["auc"] == pytest.approx(float(area), abs=1e-5)


def test_curves_take_the_feature_that_adds_most_first(session: Session) -> None:
    """Photo patches of 4 x 4 x 3 elements and single words, ranked by what each adds in all."""
    request = ask(1, "FeatureAblation", features={"photo": "patches"}, target=0)
    (found,) = measured(session, request, ("deletion",))
    (meta,) = results(session, request)
    assert meta["features"] == {"photo": "patches", "question": "tokens"}
    count = sum(len(ids.unique()) for ids in _groups(session, 1))
    curve = found["metrics"]["deletion"]
    assert len(curve["shares"]) == min(STEPS, count) + 1
    raw = engine.curve(
        session.board.models["model"],
        session.board.tensors([session.board.example(1)]),
        _spread(session, 1, 0),
        engine.Probability(0),
        baselines=session.board.baseline(None, session.board.example(1), 0),
        features=_groups(session, 1),
        n_steps=STEPS,
        n_random=ORDERS,
    )
    assert curve["auc"] == pytest.approx(float(raw.auc[0]), abs=1e-5)


def test_an_additive_method_ranks_patches_by_their_sum(session: Session) -> None:
    (found,) = measured(session, ask(2, "InputXGradient", target=0), ("deletion",))
    on = session.board
    inputs = on.tensors([on.example(2)])
    phi = engine.attribute(on.models["model"], inputs, engine.InputXGradient(), 0).attributions
    groups = _groups(session, 2)
    sums = []
    for a, ids in zip(phi, groups, strict=True):
        flat = ids.expand_as(a).flatten()
        totals = torch.zeros(int(ids.max()) + 1).index_add_(0, flat, a.flatten().float())
        sums.append(totals[flat].reshape(a.shape))
    raw = engine.curve(
        on.models["model"],
        inputs,
        tuple(sums),
        engine.Probability(0),
        baselines=on.baseline(None, on.example(2), 0),
        features=groups,
        n_steps=STEPS,
    )
    assert found["metrics"]["deletion"]["auc"] == pytest.approx(float(raw.auc[0]), abs=1e-5)


def test_a_metric_that_is_not_defined_is_null_with_its_sentence(session: Session) -> None:
    (found,) = measured(session, ask(0, "FeatureAblation"))
    assert found["metrics"]["sensitivity_max"] is None
    assert found["metrics"]["infidelity"] is not None
    assert found["metrics"]["deletion"]["auc"] is not None
    assert any("nothing lies near a token" in warning for warning in found["warnings"])


def test_figures_are_stored_and_found_again(session: Session, watch: Watch) -> None:
    request = ask((2, 5), target=1)
    first = measured(session, request, CURVES)
    assert [meta["example"] for meta in first] == [2, 5]
    rows = watch.rows
    again = session.measurements(request, ("insertion", "deletion"))
    assert again == first
    assert watch.rows == rows
    assert results(session, request)[0]["key"] == first[0]["attribution"] != first[0]["key"]
    assert watch.rows == rows


def test_what_changes_the_figures_changes_their_key(session: Session) -> None:
    asked = [
        (ask(2, target=1), CURVES),
        (ask(2, target=1), ("deletion",)),
        (ask(2, target=2), CURVES),
        (ask(2, target=1, seed=1), CURVES),
        (ask(2, target=1, baseline={"photo": "white"}), CURVES),
        (ask(2, target=1, baseline={"photo": {"example": 7}}), CURVES),
        (ask(2, "InputXGradient", target=1), CURVES),
    ]
    keys = [measured(session, request, metrics)[0]["key"] for request, metrics in asked]
    assert len(set(keys)) == len(asked)


def test_an_example_is_measured_alike_alone_and_among_others(open_session: Open) -> None:
    together = measured(open_session(board()), ask((0, 4, 8), target=0))
    (alone,) = measured(open_session(board()), ask(4, target=0))
    one = next(meta for meta in together if meta["example"] == 4)
    assert one["key"] == alone["key"]
    for name in ("infidelity", "sensitivity_max"):
        assert one["metrics"][name] == pytest.approx(alone["metrics"][name], rel=1e-3)
    assert one["metrics"]["deletion"]["auc"] == pytest.approx(
        alone["metrics"]["deletion"]["auc"], abs=1e-5
    )


def test_a_regression_is_measured_by_its_score(open_session: Open) -> None:
    class Price(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = torch.nn.Linear(3 * 12 * 12, 1)

        def forward(self, photo: torch.Tensor) -> torch.Tensor:
            out: torch.Tensor = self.line(photo.flatten(1))
            return out

    photos = [(Questions()[index]["photo"], 1.0) for index in range(6)]
    torch.manual_seed(0)
    prices = ab.Board(Price(), photos, inputs=[ab.Image("photo", patch=4)],
                      output=ab.Regression("price"), name="Prices")  # fmt: skip
    session = open_session(prices)
    (found,) = measured(session, ask(2, "IntegratedGradients"))
    assert found["scale"] == "score"
    # A line is explained exactly, whatever is removed.
    assert found["metrics"]["infidelity"] == pytest.approx(0, abs=1e-6)
    assert found["metrics"]["sensitivity_max"] is not None


@pytest.mark.parametrize(
    ("request_", "metrics", "field", "sentence"),
    [
        (ask(0), (), "metrics", "is empty"),
        (ask(0), ("beauty",), "metrics", "There are: infidelity"),
        (ask(0, layer="head"), CURVES, "layer", "leave `layer` out"),
        (ask(99), CURVES, "examples", "0 to 23"),
        (ask(0, "FeaturePermutation"), CURVES, "examples", "at least 2"),
    ],
)
def test_what_is_wrong_is_named(
    session: Session,
    request_: AttributionRequest,
    metrics: tuple[str, ...],
    field: str,
    sentence: str,
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as caught:
        session.measurements(request_, metrics)
    assert caught.value.field == field


def test_progress_grows_to_its_end(session: Session) -> None:
    job = session.measurements(ask((1, 2, 3), target=0), CURVES)
    assert isinstance(job, Job)
    seen: list[tuple[int, int]] = []
    job.subscribe(
        lambda event: (
            seen.append((event.data["done"], event.data["total"]))
            if event.name == "progress"
            else None
        )
    )
    assert job.wait(SECONDS)
    assert job.state == "done", job.failure
    assert job.done == job.total > 0
    assert all(done <= total for done, total in seen)


def _groups(session: Session, index: int) -> tuple[torch.Tensor, ...]:
    chosen = {"photo": "patches", "question": "tokens"}
    found = session.board.features(chosen, session.board.example(index))
    assert found is not None
    return engine.distinct(tuple(ids[None] for ids in found))


def _spread(session: Session, index: int, target: int) -> tuple[torch.Tensor, ...]:
    on = session.board
    example = on.example(index)
    return engine.attribute(
        on.models["model"],
        on.tensors([example]),
        engine.FeatureAblation(),
        target,
        baselines=on.baseline(None, example, 0),
        features=_groups(session, index),
    ).attributions


def test_infidelity_tells_a_method_that_knows_from_one_that_does_not(open_session: Open) -> None:
    class Corner(torch.nn.Module):
        """Sees one corner of the picture alone."""

        def forward(self, photo: torch.Tensor) -> torch.Tensor:
            seen = photo[:, :, :4, :4].sum((1, 2, 3))
            return torch.stack([seen, -seen], 1)

    photos = [(Questions()[index]["photo"], 0) for index in range(6)]
    corner = ab.Board(
        Corner(),
        photos,
        inputs=[ab.Image("photo", patch=4)],
        output=ab.Classes(["a", "b"]),
        name="Corner",
    )
    session = open_session(corner)
    knows, blind = (
        measured(session, ask(2, method, params=params, baseline={"photo": "black"}), METRIC)[0]
        for method, params in (
            ("FeatureAblation", {}),
            ("Rise", {"n_samples": 4}),  # too few to see which patch counts
        )
    )
    assert knows["metrics"]["infidelity"] < 0.2 * blind["metrics"]["infidelity"]
