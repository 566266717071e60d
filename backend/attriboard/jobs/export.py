"""The work of an export: shards of tables and arrays, those that are not there yet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attriboard.catalog import Catalog
from attriboard.catalog.values import Array, array
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
from attriboard.jobs.export_plan import ExportPlan, Part
from attriboard.jobs.provenance import number
from attriboard.jobs.shards import ExportError, Folder
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.target import Target
from attriboard.jobs.task import Task, prepare

SHARD = 256  # examples; what a kill may cost
SHARD_BYTES = 1 << 27

Cell = float | int | str | None
KINDS = {"target": "int", "target_name": "str", "warnings": "str", "error": "str"}


@dataclass
class Rows:
    """What one shard holds so far: cells by example and column, arrays by name."""

    cells: dict[int, dict[str, Cell]] = field(default_factory=dict)
    arrays: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)


class Export:
    """The work for one plan. A shard that is there is not computed again."""

    def __init__(
        self, shelf: Shelf, catalog: Catalog, plan: ExportPlan, folder: Folder, budget: int
    ) -> None:
        self._shelf = shelf
        self._catalog = catalog
        self._plan = plan
        self._folder = folder
        self._budget = budget
        self._arrays_size = self._size_of_arrays()

    def bytes_to_come(self) -> int:
        """About what the missing shards will weigh."""
        parts = ((part, sum(map(len, self._missing(part)))) for part in self._plan.parts)
        row = 64 * (2 + len(self._plan.board.inputs))
        return sum(n * (row + (self._arrays_size if part.arrays else 0)) for part, n in parts)

    def check(self) -> None:
        """Raises ExportError where the folder holds anything else, or the budget is too small."""
        found = self._folder.manifest()
        about = json.loads(json.dumps(self._plan.about()))
        if found is not None and {name: found.get(name) for name in about} != about:
            raise ExportError(
                f"{self._folder.path} holds another export, of other examples, methods, settings, "
                "data or weights. Choose another folder with --out, or delete that one."
            )
        total = self._folder.size() + self.bytes_to_come()
        if total > self._budget:
            raise ExportError(
                f"The files would take about {_size(total)}, and the budget is "
                f"{_size(self._budget)}. Raise it with --budget, leave the arrays out with "
                "--no-arrays, or take fewer examples with --where or --sample."
            )

    def __call__(self, context: JobContext) -> None:
        about = self._plan.about()
        self._folder.write_manifest({**about, "complete": False})
        missing = [(part, shard) for part in self._plan.parts for shard in self._missing(part)]
        meter = _Meter(context, [len(shard) for _, shard in missing])
        for part, shard in missing:
            self._write(part, shard, context, meter)
            if self._folder.size() > self._budget:
                raise ExportError(
                    f"The files have reached the budget of {_size(self._budget)}. Raise it with "
                    "--budget and run the same command again: it goes on where it stopped."
                )
        models = dict.fromkeys(part.setup.model for part in self._plan.parts)
        names = {model: f"predictions-{place}.parquet" for place, model in enumerate(models)}
        self._catalog.export(self._folder.path, self._plan.indices, names)
        shards = {part.name: self._shards(part) for part in self._plan.parts}
        self._folder.write_manifest(
            {**about, "complete": True, "predictions": names, "shards": shards}
        )
        self._folder.write_sums()

    def _blocks(self, part: Part) -> Iterator[tuple[int, ...]]:
        """The examples of each shard: the same in every run."""
        weight = self._arrays_size if part.arrays else 1
        count = max(1, min(SHARD, SHARD_BYTES // max(1, weight)))
        for start in range(0, len(self._plan.indices), count):
            yield self._plan.indices[start : start + count]

    def _missing(self, part: Part) -> list[tuple[int, ...]]:
        return [s for s in self._blocks(part) if not self._folder.has(_name(part, s, "parquet"))]

    def _shards(self, part: Part) -> list[dict[str, Any]]:
        kinds = ("parquet", "safetensors") if part.arrays else ("parquet",)
        return [
            {
                "files": [_name(part, shard, kind) for kind in kinds],
                "first": shard[0],
                "last": shard[-1],
                "examples": len(shard),
            }
            for shard in self._blocks(part)
        ]

    def _size_of_arrays(self) -> int:
        """Bytes of one example's attributions, as the first one has them."""
        tensors = self._shelf.examples.get(self._plan.indices[0]).tensors
        return 4 * sum(tensor.numel() for tensor in tensors)

    def _write(
        self, part: Part, shard: tuple[int, ...], context: JobContext, meter: _Meter
    ) -> None:
        rows = Rows()
        worker = _Worker(self._shelf, part, context, meter, rows)
        failed = worker.run(shard)
        for index, sentence in failed.items():
            rows.cells[index] = {"error": sentence}
        if part.arrays:
            about = {"model": part.setup.model, "names": "input/example index"}
            self._folder.write_arrays(_name(part, shard, "safetensors"), rows.arrays, about)
        self._folder.write_table(_name(part, shard, "parquet"), _table(shard, rows.cells))


