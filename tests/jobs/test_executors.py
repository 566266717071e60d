"""A session's results are the same whoever runs its models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from attriboard.jobs.executors import Executor, Isolated, OnRay
from attriboard.jobs.job import Job
from attriboard.jobs.session import Session
from tests.jobs import unruly
from tests.jobs.boards import Fusion, Watch, board
from tests.jobs.conftest import arrays, ask, results

EXECUTORS: dict[str, Callable[[], Executor]] = {
    "isolated": lambda: Isolated(unruly.plain, 2),
    "ray": lambda: OnRay(unruly.plain, seats=2),
}
METHODS = {
    "IntegratedGradients": {"n_steps": 8},
    "FeatureAblation": {},
    "ShapleyValueSampling": {"n_samples": 4},
}


@pytest.fixture(params=list(EXECUTORS))
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    session = Session(board(Fusion(Watch())), tmp_path, executor=EXECUTORS[request.param]())
    session.start()
    yield session
    session.close()


@pytest.fixture
def local() -> Iterator[Session]:
    session = Session(board(Fusion(Watch())))
    yield session
    session.close()


def test_the_same_results_predictions_and_figures(remote: Session, local: Session) -> None:
    for method, params in METHODS.items():
        question = ask((0, 1, 2), method, params=params, seed=3)
        for there, here in zip(results(remote, question), results(local, question), strict=True):
            assert there["key"] == here["key"]
            for name in ("net", "magnitude"):
                shares = here["contributions"][name]
                assert there["contributions"][name] == pytest.approx(shares, abs=1e-5)
            found = arrays(remote, there)
            for name, array in arrays(local, here).items():
                np.testing.assert_allclose(found[name], array, atol=1e-6)
    question = ask((0, 1), "Saliency")
    there, here = measured(remote, question), measured(local, question)
    assert [each["metrics"]["infidelity"] for each in there] == pytest.approx(
        [each["metrics"]["infidelity"] for each in here], rel=1e-3
    )
    assert remote.predict_job is not None
    assert remote.predict_job.wait(60)
    assert remote.catalog.predicted("model") == len(remote.board)
    assert [layer.name for layer in remote.layers("model")] == [
        layer.name for layer in local.layers("model")
    ]


def measured(session: Session, question) -> list[dict]:
    found = session.measurements(question, ("infidelity",))
    if isinstance(found, Job):
        assert found.wait(60)
        assert found.state == "done", found.failure
        found = found.results
    return found


def test_a_long_job_shows_progress_and_is_cancelled(remote: Session) -> None:
    question = ask((0,), "IntegratedGradients", params={"n_steps": 1_000})
    job = remote.attributions(question)
    assert isinstance(job, Job)
    job.cancel()
    assert job.wait(30)
    assert job.state == "cancelled"
    assert results(remote, ask((0,), "Saliency"))
