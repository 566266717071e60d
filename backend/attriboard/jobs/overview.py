"""The work of an overview: the attributions of a whole dataset, summed up as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from safetensors.numpy import load
from torch import Tensor

from attriboard.engine import Result, Run
from attriboard.jobs.blocks import Blocks
from attriboard.jobs.context import JobContext
from attriboard.jobs.contributed import Need, attributed, own_targets
from attriboard.jobs.lanes import Lanes
from attriboard.jobs.overview_plan import OverviewPlan
from attriboard.jobs.overview_reading import (
    Kind,
    Reading,
    contrast,
    grid_of,
    groups_of,
    kind_of,
    read,
)
from attriboard.jobs.overview_sums import InputSums, Map, Picture, Tally
from attriboard.jobs.overview_table import table
from attriboard.jobs.pace import Pace
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.sweep_plan import Setup
from attriboard.jobs.target import Target
from attriboard.jobs.task import Task, prepare

Readings = dict[int, tuple[int, list[Reading]]]
"""By example: the class it counts for, and each input's reading."""


class Overview:
    """The work for one plan. Each part that is done is kept, and not computed again."""

    def __init__(self, shelf: Shelf, plan: OverviewPlan) -> None:
        self._shelf = shelf
        self._plan = plan
        raw = shelf.examples.get(plan.indices[0]).example.raw
        self._kinds: list[Kind] = [kind_of(e, raw[e.name]) for e in shelf.board.inputs]
        self._grids = [
            grid_of(entry, raw[entry.name]) if kind == "image" else None
            for entry, kind in zip(shelf.board.inputs, self._kinds, strict=True)
        ]

    def __call__(self, context: JobContext) -> None:
        store = self._shelf.store
        missing = [s for s in self._plan.shards() if not store.has(self._plan.part_key(s))]
        count = sum(map(len, missing))
        rows = self.rows_each()
        pace = Pace(context, {setup.model: (count, rows) for setup in self._plan.setups})
        with Lanes(context) as lanes:
            for shard in missing:
                context.check()
                self._sum_up(shard, lanes, pace)
        found = self._merged()
        arrays, made = table(self._shelf.board, self._plan, self._kinds, *found)
        store.put(self._plan.key, arrays, made)
        context.finish([made])

    def rows_each(self) -> int:
        """Rows through one model that the first example takes."""
        plan = self._plan.setups[0].plan
        if plan is None:
            return 1
        task = Task(self._plan.indices[0], "", Target())
        prepared = prepare(self._shelf.board, self._shelf.examples, plan, task)
        prepared.method.check_features(prepared.units)
        return prepared.rows

    def _sum_up(self, shard: Sequence[int], lanes: Lanes, pace: Pace) -> None:
        """One part: every model over the same examples, and how far they are apart."""
        meta: dict[str, Any] = {"models": {}}
        arrays: dict[str, Map] = {}
        first: Readings | None = None
        for place, setup in enumerate(self._plan.setups):
            reader = _Reader(self._shelf, setup, self._plan.by, self._kinds, self._grids, pace)
            readings, failed = reader.run(shard, lanes)
            sums = self._sums(readings, first)
            first = first or readings
            names = [entry.name for entry in self._shelf.board.inputs]
            meta["models"][setup.model] = {
                "count": len(readings),
                "failed": failed,
                "inputs": [each.json() for each in sums],
            }
            for name, each in zip(names, sums, strict=True):
                arrays |= {f"{place}/{key}": value for key, value in each.arrays(name).items()}
        self._shelf.store.put(self._plan.part_key(shard), arrays, meta)

    def _sums(self, readings: Readings, first: Readings | None) -> list[InputSums]:
        sums = [InputSums() for _ in self._shelf.board.inputs]
        for index, (group, parts) in readings.items():
            for place, part in enumerate(parts):
                _add(sums[place], part, group)
                if first is not None and index in first:
                    _compare(sums[place], part, first[index][1][place])
        return sums

    def _merged(self) -> tuple[dict[str, list[InputSums]], dict[str, tuple[int, int]]]:
        """All parts together: each model's sums by input, and its examples done and failed."""
        names = [entry.name for entry in self._shelf.board.inputs]
        sums = {setup.model: [InputSums() for _ in names] for setup in self._plan.setups}
        counts = {setup.model: (0, 0) for setup in self._plan.setups}
        for shard in self._plan.shards():
            meta, arrays = self._part(shard)
            for place, model in enumerate(sums):
                stored = meta["models"][model]
                done, failed = counts[model]
                counts[model] = done + stored["count"], failed + stored["failed"]
                own = {
                    key.removeprefix(f"{place}/"): value
                    for key, value in arrays.items()
                    if key.startswith(f"{place}/")
                }
                for name, into, part in zip(names, sums[model], stored["inputs"], strict=True):
                    into.merge(InputSums.of(part, name, own))
        return sums, counts

    def _part(self, shard: Sequence[int]) -> tuple[Mapping[str, Any], Mapping[str, Map]]:
        key = self._plan.part_key(shard)
        meta, body = self._shelf.store.meta(key), self._shelf.store.body(key)
        if meta is None or body is None:
            raise RuntimeError("A part of the overview was removed while it was made. Try again.")
        return meta, {name: np.array(value, np.float64) for name, value in load(body).items()}


