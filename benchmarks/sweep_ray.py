"""Two single-thread Ray workers against two bare processes, and one against none."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections import defaultdict
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

ROUNDS = 3
STEPS = 8
BATCH = 2


def gains(count: int) -> dict[str, Any]:
    """What two workers gain over one, on Ray and bare, and Ray's time over local's.

    Every contender takes its turn in every round, and ratios are medians over the rounds.
    """
    torch.set_num_threads(1)
    board = photos()
    executors: dict[str, Executor] = {
        "local": Local(board.models),
        "one": OnRay(photo_models, seats=1, cpus=0.5),
        "two": OnRay(photo_models, seats=2, cpus=0.5),
    }
    sessions = {name: _predicted(board, executor) for name, executor in executors.items()}
    for session in sessions.values():
        _sweep(session, count, 0)  # learns the size of blocks, and is not counted
    times: dict[str, list[float]] = defaultdict(list)
    for seed in range(1, ROUNDS + 1):
        for processes in (1, 2):
            times[f"bare {processes}"].append(_bare(count, processes))
        for name, session in sessions.items():
            times[name].append(_sweep(session, count, seed))
        print({name: round(seconds[-1], 2) for name, seconds in times.items()}, flush=True)
    for name in reversed(sessions):  # the first on Ray started the cluster and ends it
        sessions[name].close()
    bare, gained = _ratio(times, "bare 1", "bare 2"), _ratio(times, "one", "two")
    return {
        "photos": count,
        "bare_gain": statistics.median(bare),
        "ray_gain": statistics.median(gained),
        "ray_over_bare": statistics.median(g / b for g, b in zip(gained, bare, strict=True)),
        "ray_over_local": statistics.median(_ratio(times, "one", "local")),
        "seconds": {name: [round(s, 2) for s in seconds] for name, seconds in times.items()},
    }


def _ratio(times: dict[str, list[float]], above: str, below: str) -> list[float]:
    return [a / b for a, b in zip(times[above], times[below], strict=True)]


def _predicted(board: Board, executor: Executor) -> Session:
    session = Session(board, None, executor=executor)
    predicting = session.start()
    if predicting is not None:
        predicting.wait()
    return session


def _sweep(session: Session, count: int, seed: int) -> float:
    """Seconds of a sweep of so many photos; by a seed of its own each is computed anew."""
    request = OverviewRequest(params={"n_steps": STEPS}, seed=seed)
    began = time.perf_counter()
    job = session.overview(Query(where=f"index < {count}"), request)
    if not isinstance(job, list):
        job.wait()
        if job.failure is not None:
            raise job.failure.error()
    return time.perf_counter() - began


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
