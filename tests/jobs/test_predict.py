"""Predictions of all examples, written to the catalog in the background."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch

from attriboard import engine
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput, ModelError
from attriboard.jobs.job import Priority
from attriboard.jobs.predict import PredictionProgress
from attriboard.jobs.session import Session
from tests.jobs.boards import SIZE, Fusion, Questions, Watch, board
from tests.jobs.conftest import Open, ask, results


def finish(session: Session) -> None:
    job = session.start()
    assert job is not None
    assert job.wait(30)
    assert job.state == "done", job.failure


def test_the_catalog_holds_what_the_model_says(session: Session) -> None:
    reports: list[PredictionProgress] = []
    job = session.start(reports.append)
    assert job is not None
    assert job.wait(30)
    assert job.state == "done", job.failure
    assert job.priority is Priority.BACKGROUND
    assert (job.done, job.total) == (SIZE, SIZE)
    board = session.board
    items = session.catalog.page(Query(limit=SIZE)).items
    assert [item["index"] for item in items] == list(range(SIZE))
    for item in items:
        example = board.example(item["index"])
        output = engine.predict(board.models["model"], board.tensors([example]))
        said = board.output.predictions(output)
        assert item["predicted"] == said.predicted[0]
        assert item["score"] == pytest.approx(said.score[0].item(), abs=1e-6)
        assert item["margin"] == pytest.approx(said.margin[0].item(), abs=1e-6)
        assert item["loss"] == pytest.approx(said.loss([example.label])[0].item(), abs=1e-6)
        assert item["correct"] == (said.predicted[0] == example.label)
        assert item["label"] == example.label
        assert item["texts"] == {"question": example.raw["question"]}
        assert item["metadata"] == {"place": "left" if item["index"] % 2 else "right"}
    assert reports[0].done == 0
    assert reports[-1] == PredictionProgress(SIZE, SIZE, 0.0)
    assert session.start() is job  # nothing is missing, so nothing new begins


def test_every_model_predicts_and_examples_are_read_once(open_session: Open) -> None:
    data = Questions(200)
    made = board({"a": Fusion(Watch()), "b": Fusion(Watch(), seed=1)}, data)
    session = open_session(made)
    data.reads.clear()
    finish(session)
    assert session.catalog.predicted("a") == session.catalog.predicted("b") == 200
    assert len(data.reads) <= 200
    a = session.catalog.page(Query(model="a", limit=50)).items
    b = session.catalog.page(Query(model="b", limit=50)).items
    assert [item["score"] for item in a] != [item["score"] for item in b]


def test_a_later_session_predicts_only_what_is_missing(tmp_path: Path, watch: Watch) -> None:
    session = Session(board(watch=watch, dataset=Questions(400)), tmp_path)
    watch.seconds = 0.005
    job = session.start()
    assert job is not None
    while job.done < 100:
        time.sleep(0.01)
    session.close()
    assert job.state == "cancelled"
    kept = Session(board(watch=watch, dataset=Questions(400)), tmp_path)
    watch.seconds = 0.0
    done = kept.catalog.predicted("model")
    assert 100 <= done < 400
    finish(kept)
    # As the job counts: a block that is tried in two memory formats runs through the model twice.
    assert kept.figures()["model_rows_total"] == 400 - done
    assert kept.catalog.predicted("model") == 400
    kept.close()
    third = Session(board(watch=watch, dataset=Questions(400)), tmp_path)
    assert third.start() is None
    third.close()


def test_another_model_is_predicted_anew(tmp_path: Path) -> None:
    first = Session(board(), tmp_path)
    finish(first)
    scores = [item["score"] for item in first.catalog.page(Query()).items]
    first.close()
    second = Session(board(Fusion(Watch(), seed=9)), tmp_path)
    finish(second)
    assert [item["score"] for item in second.catalog.page(Query()).items] != scores
    second.close()


class Picky(Fusion):
    """Fails on questions of five words."""

    def forward(self, photo: torch.Tensor, question: torch.Tensor) -> torch.Tensor:
        if question.shape[1] == 5 and len(self.watch.calls) > 20:
            raise RuntimeError("no room for five words")
        return super().forward(photo, question)


def test_examples_that_fail_are_recorded_and_the_others_go_on(open_session: Open) -> None:
    data = Questions(60, broken={41: "the disk has a hole", 50: "the disk has a hole"})
    watch = Watch()
    session = open_session(board(Picky(watch), data))
    watch.calls += [0.0] * 21
    finish(session)
    items = {item["index"]: item for item in session.catalog.page(Query(limit=60)).items}
    assert len(items) == 60
    assert "the disk has a hole" in items[41]["metadata"]["error"]
    assert items[41]["predicted"] is None
    assert items[41]["label"] is None
    long = [index for index in range(60) if index % 4 == 2 and index not in data.broken]
    for index in long:
        assert "no room for five words" in items[index]["metadata"]["error"]
        assert items[index]["predicted"] is None
        assert items[index]["label"] == index % 3
        assert items[index]["metadata"]["place"] == "right"
    fine = set(range(60)) - set(long) - set(data.broken)
    assert all(items[index]["predicted"] is not None for index in fine)
    assert all(items[index]["metadata"]["error"] is None for index in fine)
    assert session.catalog.page(Query(where="error is not null")).total == len(long) + 2
    assert session.catalog.missing("model", session.board.model_fingerprint("model")) == []


def test_one_prediction_that_fails_says_why(open_session: Open) -> None:
    watch = Watch()
    session = open_session(board(Picky(watch), Questions(60, broken={41: "a hole"})))
    watch.calls += [0.0] * 21
    with pytest.raises(ModelError, match="no room for five words"):
        session.predict("model", 2)
    with pytest.raises(InvalidInput, match="a hole"):
        session.predict("model", 41)
    assert session.predict("model", 1).shape == (1, 3)


def test_interactive_work_overtakes_the_predictions(open_session: Open, watch: Watch) -> None:
    session = open_session(board(watch=watch, dataset=Questions(2000)))
    watch.seconds = 0.005
    job = session.start()
    assert job is not None
    while job.done < 50:
        time.sleep(0.01)
    took = []
    for index in range(4):
        began = time.monotonic()
        results(session, ask(index, target=0))
        took.append(time.monotonic() - began)
    assert job.state == "running"
    # One row of saliency, four coalitions, and the batch that was under way (0.2 s, or twice
    # that before it is halved).
    assert max(took) < 0.6, took
    done = job.done
    time.sleep(0.5)
    assert job.done > done
    job.cancel()
    assert job.wait(2)
    assert job.state == "cancelled"


def test_an_example_can_be_predicted_while_a_long_attribution_runs(
    open_session: Open, watch: Watch
) -> None:
    session = open_session(board(watch=watch))
    watch.seconds = 0.005
    request = ask(0, "IntegratedGradients", params={"n_steps": 2000}, target=0)
    job = session.attributions(request)
    assert not isinstance(job, list)
    time.sleep(0.3)
    began = time.monotonic()
    assert session.predict("model", 5).shape == (1, 3)
    assert time.monotonic() - began < 1.0
    assert job.state == "running"
    job.cancel()
    assert job.wait(2)


def test_own_predictions_of_an_earlier_session_come_from_the_catalog(
    tmp_path: Path, watch: Watch
) -> None:
    first = Session(board(watch=watch), tmp_path)
    finish(first)
    metas = results(first, ask((0, 1, 2)))
    first.close()
    second = Session(board(watch=watch), tmp_path)
    before = watch.rows
    assert second.attributions(ask((0, 1, 2))) == metas
    assert watch.rows == before
    second.close()