class _Reader:
    """One model over the examples of one part."""

    def __init__(
        self, shelf: Shelf, setup: Setup, by: str, kinds: list[Kind], grids: list[Any], pace: Pace
    ) -> None:
        self._shelf = shelf
        self._setup = setup
        self._by = by
        self._kinds = kinds
        self._grids = grids
        self._pace = pace
        self._readings: Readings = {}

    def run(self, shard: Sequence[int], lanes: Lanes) -> tuple[Readings, int]:
        """The readings, and how many examples failed."""
        blocks = Blocks(lanes, self._read, self._compute, self._keep)
        blocks.run(shard)
        self._pace.skipped(self._setup.model, len(blocks.failed))
        return self._readings, len(blocks.failed)

    def _read(self, index: int) -> Need:
        shelf, setup = self._shelf, self._setup
        loaded = shelf.examples.get(index)
        prepared = None
        if setup.plan is not None:
            prepared = prepare(shelf.board, shelf.examples, setup.plan, Task(index, "", Target()))
        baseline = shelf.board.baseline(setup.baseline, loaded.example, setup.seed)
        return Need(loaded, baseline, prepared, False)

    def _compute(self, batch: list[Need], context: JobContext) -> tuple[Result, list[int]]:
        under_way = self._pace.begin(self._setup.model, len(batch))
        run = Run(under_way.progress, cancel=context.cancel, memory=self._shelf.memory)
        completed = False
        try:
            targets = own_targets(self._shelf, self._setup, batch, run)
            result = attributed(self._shelf, self._setup, batch, targets, run)
            completed = True
        finally:
            self._pace.end(under_way, completed)
            self._shelf.tally.add(rows=run.rows)
        return result, [-1 if t.index is None else int(t.index) for t in targets]

    def _keep(self, batch: list[Need], made: tuple[Result, list[int]]) -> None:
        result, targets = made
        labels = [need.loaded.example.label for need in batch]
        groups = groups_of(list(targets), labels, self._by)
        for row, need in enumerate(batch):
            own = [tensor[row] for tensor in result.attributions]
            self._readings[need.index] = groups[row], self._parts(need, own)

    def _parts(self, need: Need, attributions: Sequence[Tensor]) -> list[Reading]:
        inputs = self._shelf.board.inputs
        return [
            read(entry, kind, need.loaded.example, tensor[0], attribution, grid)
            for entry, kind, tensor, attribution, grid in zip(
                inputs, self._kinds, need.loaded.tensors, attributions, self._grids, strict=True
            )
        ]


def _add(sums: InputSums, part: Reading, group: int) -> None:
    for name, value in part.features.items():
        sums.features.setdefault(name, Tally()).add(value)
    if part.attribution is None or part.shown is None:
        return
    one = InputSums(
        pictures={group: Picture(1, part.attribution, part.shown, contrast(part.shown))}
    )
    sums.merge(one)


def _compare(sums: InputSums, part: Reading, first: Reading) -> None:
    for name, value in part.features.items():
        if name in first.features:
            sums.drift.setdefault(name, Tally()).add(value - first.features[name])
