"""Sweeps: contributions of many examples as columns of the catalog, against slow references."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import attriboard as ab
from attriboard import engine
from attriboard.board import Board
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.job import Job
from attriboard.jobs.session import Session
from attriboard.jobs.sweep_plan import SweepRequest
from tests.jobs.boards import CLASSES, SIZE, Fusion, Questions, Watch, board, ids
from tests.jobs.conftest import SECONDS, Open

ALL = Query()
QUICK = SweepRequest(params={"n_steps": 8})


def _predicted(session: Session) -> Session:
    job = session.start()
    assert job is None or job.wait(SECONDS)
    return session


def _swept(session: Session, request: SweepRequest, query: Query = ALL) -> Job:
    job = session.sweeps.start(query, request)
    assert job is not None
    assert job.wait(SECONDS)
    assert job.state == "done", job.failure
    return job


def _row(session: Session, index: int, model: str | None = None) -> dict[str, float | None]:
    found: dict[str, float | None] = session.catalog.rows([index], model)[0]["computed"]
    return found


def _one(board: Board, index: int) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...], int]:
    """One example's tensors, its baselines, and the class the model predicts."""
    example = board.example(index)
    tensors = board.tensors([example])
    target = int(engine.predict(board.models["model"], tensors).argmax())
    return tensors, board.baseline(None, example, 0), target


def test_columns_are_what_one_example_alone_gives(session: Session) -> None:
    _swept(_predicted(session), SweepRequest())
    for index in range(8):
        tensors, baselines, target = _one(session.board, index)
        model = session.board.models["model"]
        result = engine.attribute(
            model, tensors, engine.IntegratedGradients(), target, baselines=baselines
        )
        net, magnitude = engine.net(result.attributions), engine.magnitude(result.attributions)
        values = engine.shapley(model, tensors, target, baselines=baselines)
        row = _row(session, index)
        for place, name in enumerate(("photo", "question")):
            expected = {
                f"net.{name}": net[0, place],
                f"magnitude.{name}": magnitude[0, place],
                f"share.{name}": values.shares[0, place],
                f"shapley.{name}": values.values[0, place],
                f"score_without.{name}": values.coalitions[1 if place == 0 else 2, 0],
            }
            for key, value in expected.items():
                assert row[key] == pytest.approx(float(value), abs=2e-5), key
        assert row["interaction.photo.question"] == pytest.approx(
            float(values.interactions[0, 0, 1]), abs=2e-5
        )


def test_dropping_an_input_is_predicting_with_its_baseline(session: Session) -> None:
    _swept(_predicted(session), SweepRequest(method_id=None))
    flips = 0
    for index in range(SIZE):
        tensors, baselines, target = _one(session.board, index)
        row = _row(session, index)
        for name, inputs in {
            "photo": (baselines[0], tensors[1]),
            "question": (tensors[0], baselines[1]),
        }.items():
            said = int(engine.predict(session.board.models["model"], inputs).argmax())
            assert row[f"flips.{name}"] == (said != target)
            assert row[f"right_without.{name}"] == (said == session.board.example(index).label)
            flips += said != target
    assert "net.photo" not in _row(session, 0)
    assert flips > 0


def test_only_what_is_missing_is_computed(session: Session, watch: Watch) -> None:
    _predicted(session)
    few = Query(where="index < 6")
    _swept(session, QUICK, few)
    assert session.sweeps.start(few, QUICK) is None
    state = session.sweeps.state(ALL, QUICK)
    assert (state.examples, state.lacking) == (SIZE, SIZE - 6)
    assert state.passes == (SIZE - 6) * (4 + 8)
    before = watch.rows
    _swept(session, SweepRequest(method_id="Saliency"), few)
    assert watch.rows - before <= 2 * 6 + 2  # no coalition again; one row to watch the model
    row, usual = _row(session, 3), session.sweeps.state(few, QUICK).columns["magnitude"]["photo"]
    assert row["magnitude.photo.Saliency"] != row[usual]


def test_a_cancelled_sweep_goes_on_where_it_was(open_session: Open, tmp_path: Path) -> None:
    reference = open_session(board())
    _swept(_predicted(reference), QUICK)
    watch = Watch(seconds=0.004)
    session = _predicted(open_session(board(watch=watch), tmp_path))
    job = session.sweeps.start(ALL, QUICK)
    assert job is not None
    assert session.sweeps.state(ALL, QUICK).job == job.id
    assert session.sweeps.start(ALL, QUICK) is job
    while session.sweeps.state(ALL, QUICK).lacking == SIZE:
        assert not job.wait(0.01)
    job.cancel()
    assert job.wait(SECONDS)
    assert job.state == "cancelled"
    left = session.sweeps.state(ALL, QUICK)
    assert 0 < left.lacking < SIZE
    assert left.job is None
    session.close()
    again = open_session(board(watch=watch), tmp_path)
    assert again.sweeps.state(ALL, QUICK).lacking == left.lacking
    done = _swept(again, QUICK)
    assert done.results[0]["computed"] == left.lacking
    for index in range(SIZE):
        ours, theirs = _row(again, index), _row(reference, index)
        assert ours == pytest.approx(theirs, abs=1e-5)