class _Worker:
    def __init__(
        self, shelf: Shelf, part: Part, context: JobContext, meter: _Meter, rows: Rows
    ) -> None:
        self._shelf = shelf
        self._part = part
        self._setup = part.setup
        self._context = context
        self._meter = meter
        self._rows = rows

    def run(self, shard: Sequence[int]) -> dict[int, str]:
        """Fill the rows; the sentences of the examples that failed."""
        blocks = Blocks(self._context, self._read, self._compute, self._keep)
        blocks.run(shard)
        self._meter.skipped(len(blocks.failed))
        return blocks.failed

    def _read(self, index: int) -> Need:
        shelf, setup = self._shelf, self._setup
        loaded = shelf.examples.get(index)
        prepared = None
        if setup.plan is not None:
            prepared = prepare(shelf.board, shelf.examples, setup.plan, Task(index, "", Target()))
        baseline = shelf.board.baseline(setup.baseline, loaded.example, setup.seed)
        return Need(loaded, baseline, prepared, setup.plan is None)

    def _compute(self, batch: list[Need]) -> Rows:
        run = Run(
            self._meter.batch(len(batch)), cancel=self._context.cancel, memory=self._shelf.memory
        )
        made = self._coalitions(batch, run) if batch[0].coalitions else self._results(batch, run)
        self._shelf.tally.add(rows=run.rows)
        return made

    def _keep(self, batch: list[Need], made: Rows) -> None:
        self._rows.cells |= made.cells
        self._rows.arrays |= made.arrays
        self._meter.finished(len(batch))

    def _results(self, batch: list[Need], run: Run) -> Rows:
        board, setup = self._shelf.board, self._setup
        targets = own_targets(self._shelf, setup, batch, run)
        result = attributed(self._shelf, setup, batch, targets, run)
        columns = attribution_columns(board, setup, result)
        cells = self._cells(batch, targets, columns)
        for row, need in enumerate(batch):
            cells[need.index] |= _figures(result, row)
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


def _table(shard: Sequence[int], cells: Mapping[int, Mapping[str, Cell]]) -> dict[str, Array]:
    """Columns over the shard's examples, in their order; empty where an example has no cell."""
    names = dict.fromkeys(name for row in cells.values() for name in row)
    columns = {"index": array(list(shard), "int")}
    for name in dict.fromkeys([*names, "error"]):
        values = [cells.get(index, {}).get(name) for index in shard]
        columns[name] = array(values, KINDS.get(name, "float"))
    return columns


def _name(part: Part, shard: Sequence[int], kind: str) -> str:
    return f"{part.name}/{shard[0]:09d}-{shard[-1]:09d}.{kind}"


def _size(count: float) -> str:
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


class _Meter:
    """How far the export is, in examples times parts, by the rows of the batch under way."""

    def __init__(self, context: JobContext, shards: Sequence[int]) -> None:
        self._context = context
        self._total = sum(shards)
        self._done = 0

    def batch(self, examples: int) -> Callable[[int, int], None]:
        """Begin a batch; returns what the engine's Run calls with (rows done, rows planned)."""

        def progress(done: int, planned: int) -> None:
            self._context.progress(int(self._done + examples * done / max(1, planned)), self._total)

        return progress

    def finished(self, examples: int) -> None:
        """End a batch."""
        self._done += examples
        self._context.progress(self._done, self._total)

    def skipped(self, examples: int) -> None:
        """Examples that failed count as done."""
        if examples:
            self.finished(examples)
