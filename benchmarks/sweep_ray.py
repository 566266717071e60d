"""Two single-thread Ray workers against two bare processes, and one against none."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from attriboard import engine
from attriboard.board import Board
from attriboard.catalog import Query
from attriboard.jobs.executors import Executor, Local, OnRay
from attriboard.jobs.overview_plan import OverviewRequest
from attriboard.jobs.session import Session
from benchmarks.sweep_boards import photo_models, photos

ROUNDS = 2
STEPS = 8
BATCH = 2


def gains(count: int) -> dict[str, Any]:
    """What two workers gain over one, on Ray and bare, in turns; and Ray's time over local's."""
    torch.set_num_threads(1)
    board = photos()
    gained = [(_bare(count, 1) / _bare(count, 2)) for _ in range(ROUNDS)]
    times: dict[str, list[float]] = {"local": [], "one": [], "two": []}
    executors: dict[str, Callable[[], Executor]] = {
        "local": lambda: Local(board.models),
        "one": lambda: OnRay(photo_models, seats=1),
        "two": lambda: OnRay(photo_models, seats=2),
    }
    for name, made in executors.items():
        times[name] = _sweeps(board, made(), count)
    best = {name: min(seconds) for name, seconds in times.items()}
    return {
        "photos": count,
        "bare_gain": statistics.median(gained),
        "ray_gain": best["one"] / best["two"],
        "ray_over_bare": best["one"] / best["two"] / statistics.median(gained),
        "ray_over_local": best["one"] / best["local"],
    }


def _sweeps(board: Board, executor: Executor, count: int) -> list[float]:
    """Seconds of sweeps of so many photos, each by a seed of its own so that it is computed."""
    session = Session(board, None, executor=executor)
    predicting = session.start()
    if predicting is not None:
        predicting.wait()
    seconds = []
    for seed in range(ROUNDS + 1):
        request = OverviewRequest(params={"n_steps": STEPS}, seed=seed)
        began = time.perf_counter()
        job = session.overview(Query(where=f"index < {count}"), request)
        if not isinstance(job, list):
            job.wait()
            if job.failure is not None:
                raise job.failure.error()
        seconds.append(time.perf_counter() - began)
    session.close()
    return seconds[1:]


def _bare(count: int, processes: int) -> float:
    """Seconds for so many photos by the engine alone, shared by bare processes."""
    context = multiprocessing.get_context("spawn")
    ready, go = context.Barrier(processes + 1), context.Barrier(processes + 1)
    share = count // processes
    workers = [
        context.Process(target=_bare_work, args=(share, ready, go)) for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.perf_counter()
    go.wait()
    for worker in workers:
        worker.join()
    return time.perf_counter() - began


def _bare_work(share: int, ready: Any, go: Any) -> None:
    model = photo_models()["model"]
    rows = torch.rand(BATCH, 3, 224, 224)
    attribute = partial(engine.attribute, model, rows, engine.IntegratedGradients(n_steps=STEPS), 0)
    attribute()
    ready.wait()
    go.wait()
    for _ in range(share // BATCH):
        attribute()