def test_examples_that_fail_are_told_and_the_others_go_on(open_session: Open) -> None:
    broken = Questions(60, broken={41: "The disk is gone."})
    session = _predicted(open_session(board(dataset=broken)))
    (done,) = _swept(session, QUICK).results
    assert (done["computed"], done["failed"]) == (59, 1)
    assert done["errors"][0]["example"] == 41
    assert "The disk is gone." in done["errors"][0]["error"]
    assert session.sweeps.state(ALL, QUICK).lacking == 1


class Refusing(Fusion):
    """A model that answers one row and no more."""

    def forward(self, photo: Tensor, question: Tensor) -> Tensor:
        if bool((question == 0).any()):
            raise ValueError("no empty questions, please")
        return super().forward(photo, question)


def test_a_fault_that_is_not_the_examples_ends_the_job(open_session: Open) -> None:
    session = _predicted(open_session(board(Refusing(Watch()))))
    job = session.sweeps.start(ALL, QUICK)
    assert job is not None
    assert job.wait(SECONDS)
    assert job.state == "failed"
    assert "no empty questions" in (job.error or "")


def test_each_model_is_explained_for_its_own_answer(open_session: Open) -> None:
    both = {"first": Fusion(Watch(), 0), "second": Fusion(Watch(), 1)}
    session = _predicted(open_session(board(both)))
    job = _swept(session, QUICK)
    assert [done["model"] for done in job.results] == ["first", "second"]
    assert _row(session, 0, "first").keys() == _row(session, 0, "second").keys()
    for index in range(4):
        ours = [_row(session, index, name)["shapley.photo"] for name in both]
        for name, value in zip(both, ours, strict=True):
            example = session.board.example(index)
            tensors = session.board.tensors([example])
            target = int(engine.predict(both[name], tensors).argmax())
            baselines = session.board.baseline(None, example, 0)
            alone = engine.shapley(both[name], tensors, target, baselines=baselines)
            assert value == pytest.approx(float(alone.values[0, 0]), abs=2e-5)


def test_settings_of_their_own_have_columns_of_their_own(session: Session) -> None:
    _predicted(session)
    few = Query(where="index < 4")
    _swept(session, SweepRequest(), few)
    black = SweepRequest(baseline={"photo": "black"})
    fixed = SweepRequest(target=1)
    for request in (black, fixed):
        columns = session.sweeps.state(few, request).columns
        _swept(session, request, few)
        assert columns["share"]["photo"] != "share.photo"
        row = _row(session, 0)
        assert row[columns["shapley"]["photo"]] != row["shapley.photo"]
    tensors, baselines, _ = _one(session.board, 0)
    values = engine.shapley(session.board.models["model"], tensors, 1, baselines=baselines)
    name = session.sweeps.state(few, fixed).columns["shapley"]["photo"]
    assert _row(session, 0)[name] == pytest.approx(float(values.values[0, 0]), abs=2e-5)


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (SweepRequest(method_id="GradCam"), "method"),
        (SweepRequest(method_id="FeaturePermutation"), "method"),
        (SweepRequest(method_id=None, shapley=False), "method"),
        (SweepRequest(models=("nobody",)), "model"),
        (SweepRequest(baseline={"photo": "pink"}), "baseline.photo"),
        (SweepRequest(target=7), "target"),
    ],
)
def test_what_cannot_be_swept_is_named(
    session: Session, request_: SweepRequest, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        session.sweeps.state(ALL, request_)
    assert caught.value.field == field


def test_one_input_has_nothing_to_compare(open_session: Open) -> None:
    pictures = [(np.full((12, 12, 3), shade, np.uint8), 0) for shade in range(4)]
    lone = ab.Board(
        torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(432, 3)),
        pictures,
        inputs=[ab.Image("photo")],
        output=ab.Classes(CLASSES),
    )
    with pytest.raises(InvalidInput, match="one input"):
        open_session(lone).sweeps.state(ALL, SweepRequest())


def test_a_plain_number_has_no_flips(open_session: Open) -> None:
    class Size(Fusion):
        def forward(self, photo: Tensor, question: Tensor) -> Tensor:
            return super().forward(photo, question)[:, :1]

    sized = ab.Board(
        Size(Watch()),
        Questions(8),
        inputs=[ab.Image("photo", patch=4), ab.Text("question", tokenizer=ids, pad=0)],
        output=ab.Regression("size"),
    )
    session = _predicted(open_session(sized))
    _swept(session, QUICK)
    row = _row(session, 0)
    assert not [name for name in row if name.startswith(("flips", "right"))]
    total = row["shapley.photo"] + row["shapley.question"]  # type: ignore[operator]
    tensors, baselines, _ = _one(sized, 0)
    ends = [float(engine.predict(sized.models["model"], x)) for x in (tensors, baselines)]
    assert total == pytest.approx(ends[0] - ends[1], abs=2e-5)
