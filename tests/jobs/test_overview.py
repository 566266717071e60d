"""Overviews: sums over a dataset that are those of single examples, kept in parts, compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from attriboard import engine
from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput
from attriboard.jobs import overview_plan
from attriboard.jobs.job import Job
from attriboard.jobs.overview_plan import OverviewRequest
from attriboard.jobs.overview_sums import Picture, Tally
from attriboard.jobs.session import Session
from tests.jobs.boards import CLASSES, SIDE, SIZE, Fusion, Questions, Watch, board
from tests.jobs.conftest import SECONDS, Open

ALL = Query()
SALIENCY = OverviewRequest(method_id="InputXGradient")


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview_plan, "SHARD", 7)


def _ready(session: Session) -> Session:
    job = session.start()
    assert job is None or job.wait(SECONDS)
    return session


def _made(session: Session, request: OverviewRequest = SALIENCY, query: Query = ALL) -> Any:
    found = session.overview(query, request)
    if isinstance(found, Job):
        assert found.wait(SECONDS)
        assert found.state == "done", found.failure
        found = found.results
    [table] = found
    return table


def _alone(session: Session, name: str = "model") -> list[tuple[int, Any]]:
    """Each example's predicted class and attributions, one by one."""
    model, found = session.board.models[name], []
    for index in range(SIZE):
        example = session.board.example(index)
        tensors = session.board.tensors([example])
        target = int(engine.predict(model, tensors).argmax())
        result = engine.attribute(model, tensors, engine.InputXGradient(), target)
        found.append((target, [each[0] for each in result.attributions]))
    return found


def test_means_are_those_of_single_examples(session: Session) -> None:
    table = _made(_ready(session))
    [model] = table["models"]
    assert (model["count"], model["failed"]) == (SIZE, 0)
    photo, question = model["inputs"]
    alone = _alone(session)
    body = session.result(table["key"])
    assert body is not None
    arrays = load(body)
    assert sum(group["count"] for group in photo["groups"]) == SIZE
    for group in photo["groups"]:
        maps = [own[0].sum(0).numpy() for target, own in alone if target == group["value"]]
        assert group["count"] == len(maps)
        assert group["name"] == CLASSES[group["value"]]
        mean = arrays[f"{group['maps']}/attribution"]
        assert mean.shape == (SIDE, SIDE)
        assert mean == pytest.approx(np.mean(maps, 0), abs=1e-5)
        assert group["high"] == pytest.approx(np.abs(mean).max(), rel=1e-4)
    values: dict[str, list[float]] = {}
    for index, (_, own) in enumerate(alone):
        text = session.board.example(index).raw["question"]
        for word, value in zip(text.split(), own[1].tolist(), strict=True):
            values.setdefault(word, []).append(value)
    found = {each["name"]: each for each in question["features"]}
    assert set(found) == set(values)
    assert sum(each["share"] for each in found.values()) == pytest.approx(1)
    for word, numbers in values.items():
        half = 1.96 * np.std(numbers, ddof=1) / np.sqrt(len(numbers))
        assert found[word]["count"] == len(numbers)
        assert found[word]["mean"] == pytest.approx(np.mean(numbers), abs=1e-5)
        assert found[word]["high"] - found[word]["mean"] >= half - 1e-6


def test_random_pictures_are_not_aligned_and_equal_ones_are() -> None:
    draw = np.random.default_rng(0)
    noise = [draw.random((16, 16, 3)) for _ in range(50)]

    def summed(pictures: list[Any]) -> Picture:
        contrast = sum(float(each.mean(2).std()) for each in pictures)
        return Picture(len(pictures), np.zeros((16, 16)), np.sum(pictures, 0), contrast)

    mixed, same = summed(noise).alignment, summed([noise[0]] * 50).alignment
    assert mixed is not None
    assert same is not None
    assert mixed < 0.05
    assert same > 0.95
    assert summed(noise[:1]).alignment is None


def test_two_models_are_compared_example_by_example(open_session: Open) -> None:
    models = {"first": Fusion(Watch(), 0), "second": Fusion(Watch(), 1)}
    session = _ready(open_session(board(models)))
    table = _made(session)
    first, second = table["models"]
    assert not first["inputs"][1]["drift"]
    one, other = _alone(session, "first"), _alone(session, "second")
    change: list[float] = []
    for index in range(SIZE):
        words = session.board.example(index).raw["question"].split()
        if "round" in words:
            place = words.index("round")
            change.append(float(other[index][1][1][place] - one[index][1][1][place]))
    drift = {each["name"]: each for each in second["inputs"][1]["drift"]}
    assert drift["round"]["mean"] == pytest.approx(np.mean(change), abs=1e-5)
    assert drift["round"]["low"] < drift["round"]["mean"] < drift["round"]["high"]
    # A model and its copy do not drift.
    twins = {"first": Fusion(Watch(), 0), "second": Fusion(Watch(), 0)}
    calm = _made(_ready(open_session(board(twins))))
    assert all(each["mean"] == 0 for each in calm["models"][1]["inputs"][1]["drift"])


def test_a_cancelled_one_goes_on_where_it_was(open_session: Open) -> None:
    watch = Watch()
    session = _ready(open_session(board(watch=watch)))
    watch.seconds = 0.01
    before = session.overview_estimate(ALL, SALIENCY)
    assert before == {"examples": SIZE, "passes": SIZE, "stored": False, "job": None}
    job = session.overview(ALL, SALIENCY)
    assert isinstance(job, Job)
    while job.done < 8:
        assert not job.wait(0.005)
    assert session.overview_estimate(ALL, SALIENCY)["job"] == job.id
    job.cancel()
    assert job.wait(SECONDS)
    assert job.state == "cancelled"
    left = session.overview_estimate(ALL, SALIENCY)["passes"]
    assert left < SIZE
    watch.seconds, rows = 0.0, session.figures()["model_rows_total"]
    _made(session)
    assert session.figures()["model_rows_total"] - rows == left
    assert session.overview_estimate(ALL, SALIENCY)["stored"]
    _made(session)
    assert session.figures()["model_rows_total"] - rows == left


def test_examples_that_fail_are_counted(open_session: Open) -> None:
    session = _ready(open_session(board(dataset=Questions(60, broken={41: "Gone."}))))
    [model] = _made(session)["models"]
    assert (model["count"], model["failed"]) == (59, 1)


@pytest.mark.parametrize(
    ("request_", "query", "field"),
    [
        (SALIENCY, Query(where="index > 1000"), "filter"),
        (OverviewRequest(method_id="Salience"), ALL, "method"),
        (OverviewRequest(models=("nobody",)), ALL, "model"),
        (OverviewRequest(models=()), ALL, "models"),
    ],
)
def test_what_is_wrong_is_named(
    session: Session, request_: OverviewRequest, query: Query, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        session.overview(query, request_)
    assert (caught.value.field or "").startswith(field)


def test_tallies_add_up() -> None:
    numbers = np.random.default_rng(1).normal(3, 2, 40)
    whole, parts = Tally(), Tally()
    for value in numbers:
        whole.add(float(value))
    for half in (numbers[:13], numbers[13:]):
        part = Tally()
        for value in half:
            part.add(float(value))
        parts.merge(Tally.of(part.json()))
    assert parts.mean() == pytest.approx(whole.mean())
    mean = whole.mean()
    assert mean["mean"] == pytest.approx(numbers.mean())
    assert mean["high"] - mean["mean"] == pytest.approx(
        2.023 * numbers.std(ddof=1) / np.sqrt(40), rel=0.01
    )
