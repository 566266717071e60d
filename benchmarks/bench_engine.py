"""How fast the engine is: beside Captum as it comes, Captum tuned by hand, and bare passes.

    python -m benchmarks.bench_engine                     # every case and method: some hours
    python -m benchmarks.bench_engine --case mlp-1 --case vqa --method ig
    python -m benchmarks.bench_engine --quick             # the small cases, in half a minute

Each method runs on each case four ways, in turn in one process. "Floor" is the number of rows the
method needs, sent through the bare model in blocks of the size and in the memory format that a
short trial found the fastest. "Tuned" is Captum with the best of a few rows a pass, and channels
last where the input is a picture. Prints a table and writes benchmarks/results/engine.json.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from benchmarks.speed.cases import CASES, Case, build
from benchmarks.speed.floor import floor
from benchmarks.speed.questions import QUESTIONS, Job, Question, Setting
from benchmarks.speed.report import Line, print_table, write
from benchmarks.speed.timing import CLOCK, CLOCKS, in_turn, timed

RESULTS = Path(__file__).parent / "results" / "engine.json"
QUICK = {"mlp-1": ("ig", "ablation", "kernelshap"), "vqa": ("ig",), "drawn": ("gradcam",)}
TRIALS = (8, 16, 50, 200)
SLOW = 5.0
"""Seconds of one run of Captum from which on a setting is tried once, not twice."""
ENOUGH = 60.0
"""Seconds after which no further setting of Captum is tried."""


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    CLOCK.read = CLOCKS[options.clock]
    with _quiet():
        print_table(_measured(options))
    return 0


@contextmanager
def _quiet() -> Iterator[None]:
    """Warnings of the engines would stand between the lines."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _measured(options: argparse.Namespace) -> list[Line]:
    """All cases and methods that are asked for, written down one by one."""
    lines: list[Line] = []
    for name in options.case or (QUICK if options.quick else CASES):
        case = build(name)
        if case is None:
            print(f"== {name}: left out, a package it needs is not installed", flush=True)
            continue
        for method in _methods(options, case):
            lines.append(measure(case, method, options.rounds, options.budget))
            print(f"{name} {method}: {_sentence(lines[-1])}", flush=True)
            write(lines, options.json)
    return lines


def measure(case: Case, method: str, rounds: int, budget: float) -> Line:
    """One case and method, four ways in turn."""
    question = QUESTIONS[method]
    rows = question.rows(case) * len(case.inputs)
    bare = floor(case, rows, question.gradient)
    setting = _tuned(question, case, rows)
    jobs: dict[str, Job] = {"ours": question.ours(case), "floor": bare}
    jobs["captum"] = question.theirs(case, Setting())
    if setting is not None:
        jobs["tuned"] = question.theirs(case, setting)
    timings = in_turn(jobs, rounds, budget)
    ours, least = timings.best("ours"), timings.best("floor")
    assert ours is not None
    assert least is not None
    return Line(
        case=case.name,
        method=method,
        rows=rows,
        ours=ours,
        floor=least,
        captum=timings.best("captum"),
        tuned=timings.best("tuned"),
        ours_over_floor=timings.ratio("ours", "floor") or 0.0,
        captum_over_ours=timings.ratio("captum", "ours"),
        tuned_over_ours=timings.ratio("tuned", "ours"),
        tuned_as=str(setting or "-"),
        floor_as=str(Setting(bare.block, bare.channels_last)),
        first=timings.first["ours"],
        rounds=len(timings.seconds["ours"]),
    )


def _tuned(question: Question, case: Case, rows: int) -> Setting | None:
    """The fastest setting of Captum in one run each; None where it has none or always fails."""
    sizes = [None, *(n for n in TRIALS if n <= rows)] if question.batched else [None]
    best: tuple[float, Setting] | None = None
    began = time.perf_counter()
    for setting in (Setting(n, last) for n in sizes for last in reversed(_formats(case))):
        if setting == Setting():
            continue
        if best is not None and time.perf_counter() - began > ENOUGH:
            break
        try:
            job = question.theirs(case, setting)
            seconds = timed(job)
            seconds = min(seconds, timed(job)) if seconds < SLOW else seconds
        except Exception:  # a setting Captum refuses is no candidate
            continue
        if best is None or seconds < best[0]:
            best = (seconds, setting)
    return best[1] if best else None


def _formats(case: Case) -> tuple[bool, ...]:
    return (False, True) if case.pictures else (False,)


def _methods(options: argparse.Namespace, case: Case) -> list[str]:
    wanted = options.method or (QUICK.get(case.name) if options.quick else None) or case.methods
    return [method for method in wanted if method in case.methods]


def _sentence(line: Line) -> str:
    theirs = f"{line.captum_over_ours:.2f}" if line.captum_over_ours else "-"
    tuned = f"{line.tuned_over_ours:.2f}" if line.tuned_over_ours else "-"
    return (
        f"{1000 * line.ours:.3g} ms, {line.ours_over_floor:.2f} of the floor ({line.floor_as}); "
        f"Captum {theirs}, tuned {tuned} ({line.tuned_as}); first {1000 * line.first:.3g} ms"
    )


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few small cases, few rounds")
    parser.add_argument("--case", action="append", choices=list(CASES))
    parser.add_argument("--method", action="append", choices=list(QUESTIONS))
    parser.add_argument("--rounds", type=int, help="most rounds of a method (25; quick: 3)")
    parser.add_argument("--budget", type=float, help="seconds for the rounds of one method")
    parser.add_argument("--threads", type=int, help="threads of torch (its default)")
    parser.add_argument(
        "--clock",
        choices=list(CLOCKS),
        default="wall",
        help="cpu: on a busy machine, with --threads 1",
    )
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (3 if options.quick else 25)
    options.budget = options.budget or (0.5 if options.quick else 60.0)
    return options


if __name__ == "__main__":
    sys.exit(main())
