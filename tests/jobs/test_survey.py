"""Several methods over a subsample: means of the stored figures, one row each, resumable."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from attriboard.catalog.intervals import student
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.faithfulness import FAITHFULNESS
from attriboard.jobs.interval import mean_of
from attriboard.jobs.job import Job
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.session import Session
from tests.jobs.boards import Fusion, Questions, Watch, board
from tests.jobs.conftest import Open, ask, results
from tests.jobs.test_measure import measured

SECONDS = 120
SAMPLE = (1, 4, 6, 9)


def columns(*methods: str, **fields: Any) -> list[AttributionRequest]:
    return [ask(SAMPLE, method, **fields) for method in methods]


def survey(session: Session, asked: list[AttributionRequest], checked: int = 2) -> dict[str, Any]:
    """The table, made where need be."""
    found = session.survey(asked, checked)
    if isinstance(found, Job):
        assert found.wait(SECONDS)
        assert found.state == "done", found.failure
        found = found.results
    (table,) = found
    return table


def test_means_are_those_of_the_stored_figures(session: Session) -> None:
    table = survey(session, columns("Saliency", "IntegratedGradients"))
    assert table["examples"] == list(SAMPLE)
    saliency, integrated = table["rows"]
    assert [row["method"]["id"] for row in table["rows"]] == ["Saliency", "IntegratedGradients"]
    singles = measured(session, ask(SAMPLE, "IntegratedGradients"))
    values = [meta["metrics"]["infidelity"] for meta in singles]
    wanted = mean_of(values)
    assert wanted is not None
    assert integrated["figures"]["infidelity"] == wanted.json()
    gains = [
        meta["metrics"]["deletion"]["control"] - meta["metrics"]["deletion"]["auc"]
        for meta in singles
    ]
    assert integrated["figures"]["deletion_gain"]["mean"] == pytest.approx(sum(gains) / 4)
    gaps = [meta["gap"] for meta in results(session, ask(SAMPLE, "IntegratedGradients"))]
    assert integrated["figures"]["gap"]["mean"] == pytest.approx(sum(gaps) / 4)
    assert saliency["figures"]["gap"] is None
    assert saliency["count"] == 4
    start = [meta["metrics"]["deletion"]["scores"][0] for meta in singles]
    curve = integrated["curves"]["deletion"]
    assert curve["scores"][0] == pytest.approx(sum(start) / 4, abs=1e-5)
    assert len(curve["shares"]) == len(curve["scores"]) == len(curve["control_scores"])


def test_the_check_forgets_layer_by_layer_over_the_first_examples(session: Session) -> None:
    (row,) = survey(session, columns("InputXGradient"), checked=2)["rows"]
    check = row["randomisation"]
    assert check["count"] == 2
    assert check["layers"] == ["head", "words", "picture.3", "picture.0"]
    alone = measured(session, ask(SAMPLE[:2], "InputXGradient"), ("randomisation",))
    last = [meta["metrics"]["randomisation"]["similarity"][-1] for meta in alone]
    assert check["similarity"][-1]["mean"] == pytest.approx(sum(last) / 2, abs=1e-6)
    assert check["similarity"][-1]["mean"] < 0.9


def test_agreement_holds_each_pair_and_a_method_agrees_with_itself(session: Session) -> None:
    table = survey(session, columns("Saliency", "InputXGradient", "Occlusion"), checked=0)
    assert [each["pair"] for each in table["agreement"]] == [[0, 1], [0, 2], [1, 2]]
    assert all(-1 <= each["rank"]["mean"] <= 1 for each in table["agreement"])
    assert all(each["rank"]["count"] == 4 for each in table["agreement"])
    asked = columns("InputXGradient") + columns("InputXGradient", seed=1)
    (pair,) = survey(session, asked, checked=0)["agreement"]
    assert pair["rank"]["mean"] == pytest.approx(1)
    assert pair["top"]["mean"] == pytest.approx(1)
    assert all(row["randomisation"] is None for row in table["rows"])


def test_a_column_that_fails_keeps_its_reason_while_the_others_go_on(open_session: Open) -> None:
    session = open_session(board(dataset=Questions(60, broken={41: "the file is gone"})))
    lost = {"photo": {"example": 41}}
    asked = columns("IntegratedGradients", baseline=lost) + columns("Saliency")
    table = survey(session, asked + columns("Saliency", target=99), checked=0)
    failed, fine, wrong = table["rows"]
    assert "the file is gone" in failed["error"]["detail"]
    assert failed["figures"] is None
    assert fine["error"] is None
    assert fine["figures"]["deletion"]["count"] == 4
    assert "There is no target 99" in wrong["error"]["detail"]
    again = session.survey(asked, 0)
    assert isinstance(again, Job)  # what failed is tried again
    again.cancel()


def test_what_is_stored_is_not_computed_again(session: Session, watch: Watch) -> None:
    asked = columns("Saliency", "InputXGradient")
    before = session.survey_estimate(asked, 2)
    assert before["passes"] == sum(before["columns"]) > 4 * 50
    assert (before["stored"], before["job"]) == (False, None)
    first = survey(session, asked)
    rows = watch.rows
    assert session.survey(asked, 2) == [first]
    assert session.survey_estimate(asked, 2) == {
        "passes": 0,
        "columns": [0, 0],
        "stored": True,
        "job": None,
    }
    other = survey(session, asked[::-1])
    assert watch.rows == rows
    assert other["rows"] == first["rows"][::-1]


def test_a_cancelled_survey_goes_on_where_it_was(open_session: Open) -> None:
    watch = Watch(seconds=0.0005)
    session = open_session(board(watch=watch))
    asked = columns("Saliency", "InputXGradient", "IntegratedGradients")
    job = session.survey(asked, 2)
    assert isinstance(job, Job)
    assert session.survey(asked, 2) is job
    assert session.survey_estimate(asked, 2)["job"] == job.id
    tables = []
    job.subscribe(lambda event: tables.append(event) if event.name == "partial" else None)
    while not tables and not job.ended:
        job.wait(0.01)
    job.cancel()
    assert job.wait(SECONDS)
    assert job.state == "cancelled"
    (row,) = tables[0].data["result"]["rows"]
    assert row["method"]["id"] == "Saliency"
    left = session.survey_estimate(asked, 2)
    assert left["columns"][0] == 0 < left["passes"]
    watch.seconds = 0
    assert len(survey(session, asked)["rows"]) == 3


def test_progress_grows_to_its_end(session: Session) -> None:
    job = session.survey(columns("Saliency", "Occlusion"), 2)
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
    assert seen == sorted(seen)
    assert all(done <= total for done, total in seen)


def test_columns_may_be_models_each_explained_for_its_own_target(open_session: Open) -> None:
    watch = Watch()
    models = {"one": Fusion(watch), "two": Fusion(watch, seed=5)}
    session = open_session(board(models))
    asked = columns("Saliency", model="one") + columns("Saliency", model="two")
    table = survey(session, asked)
    assert [row["model"] for row in table["rows"]] == ["one", "two"]
    for name in models:
        for meta in results(session, ask(SAMPLE, "Saliency", model=name)):
            predicted = session.predict(name, meta["example"]).argmax()
            assert meta["target"]["index"] == int(predicted)


def test_what_cannot_be_asked_is_refused(session: Session) -> None:
    with pytest.raises(InvalidInput, match="1 to 30"):
        session.survey([], 0)
    with pytest.raises(InvalidInput, match="There is no example 99"):
        session.survey([ask(99)], 0)


def test_a_callable_has_no_weights_to_forget(open_session: Open) -> None:
    model = Fusion(Watch()).eval()

    def answer(photo: torch.Tensor, question: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            out: torch.Tensor = model(photo, question)
        return out

    session = open_session(board(answer))
    (row,) = survey(session, columns("FeatureAblation"))["rows"]
    assert row["randomisation"] is None
    assert row["figures"]["deletion"] is not None
    assert any("weights can be changed" in said["text"] for said in row["warnings"])


def test_intervals_follow_students_t() -> None:
    assert mean_of([None, None]) is None
    single = mean_of([0.5, None])
    assert single is not None
    assert (single.mean, single.low, single.high, single.count) == (0.5, None, None, 1)
    for freedom, exact in ((1, 12.706), (2, 4.303), (3, 3.182), (9, 2.262), (31, 2.040)):
        assert student(freedom) == pytest.approx(exact, rel=0.01)
    found = mean_of([1.0, 2.0, 3.0, 4.0])
    assert found is not None
    assert found.mean == 2.5
    assert found.high == pytest.approx(2.5 + 3.182 * 1.29099 / 2, rel=0.01)
    assert tuple(FAITHFULNESS) == ("infidelity", "sensitivity_max", "deletion", "insertion")
