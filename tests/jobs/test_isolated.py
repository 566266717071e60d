"""Work in processes of its own: the same answers, and nothing that a model does ends the server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch

from attriboard import engine
from attriboard.engine import Run
from attriboard.engine.errors import AttriboardError, Cancelled, InvalidInput, ModelError
from attriboard.jobs.executors import Isolated, WorkerDied
from attriboard.jobs.failure import describe
from tests.jobs import unruly
from tests.jobs.boards import SIDE, Fusion, Watch

Make = Callable[..., Isolated]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Isolated] = []

    def start(load: Callable[[], dict[str, Any]], **settings: Any) -> Isolated:
        made.append(Isolated(load, **settings))
        made[-1].start()
        return made[-1]

    yield start
    for executor in made:
        executor.close()


def inputs(first: float = 0.0, rows: int = 2) -> tuple[torch.Tensor, torch.Tensor]:
    photo = torch.rand(rows, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(3)) / 2
    photo[:, 0, 0, 0] = first
    return photo, torch.ones(rows, 3, dtype=torch.int64)


def attribute(steps: int = 8) -> Any:
    method = engine.IntegratedGradients(n_steps=steps)
    return partial(engine.attribute, inputs=inputs(), method=method, target=1)


def test_the_same_numbers_progress_and_partial_results_as_here(make: Make):
    done: list[tuple[int, int]] = []
    parts: list[int] = []
    run = Run(
        progress=lambda *counts: done.append(counts),
        partial=lambda _attributions, step, _steps: parts.append(step),
        memory=1,  # many small blocks
    )
    there = make(unruly.plain).run("model", attribute(), run)
    here = attribute()(Fusion(Watch()))
    for ours, theirs in zip(here.attributions, there.attributions, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    assert run.rows == here.rows == done[-1][0]
    assert parts


def test_a_model_that_crashes_takes_no_one_with_it(make: Make):
    executor = make(unruly.segfault)
    work = partial(engine.predict, inputs=inputs(first=1.0))
    with pytest.raises(WorkerDied, match=r"SIGSEGV.*in unruly\.py"):
        executor.run("model", work, Run())
    fine = executor.run("model", partial(engine.predict, inputs=inputs()), Run())
    assert fine.shape == (2, 3)


def test_a_process_that_vanishes_is_replaced(make: Make):
    executor = make(unruly.vanishes)
    with pytest.raises(WorkerDied, match="exit code 7"):
        executor.run("model", partial(engine.predict, inputs=inputs(first=1.0)), Run())
    assert torch.equal(executor.run("model", unruly.double, Run()), 2 * torch.ones(3))


def test_a_process_that_leaks_is_replaced_between_two_works(make: Make):
    executor = make(unruly.leaks, growth=200_000_000)
    bad = partial(engine.predict, inputs=inputs(first=1.0))
    executor.run("model", attribute(), Run())
    first = executor.run("model", unruly.process_of, Run())
    executor.run("model", bad, Run(memory=1))
    assert executor.run("model", unruly.process_of, Run()) == first
    for _ in range(15):
        executor.run("model", bad, Run(memory=1))
    assert executor.run("model", unruly.process_of, Run()) != first


def test_errors_come_back_in_words_with_the_users_lines(make: Make):
    executor = make(unruly.exits)
    with pytest.raises(AttriboardError) as caught:
        executor.run("model", partial(engine.predict, inputs=inputs(first=1.0)), Run())
    told = describe(caught.value)
    assert "sys.exit" in told.detail
    assert any("unruly.py" in line for line in told.trace)
    method = engine.IntegratedGradients(n_steps=4)
    work = partial(engine.attribute, inputs=inputs(), method=method, target=99)
    with pytest.raises(InvalidInput) as wrong:
        executor.run("model", work, Run())
    assert wrong.value.field == "target"
    with pytest.raises(ModelError):
        executor.run("model", partial(engine.predict, inputs=inputs()[:1]), Run())


def test_a_cancel_between_blocks_keeps_the_process(make: Make):
    executor = make(unruly.plain)
    with pytest.raises(Cancelled):
        executor.run("model", attribute(), Run(cancel=lambda: True))
    assert executor.run("model", attribute(), Run()).rows > 0


def test_a_cancel_inside_an_endless_block_ends_the_process(make: Make):
    executor = make(unruly.hangs, patience=0.4)
    stop = threading.Event()
    timer = threading.Timer(0.5, stop.set)
    timer.start()
    work = partial(engine.predict, inputs=inputs(first=1.0))
    with pytest.raises(Cancelled):
        executor.run("model", work, Run(cancel=stop.is_set))
    assert executor.run("model", partial(engine.predict, inputs=inputs()), Run()).shape == (2, 3)


def test_models_that_cannot_be_loaded_say_so(make: Make):
    with pytest.raises(AttriboardError, match="the weights are gone"):
        make(unruly.broken).run("model", unruly.double, Run())


def test_work_that_cannot_be_sent_is_refused(make: Make):
    with pytest.raises(InvalidInput, match="top level of a module"):
        make(unruly.plain).run("model", lambda model, run: 1, Run())
