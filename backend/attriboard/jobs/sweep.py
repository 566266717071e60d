"""The background work that fills the catalog with contributions, where examples lack them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from attriboard.catalog import Catalog
from attriboard.engine import Run
from attriboard.jobs.blocks import Blocks
from attriboard.jobs.context import JobContext
from attriboard.jobs.contributed import Column, Need, contributions
from attriboard.jobs.lanes import Lanes
from attriboard.jobs.pace import Pace
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
        pace = Pace(context, {e.setup.model: (len(e.indices), 1) for e in lacking})
        results = []
        with Lanes(context) as lanes:
            for each in lacking:
                done = _OneModel(self._shelf, self._catalog, each, lanes, pace)
                results.append(done.run())
        context.finish(results)


class _OneModel:
    def __init__(
        self,
        shelf: Shelf,
        catalog: Catalog,
        lacking: Lacking,
        lanes: Lanes,
        pace: Pace,
    ) -> None:
        self._shelf = shelf
        self._lacking = lacking
        self._setup = lacking.setup
        self._lanes = lanes
        self._pace = pace
        self._rows = _Rows(catalog, lacking.setup)

    def run(self) -> dict[str, Any]:
        """What was done, as JSON."""
        blocks = Blocks(self._lanes, self._read, self._compute, self._keep)
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

    def _compute(self, batch: list[Need], context: JobContext) -> dict[str, Column]:
        under_way = self._pace.begin(self._setup.model, len(batch))
        run = Run(under_way.progress, cancel=context.cancel, memory=self._shelf.memory)
        completed = False
        try:
            columns = contributions(self._shelf, self._setup, batch, run)
            completed = True
        finally:
            self._pace.end(under_way, completed)
            self._shelf.tally.add(rows=run.rows)
        return columns

    def _keep(self, batch: list[Need], columns: dict[str, Column]) -> None:
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
