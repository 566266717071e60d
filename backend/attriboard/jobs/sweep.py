"""The background work that fills the catalog with contributions, where examples lack them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from attriboard.catalog import Catalog
from attriboard.engine import Run
from attriboard.jobs.blocks import Blocks
from attriboard.jobs.context import JobContext
from attriboard.jobs.contributed import Column, Need, contributions
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.sweep_plan import Setup
from attriboard.jobs.target import Target
from attriboard.jobs.task import Task, prepare

WRITE_SECONDS = 0.5
MOST_ERRORS = 20  # told one by one


@dataclass(frozen=True)
class Lacking:
    """Which of the swept examples lack what, for one model."""

    setup: Setup
    attributed: frozenset[int]
    coalitions: frozenset[int]
    indices: tuple[int, ...]  # those that lack either, in the order of the sweep

    @staticmethod
    def of(catalog: Catalog, setup: Setup, indices: Sequence[int]) -> Lacking:
        """What the catalog does not hold yet."""
        find = partial(catalog.missing_computed, setup.model, setup.fingerprint, indices=indices)
        attributed = frozenset(find(keys=setup.columns.attributed) if setup.plan else ())
        coalitions = frozenset(find(keys=setup.columns.coalitions) if setup.shapley else ())
        either = attributed | coalitions
        return Lacking(setup, attributed, coalitions, tuple(i for i in indices if i in either))


class Sweep:
    """The work: for each model what its examples lack, written as it comes. May be run again."""

    def __init__(
        self, shelf: Shelf, catalog: Catalog, setups: Sequence[Setup], indices: Sequence[int]
    ) -> None:
        self._shelf = shelf
        self._catalog = catalog
        self._setups = setups
        self._indices = indices

    def __call__(self, context: JobContext) -> None:
        lacking = [Lacking.of(self._catalog, setup, self._indices) for setup in self._setups]
        meter = _Meter(context, sum(len(each.indices) for each in lacking))
        results = []
        for each in lacking:
            done = _OneModel(self._shelf, self._catalog, each, context, meter)
            results.append(done.run())
        context.finish(results)


class _OneModel:
    def __init__(
        self,
        shelf: Shelf,
        catalog: Catalog,
        lacking: Lacking,
        context: JobContext,
        meter: _Meter,
    ) -> None:
        self._shelf = shelf
        self._lacking = lacking
        self._setup = lacking.setup
        self._context = context
        self._meter = meter
        self._rows = _Rows(catalog, lacking.setup)

    def run(self) -> dict[str, Any]:
        """What was done, as JSON."""
        blocks = Blocks(self._context, self._read, self._compute, self._keep)
        try:
            blocks.run(self._lacking.indices)
        finally:
            self._rows.flush()
        errors = [{"example": i, "error": said} for i, said in blocks.failed.items()]
        return {
            "model": self._setup.model,
            "computed": blocks.computed,
            "failed": len(errors),
            "errors": errors[:MOST_ERRORS],
        }

    def _read(self, index: int) -> Need:
        shelf, setup = self._shelf, self._setup
        loaded = shelf.examples.get(index)
        prepared = None
        if setup.plan is not None and index in self._lacking.attributed:
            prepared = prepare(shelf.board, shelf.examples, setup.plan, Task(index, "", Target()))
        baseline = None if prepared is None else prepared.baseline
        if baseline is None:
            baseline = shelf.board.baseline(setup.baseline, loaded.example, setup.seed)
        return Need(loaded, baseline, prepared, index in self._lacking.coalitions)

    def _compute(self, batch: list[Need]) -> dict[str, Column]:
        meter = self._meter.batch(len(batch))
        run = Run(meter, cancel=self._context.cancel, memory=self._shelf.memory)
        try:
            return contributions(self._shelf, self._setup, batch, run)
        finally:
            self._shelf.tally.add(rows=run.rows)

    def _keep(self, batch: list[Need], columns: dict[str, Column]) -> None:
        self._meter.finished(len(batch))
        self._rows.add([need.index for need in batch], columns)


class _Rows:
    """Numbers on their way into the catalog, written together a few times a second."""

    def __init__(self, catalog: Catalog, setup: Setup) -> None:
        self._catalog = catalog
        self._setup = setup
        self._waiting: dict[tuple[str, ...], tuple[list[int], dict[str, Column]]] = {}
        self._due = time.monotonic()

    def add(self, indices: list[int], columns: dict[str, Column]) -> None:
        known, values = self._waiting.setdefault(tuple(columns), ([], {key: [] for key in columns}))
        known += indices
        for key, column in columns.items():
            values[key] += column
        if time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for indices, columns in waiting.values():
            model, fingerprint = self._setup.model, self._setup.fingerprint
            self._catalog.write_computed(model, fingerprint, indices, columns)
        self._due = time.monotonic() + WRITE_SECONDS


class _Meter:
    """How far the sweep is, in rows through the models; those to come cost what the others did."""

    def __init__(self, context: JobContext, examples: int) -> None:
        self._context = context
        self._examples = examples
        self._done = 0  # examples
        self._rows = 0  # of the batches that are done
        self._here = 0

    def batch(self, examples: int) -> Callable[[int, int], None]:
        """Begin a batch; returns what the engine's Run calls with (rows done, rows planned)."""
        self._here = 0

        def progress(done: int, planned: int) -> None:
            self._here = done
            here, each = self._rows + done, planned / examples
            if self._done:
                each = self._rows / self._done
            self._context.progress(here, max(here, round(each * self._examples)))

        return progress

    def finished(self, examples: int) -> None:
        """End a batch."""
        self._rows += self._here
        self._done += examples
        self._context.progress(self._rows, self._rows * self._examples // self._done)
