"""How the rows of a block are found: quickly, towards the least time a row, within all limits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn

from attriboard import engine
from attriboard.engine.planner import ALONE, SECONDS, LiveBytes, Planner

GIB = 1 << 30


def _driven(
    planner: Planner,
    seconds: Callable[[int], float],
    total: int = 5000,
    memory: int = GIB,
    longest: float = SECONDS,
) -> list[int]:
    """The blocks of a run on a machine where a block of r rows takes seconds(r)."""
    planner.longest = longest
    blocks, left = [], total
    while left:
        rows = planner.size(left, memory)
        blocks.append(rows)
        if planner.row_bytes is None:
            planner.measured(1000, seconds(rows))
        else:
            planner.note(rows, seconds(rows))
        left -= rows
    return blocks


def test_a_pass_that_costs_the_same_for_any_rows_gets_large_blocks_at_once():
    blocks = _driven(Planner(), lambda rows: 0.001)
    assert blocks[0] == 1
    assert len(blocks) <= 6


def test_the_size_with_the_least_time_a_row_is_found_and_kept():
    planner = Planner()
    paces = {1: 3.0, 2: 2.2, 4: 2.0, 8: 1.5, 16: 2.5, 32: 4.0}  # ms a row: the cache ends at 8
    planner.measured(1 << 20, 0.003)

    def seconds(rows: int) -> float:
        return rows * paces[min(paces, key=lambda size: abs(size - rows))] / 1000

    _driven(planner, seconds)
    blocks = _driven(planner, seconds)
    assert sum(rows in (7, 8) for rows in blocks) >= 0.9 * len(blocks)


def test_a_long_block_is_judged_once_memory_lies_as_it_needs_it():
    """A block of another size than the one before asks the system for memory, which takes time."""
    planner, before = Planner(row_bytes=1 << 20, rows=4), [0]
    paces = {2: 26, 4: 22, 8: 18, 16: 15, 32: 25}  # ms a row

    def seconds(rows: int) -> float:
        pace = paces[min(paces, key=lambda size: abs(size - rows))] / 1000
        fresh, before[0] = rows != before[0], rows
        return rows * pace * (1.6 if fresh else 1.0)

    _driven(planner, seconds, 500, longest=ALONE)
    blocks = _driven(planner, seconds, 500, longest=ALONE)
    assert sum(rows in (15, 16) for rows in blocks) >= 0.8 * len(blocks)


def test_a_size_that_is_clearly_slower_is_given_up_at_once():
    planner = Planner(row_bytes=1 << 20, rows=4)
    blocks = _driven(planner, lambda r: 0.02 * r * (1.7 if r > 8 else 1), 240, longest=ALONE)
    assert sum(rows > 8 for rows in blocks) <= 2


def test_a_size_seen_in_a_slow_moment_is_soon_compared_anew():
    planner, calls = Planner(row_bytes=1 << 20, rows=4), [0]
    paces = {2: 10, 4: 8, 8: 7, 16: 9}  # ms a row

    def seconds(rows: int) -> float:
        calls[0] += 1
        pace = paces[min(paces, key=lambda size: abs(size - rows))] / 1000
        return rows * pace * (1.3 if 2 <= calls[0] <= 9 else 1)

    _driven(planner, seconds, 300)
    blocks = _driven(planner, seconds, 160)
    assert sum(rows in (7, 8) for rows in blocks) >= 0.8 * len(blocks)


def test_times_of_another_day_decide_nothing():
    planner = Planner(row_bytes=1 << 20, rows=8)
    _driven(planner, lambda rows: 0.005 * rows * (0.9 if rows == 4 else 1), 400)
    _driven(planner, lambda rows: 0.008 * rows * (1.4 if rows == 4 else 1), 800)
    assert planner._best() != 4


def test_no_larger_size_is_tried_where_the_last_step_gained_nothing():
    planner = Planner(row_bytes=1 << 20, rows=4)
    blocks = _driven(planner, lambda r: 0.02 * r + (0.04 if r < 8 else 0), 240, longest=ALONE)
    assert max(blocks) == 16
    _driven(planner, lambda r: 0.02 * r * (0.5 if r > 16 else 1), 2000, longest=ALONE)
    assert max(planner.tried) >= 32


def test_one_bad_moment_gives_no_size_up():
    planner, calls = Planner(), [0]

    def seconds(rows: int) -> float:
        calls[0] += 1
        return (0.3 if calls[0] % 4 == 2 else 0.002) + rows * 1e-7

    _driven(planner, seconds, 100_000)
    assert max(planner.tried, key=lambda size: -planner.tried[size].pace) >= 1024


def test_a_size_given_up_on_a_bad_day_is_tried_again():
    planner = Planner(row_bytes=1000, rows=64)
    _driven(planner, lambda rows: 0.001 * rows * (5 if rows > 64 else 1), 2000)
    assert planner._best() <= 64
    _driven(planner, lambda rows: 0.001 * rows * (0.5 if rows > 64 else 1), 20_000)
    assert planner._best() > 64


def test_blocks_stay_lively_and_within_memory():
    blocks = _driven(Planner(), lambda rows: 0.05 * rows, 200)
    assert max(blocks) * 0.05 <= SECONDS
    blocks = _driven(Planner(), lambda rows: 0.001, 5000, memory=20_000)
    assert max(blocks) <= 20


def test_blocks_may_run_longer_where_nobody_follows():
    def seconds(rows: int) -> float:
        return 0.02 * rows + 0.02  # the more rows, the less a row takes

    planner = Planner(row_bytes=1000, rows=4)
    alone = _driven(planner, seconds, 1000, longest=ALONE)
    assert SECONDS < max(seconds(rows) for rows in alone) <= ALONE
    followed = _driven(planner, seconds, 1000)
    assert max(seconds(rows) for rows in followed) <= SECONDS
    again = _driven(planner, seconds, 1000, longest=ALONE)
    assert SECONDS < max(seconds(rows) for rows in again) <= ALONE


def test_a_run_is_followed_by_whoever_listens_or_may_cancel():
    assert engine.Run().longest == ALONE
    for follower in (
        engine.Run(progress=lambda done, planned: None),
        engine.Run(partial=lambda attributions, done, steps: None),
        engine.Run(cancel=lambda: False),
    ):
        assert follower.longest == SECONDS


def test_a_first_size_that_runs_out_of_memory_is_halved():
    planner = Planner()
    planner.measured(1 << 20, 0.001)
    rows = planner.size(100, GIB)
    planner.note(rows, 0.01)
    planner.rows = rows
    planner.too_much(rows)
    assert planner.size(100, GIB) <= max(1, rows // 2)


def test_memory_that_ran_out_is_not_asked_for_again():
    planner = Planner(row_bytes=1000, rows=256)
    planner.too_much(256)
    assert max(_driven(planner, lambda rows: 0.001)) <= 128


def test_live_bytes_are_the_most_alive_at_once():
    with LiveBytes() as live:
        for _ in range(5):
            kept = torch.zeros(1000) + 1
    assert kept.numel() == 1000
    assert 8000 <= live.peak <= 12_000


@pytest.mark.parametrize("count", [3, 7])
def test_large_blocks_end_with_whole_rounds_of_examples(count: int):
    sizes: list[int] = []
    run = engine.Run(progress=lambda done, planned: sizes.append(done))
    engine.attribute(
        torch.nn.Linear(40, 2), torch.randn(count, 40), engine.FeatureAblation(), 1, run=run
    )
    inner = [done for done in sizes[:-1] if done >= count]
    assert all(done % count == 0 for done in inner)


def test_outputs_of_many_classes_are_not_kept_for_every_example():
    """Both ends of 64 examples have 10 MB of outputs here, of which the leading class is kept."""
    model, x = nn.Linear(4, 20_000), torch.randn(64, 4)
    ask = partial(engine.attribute, model, x, engine.IntegratedGradients(n_steps=2), 1)
    ask(run=engine.Run(memory=1 << 20))
    with LiveBytes() as live:
        ask(run=engine.Run(memory=1 << 20))
    assert live.peak < 4 << 20
