"""`attriboard attribute`: attributions of many examples as files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from attriboard.api.launch import byte_count, store_path
from attriboard.board import Board
from attriboard.catalog import Query
from attriboard.cli.loading import absolute, load_board, load_demo_models, load_models
from attriboard.demos import DEMOS
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.executors import Executor
from attriboard.jobs.export_plan import ExportRequest
from attriboard.jobs.job import Job
from attriboard.jobs.limits import Limits
from attriboard.jobs.session import Session

DEMO = "demo:"
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
LOOK_SECONDS = 0.2
STOPPED = 130


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The command's flags as they were typed."""

    methods: Sequence[str]
    where: str | None
    sample: int | None
    seed: int
    models: Sequence[str] | None
    target: str | None
    baselines: Sequence[str]
    contributions: bool
    arrays: bool
    metrics: Sequence[str]
    budget: str
    memory: str | None

    def query(self) -> Query:
        """Which examples."""
        return Query(where=self.where, sample=self.sample, seed=self.seed)

    def request(self, board: Board) -> ExportRequest:
        """What is computed of them. Raises InvalidInput for a flag that cannot be read."""
        return ExportRequest(
            methods=[method_of(text) for text in self.methods],
            contributions=self.contributions,
            arrays=self.arrays,
            metrics=tuple(self.metrics),
            models=None if self.models is None else tuple(self.models),
            target=target_of(self.target, board.output.names),
            baseline=dict(baseline_of(text) for text in self.baselines),
            seed=self.seed,
        )


def board_of(target: str, store: Path | None) -> tuple[Board, Callable[[], Mapping[str, Any]]]:
    """The board of a file, a module or `demo:NAME`, and what loads its models elsewhere."""
    if not target.startswith(DEMO):
        return load_board(target), partial(load_models, absolute(target))
    name = target.removeprefix(DEMO)
    if name not in DEMOS:
        raise InvalidInput(f"There is no demo {name!r}; there is {', '.join(DEMOS)}.", "target")
    folder = store_path(f"demo-{name}", store)
    return DEMOS[name].load(folder), partial(load_demo_models, name, folder)


def method_of(text: str) -> tuple[str, dict[str, Any]]:
    """`NAME`, or `NAME:{"parameter": value}`."""
    name, colon, params = text.partition(":")
    try:
        found = json.loads(params) if colon else {}
    except ValueError as error:
        raise InvalidInput(
            f"The parameters of {name} are not JSON ({error}). Write them as "
            "'IntegratedGradients:{\"n_steps\": 20}'.",
            "method",
        ) from error
    if not isinstance(found, dict):
        raise InvalidInput(f'The parameters of {name} are names and values: {{"n": 1}}.', "method")
    return name, found


def baseline_of(text: str) -> tuple[str, str | dict[str, int]]:
    """`INPUT=NAME`, or `INPUT=example:INDEX`."""
    name, equals, choice = text.partition("=")
    if not equals:
        raise InvalidInput(f"--baseline is INPUT=NAME, not {text!r}.", "baseline")
    example = re.fullmatch(r"example:(\d+)", choice)
    return name, choice if example is None else {"example": int(example[1])}


def target_of(text: str | None, names: list[str]) -> int | None:
    """A class by its name or its index; None for each example's own prediction."""
    if text is None:
        return None
    if text in names:
        return names.index(text)
    if text.isdecimal():
        return int(text)
    raise InvalidInput(f"There is no class {text!r}. Give its name or its index.", "target")


def bytes_of(text: str) -> int:
    """`500MB`, `10 GB`, `2T`."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)B?\s*", text.upper())
    if found is None:
        raise InvalidInput(f"--budget is a size such as 10GB, not {text!r}.", "budget")
    return round(float(found[1]) * UNITS[found[2]])


def run(
    board: Board, wanted: Wanted, out: Path, store: Path | None, executor: Executor | None = None
) -> None:
    """Predict what is not predicted yet, then write what is not written yet.

    Ctrl-C ends it within one block of the model, and ends the command with code STOPPED.
    """
    request, budget = wanted.request(board), bytes_of(wanted.budget)
    limits = Limits(memory=byte_count(wanted.memory))
    session = Session(board, store_path(board.name, store), executor=executor, limits=limits)
    try:
        predicting = session.start()
        if predicting is not None:
            _follow(predicting, "Predicting")
        _follow(session.export(wanted.query(), request, out, budget), "Attributing")
        columns = session.open_export(out)
    finally:
        session.close()
    typer.echo(f"Written to {out}. Start with {out / 'manifest.json'}.")
    typer.echo(f"Columns in the dashboard: {', '.join(columns)}.")


def _follow(job: Job, what: str) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    times = (TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, *times, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        try:
            while not job.wait(LOOK_SECONDS):
                bar.update(task, completed=job.done, total=job.total or None)
        except KeyboardInterrupt:
            job.cancel()
            job.wait()
        bar.update(task, completed=job.done, total=job.total or None)
    if job.state == "cancelled":
        typer.echo("Stopped. The same command goes on where it stopped.", err=True)
        raise typer.Exit(STOPPED)
    if job.failure is not None:
        raise job.failure.error()
