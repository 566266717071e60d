"""On a cluster of two nodes: the same results, and a node that is lost loses nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ray
import torch
from ray.cluster_utils import Cluster

from attriboard import engine
from attriboard.catalog import Query
from attriboard.engine import Run
from attriboard.engine.errors import AttriboardError, Cancelled, InvalidInput
from attriboard.jobs.executors import OnRay, WorkerDied
from attriboard.jobs.executors.on_ray import connect
from attriboard.jobs.executors.ray_worker import Worker
from attriboard.jobs.session import Session
from attriboard.jobs.sweep_plan import SweepRequest
from tests.jobs import unruly
from tests.jobs.boards import SIDE, Fusion, Questions, Watch, board
from tests.jobs.conftest import ask, results


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000},
    )
    made.add_node(num_cpus=1, object_store_memory=80_000_000)
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def executor(cluster: Cluster) -> Iterator[OnRay]:
    made = OnRay(unruly.plain)
    made.start()
    yield made
    made.close()


def inputs(first: float = 0.0) -> tuple[torch.Tensor, torch.Tensor]:
    photo = torch.rand(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(3)) / 2
    photo[:, 0, 0, 0] = first
    return photo, torch.ones(2, 3, dtype=torch.int64)


def attribute(steps: int) -> Any:
    method = engine.IntegratedGradients(n_steps=steps)
    return partial(engine.attribute, inputs=inputs(), method=method, target=1)


def test_the_same_numbers_progress_and_partial_results_as_here(executor: OnRay) -> None:
    assert executor.seats == 2
    done: list[int] = []
    parts: list[int] = []
    run = Run(
        progress=lambda rows, _planned: done.append(rows),
        partial=lambda _attributions, step, _steps: parts.append(step),
        memory=1,
    )
    there = executor.run("model", attribute(8), run)
    here = attribute(8)(Fusion(Watch()))
    for ours, theirs in zip(here.attributions, there.attributions, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-6)
    assert run.rows == here.rows
    assert done
    assert parts


def test_a_cancel_stops_the_work_and_keeps_the_worker(executor: OnRay) -> None:
    asked = iter([False, False])
    run = Run(progress=lambda *_: None, cancel=lambda: next(asked, True), memory=1)
    with pytest.raises(Cancelled):
        executor.run("model", attribute(5_000), run)
    assert executor.run("model", attribute(4), Run()).rows > 0


def test_errors_come_back_in_words(cluster: Cluster) -> None:
    executor = OnRay(unruly.exits, seats=1)
    with pytest.raises(AttriboardError, match=r"sys\.exit"):
        executor.run("model", partial(engine.predict, inputs=inputs(first=1.0)), Run())
    executor.close()


def test_a_model_that_crashes_is_tried_elsewhere_and_then_told(cluster: Cluster) -> None:
    executor = OnRay(unruly.vanishes, seats=1)
    with pytest.raises(WorkerDied, match="3 workers were lost"):
        executor.run("model", partial(engine.predict, inputs=inputs(first=1.0)), Run())
    fine = executor.run("model", partial(engine.predict, inputs=inputs()), Run())
    assert fine.shape == (2, 3)
    executor.close()


def test_one_thread_does_a_worker_s_works_so_that_what_it_learned_is_kept() -> None:
    worker = Worker(unruly.plain)
    done = [list(worker.work(name, "model", thread_of, False, None)) for name in ("a", "b")]
    (first,), (second,) = done
    assert first == second


def thread_of(_model: Any, run: Run) -> int:
    return threading.get_ident()


def test_no_cluster_is_told_with_the_mend() -> None:
    for address in ("127.0.0.1:1", "nonsense"):
        with pytest.raises(InvalidInput, match=f"no Ray cluster at {address}.*ray start --head"):
            connect(ray, address)


def test_without_an_address_no_cluster_of_others_is_joined() -> None:
    asked: list[str] = []
    there = SimpleNamespace(init=lambda address, **_: asked.append(address))
    connect(there, None)
    connect(there, "auto")
    assert asked == ["local", "auto"]


def test_a_node_killed_in_the_middle_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    third = cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
    cluster.wait_for_nodes()
    executor = OnRay(slow_models, seats=3)
    session = Session(board(dataset=Questions(120)), tmp_path, executor=executor)
    session.start()
    job = session.predict_job
    assert job is not None
    while job.done < 20 and not job.ended:
        time.sleep(0.05)
    cluster.remove_node(third)
    assert job.wait(120)
    assert job.state == "done", job.failure
    assert session.catalog.predicted("model") == 120
    assert results(session, ask((0, 1, 2), "Saliency"))
    session.close()


def test_a_sweep_uses_every_worker_and_gives_way_to_a_person(
    cluster: Cluster, tmp_path: Path
) -> None:
    executor = OnRay(slow_models, seats=2)
    session = Session(board(dataset=Questions(80)), tmp_path, executor=executor)
    job = session.start()
    assert job is not None
    assert job.wait(60)
    sweep = session.sweeps.start(Query(), SweepRequest(method_id=None))
    assert sweep is not None
    busy = 0
    while sweep.done < 16 and not sweep.ended:
        busy = max(busy, executor.busy)
        time.sleep(0.01)
    assert busy == 2
    began = time.monotonic()
    assert results(session, ask((70,), "Saliency"))
    assert not sweep.ended
    assert time.monotonic() - began < 10
    assert sweep.wait(60)
    assert sweep.state == "done", sweep.failure
    session.close()


def slow_models() -> dict[str, Any]:
    return {"model": Fusion(Watch(seconds=0.02))}


def test_ray_and_isolation_do_not_mix() -> None:
    from attriboard.cli.place import Executors, Place

    with pytest.raises(InvalidInput, match="leave --isolate out"):
        Place(Executors.RAY, True, None, None, 0.0).executor(board(), unruly.plain)
    with pytest.raises(InvalidInput, match="add --executor ray"):
        Place(Executors.LOCAL, False, None, "auto", 0.0).executor(board(), unruly.plain)
