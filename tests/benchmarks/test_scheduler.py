"""The simulation behind the page on scaling: it loses nothing, and the page says what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks import scheduler
from benchmarks.scheduler import World, simulate

SMALL = World(blocks=200, block=0.5, workers=8)


def test_the_figures_of_the_page_are_those_of_the_code() -> None:
    text = scheduler.PAGE.read_text()
    assert scheduler.written(text, scheduler.tables()) == text
    assert all(f"<!-- {name} -->" in text for name in scheduler.tables(0.01))


def test_one_seed_gives_one_outcome() -> None:
    world = replace(SMALL, death=20.0, slow=0.25)
    assert simulate(world) == simulate(world)
    assert simulate(world) != simulate(replace(world, seed=1))


def test_even_work_takes_as_long_as_it_must() -> None:
    even = simulate(replace(SMALL, overhead=0.0, spread=0.0))
    assert even.seconds == pytest.approx(200 * 0.5 / 8)
    assert even.efficiency == pytest.approx(1)
    assert even.lost == even.deaths == even.copies == 0
    # One worker, with the scheduler's time added to each block.
    one = simulate(replace(SMALL, workers=1, spread=0.0, overhead=0.1))
    assert one.seconds == pytest.approx(200 * 0.6)


def test_deaths_cost_time_and_lose_no_block() -> None:
    calm, deadly = simulate(SMALL), simulate(replace(SMALL, death=10.0, replace=5.0))
    assert deadly.deaths > 0
    assert deadly.lost > 0
    assert deadly.seconds > calm.seconds


def test_a_slow_worker_takes_fewer_blocks() -> None:
    slow = simulate(replace(SMALL, slow=0.25, spread=0.0, overhead=0.0))
    together = 0.75 + 0.25 / SMALL.slowness
    assert slow.efficiency == pytest.approx(together, rel=0.08)
    long = replace(SMALL, slow=0.25, blocks=9, block=10.0, spread=0.0)
    backed = simulate(replace(long, backups=True))
    assert backed.copies > 0
    assert backed.seconds < simulate(long).seconds
