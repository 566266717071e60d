"""What an export writes of its examples: cells and arrays, computed in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attriboard.engine import Result, Run
from attriboard.jobs.blocks import Blocks
from attriboard.jobs.context import JobContext
from attriboard.jobs.contributed import (
    Column,
    Need,
    all_coalitions,
    attributed,
    attribution_columns,
    coalition_columns,
    own_targets,
)
from attriboard.jobs.export_metrics import metric_cells
from attriboard.jobs.export_plan import Part
from attriboard.jobs.lanes import Lanes
from attriboard.jobs.pace import Batch, Pace
from attriboard.jobs.provenance import number
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.subjects import feature_counts
from attriboard.jobs.target import Target
from attriboard.jobs.task import Task, prepare

Cell = float | int | str | None


@dataclass
class Rows:
    """What one shard holds so far: cells by example and column, arrays by name."""

    cells: dict[int, dict[str, Cell]] = field(default_factory=dict)
    arrays: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)


class Worker:
    """Computes the shards of one part, each on every seat."""

    def __init__(self, shelf: Shelf, part: Part, lanes: Lanes, pace: Pace) -> None:
        self._shelf = shelf
        self._part = part
        self._setup = part.setup
        self._pace = pace
        self._rows = Rows()
        self._blocks = Blocks(lanes, self._read, self._compute, self._keep)

    def run(self, shard: Sequence[int]) -> Rows:
        """The cells and arrays of these examples; one that fails has its reason."""
        self._rows, self._blocks.failed = Rows(), {}
        self._blocks.run(shard)
        self._pace.skipped(self._part.name, len(self._blocks.failed))
        for index, sentence in self._blocks.failed.items():
            self._rows.cells[index] = {"error": sentence}
        return self._rows

    def _read(self, index: int) -> Need:
        shelf, setup = self._shelf, self._setup
        loaded = shelf.examples.get(index)
        prepared = None
        removed: tuple[int, ...] = ()
        if setup.plan is not None:
            prepared = prepare(shelf.board, shelf.examples, setup.plan, Task(index, "", Target()))
        if self._part.question is not None:
            removed = feature_counts(shelf.board, loaded)
        baseline = shelf.board.baseline(setup.baseline, loaded.example, setup.seed)
        return Need(loaded, baseline, prepared, setup.plan is None, removed)

    def _compute(self, batch: list[Need], context: JobContext) -> Rows:
        under_way = self._pace.begin(self._part.name, len(batch))
        run = Run(under_way.progress, cancel=context.cancel, memory=self._shelf.memory)
        completed = False
        try:
            if batch[0].coalitions:
                made = self._coalitions(batch, run)
            else:
                made = self._results(batch, run, context, under_way)
            completed = True
        finally:
            self._pace.end(under_way, completed)
            self._shelf.tally.add(rows=run.rows)
        return made

    def _keep(self, batch: list[Need], made: Rows) -> None:
        self._rows.cells |= made.cells
        self._rows.arrays |= made.arrays

    def _results(self, batch: list[Need], run: Run, context: JobContext, under_way: Batch) -> Rows:
        board, setup = self._shelf.board, self._setup
        targets = own_targets(self._shelf, setup, batch, run)
        result = attributed(self._shelf, setup, batch, targets, run)
        columns = attribution_columns(board, setup, result)
        cells = self._cells(batch, targets, columns)
        for row, need in enumerate(batch):
            cells[need.index] |= _figures(result, row)
        if self._part.question is not None:
            prepared = [need.prepared for need in batch if need.prepared is not None]
            for need, measured in zip(
                batch,
                metric_cells(
                    self._shelf,
                    self._part.question,
                    prepared,
                    targets,
                    result,
                    context,
                    under_way,
                ),
                strict=True,
            ):
                said = [cells[need.index]["warnings"], *measured.pop("said")]
                measured["warnings"] = " ".join(str(each) for each in said if each) or None
                cells[need.index] |= measured
        return Rows(cells, self._arrays(batch, result) if self._part.arrays else {})

    def _coalitions(self, batch: list[Need], run: Run) -> Rows:
        board, setup = self._shelf.board, self._setup
        found = all_coalitions(self._shelf, setup, batch, run)
        labels = [need.loaded.example.label for need in batch]
        cells = self._cells(batch, found.targets, coalition_columns(board, setup, found, labels))
        scores = found.shapley.coalitions
        for row, need in enumerate(batch):
            ends = {"score": scores[-1, row], "baseline_score": scores[0, row]}
            cells[need.index] |= {name: number(value) for name, value in ends.items()}
        return Rows(cells)

    def _cells(
        self, batch: list[Need], targets: list[Target], columns: Mapping[str, Column]
    ) -> dict[int, dict[str, Cell]]:
        plain = self._setup.columns.plain()
        return {
            need.index: {
                "target": targets[row].index,
                "target_name": targets[row].name(self._shelf.board.output),
                **{plain[key]: column[row] for key, column in columns.items()},
            }
            for row, need in enumerate(batch)
        }

    def _arrays(self, batch: list[Need], result: Result) -> dict[str, np.ndarray[Any, Any]]:
        names = [entry.name for entry in self._shelf.board.inputs]
        pairs = list(zip(names, result.attributions, strict=True))
        return {
            f"{name}/{need.index}": _array(tensor[row])
            for row, need in enumerate(batch)
            for name, tensor in pairs
        }


def _figures(result: Result, row: int) -> dict[str, Cell]:
    ends = {
        "score": result.score,
        "baseline_score": result.baseline_score,
        "delta": result.delta,
    }
    found: dict[str, Cell] = {
        name: None if values is None else number(values[row]) for name, values in ends.items()
    }
    found["warnings"] = " ".join((*result.remarks, *result.doubts[row])) or None
    return found


def _array(tensor: Tensor) -> np.ndarray[Any, Any]:
    found: np.ndarray[Any, Any] = tensor.detach().to("cpu", torch.float32).contiguous().numpy()
    return found
