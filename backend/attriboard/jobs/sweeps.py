"""Sweeps as they are asked for: what they would cost, and the job that runs them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from attriboard.catalog import Catalog, Query
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.job import Job, Priority
from attriboard.jobs.keys import digest
from attriboard.jobs.queue import Queue
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.sweep import Lacking, Sweep
from attriboard.jobs.sweep_plan import MEASURES, Columns, Setup, SweepRequest, resolve
from attriboard.jobs.target import Target
from attriboard.jobs.task import Task, prepare

SAMPLE = 16  # examples that are read to see how many rows they take


@dataclass(frozen=True)
class ModelState:
    """How far the sweep of one model is: examples that lack something, and passes they take."""

    model: str
    lacking: int
    passes: int


@dataclass(frozen=True)
class SweepState:
    """What a sweep covers, what it lacks, and where its numbers are.

    columns: the public names of the catalog's columns by measure and input. job: the one that
    computes them now, if any.
    """

    examples: int
    models: list[ModelState]
    columns: Mapping[str, Mapping[str, str]]
    interactions: list[tuple[str, str, str]]
    job: str | None

    @property
    def lacking(self) -> int:
        return max((each.lacking for each in self.models), default=0)

    @property
    def passes(self) -> int:
        return sum(each.passes for each in self.models)


class Sweeps:
    """Contributions of all examples that match a query."""

    def __init__(self, shelf: Shelf, catalog: Catalog, queue: Queue) -> None:
        self._shelf = shelf
        self._catalog = catalog
        self._queue = queue

    def state(self, query: Query, request: SweepRequest) -> SweepState:
        """Nothing is computed. InvalidInput names what is wrong in the request or the query."""
        setups = resolve(self._shelf.board, request)
        indices = self._catalog.indices(query)
        lacking = [Lacking.of(self._catalog, setup, indices) for setup in setups]
        job = self._queue.live(_key(setups, indices))
        columns = setups[0].columns
        return SweepState(
            len(indices),
            [ModelState(e.setup.model, len(e.indices), self._passes(e)) for e in lacking],
            self._public(setups[0], columns),
            [
                (a, b, self._catalog.computed_name(setups[0].model, key))
                for (a, b), key in columns.interaction.items()
            ],
            None if job is None else job.id,
        )

    def start(self, query: Query, request: SweepRequest) -> Job | None:
        """The job that computes what is missing, behind all other work; None where nothing is.

        Asked for again while it runs, it is the same job. What is written stays where it stops.
        """
        setups = resolve(self._shelf.board, request)
        indices = self._catalog.indices(query)
        if not any(Lacking.of(self._catalog, setup, indices).indices for setup in setups):
            return None
        work = Sweep(self._shelf, self._catalog, setups, indices)
        return self._queue.submit("sweep", _key(setups, indices), work, Priority.BACKGROUND)

    def _passes(self, lacking: Lacking) -> int:
        sample = [index for index in lacking.indices[:SAMPLE] if self._is_readable(index)]
        rows = sum(self._rows(lacking, index) for index in sample)
        return math.ceil(rows * len(lacking.indices) / max(1, len(sample)))

    def _is_readable(self, index: int) -> bool:
        """The sweep itself tells which examples are not, and goes on."""
        try:
            self._shelf.examples.get(index)
        except InvalidInput:
            return False
        return True

    def _rows(self, lacking: Lacking, index: int) -> int:
        board, plan = self._shelf.board, lacking.setup.plan
        rows = 2 ** len(board.inputs) if index in lacking.coalitions else 0
        if plan is None or index not in lacking.attributed:
            return rows
        prepared = prepare(board, self._shelf.examples, plan, Task(index, "", Target()))
        prepared.method.check_features(prepared.units)
        return rows + prepared.rows

    def _public(self, setup: Setup, columns: Columns) -> dict[str, dict[str, str]]:
        measures = {name: getattr(columns, name) for name in MEASURES}
        return {
            measure: {
                name: self._catalog.computed_name(setup.model, key) for name, key in keys.items()
            }
            for measure, keys in measures.items()
        }


def _key(setups: Sequence[Setup], indices: Sequence[int]) -> str:
    marked = hashlib.sha256(np.array(indices, np.int64).tobytes()).hexdigest()
    return digest(["sweep", [setup.identity for setup in setups], marked])
