"""The work of an export: shards of tables and arrays, those that are not there yet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attriboard.catalog import Catalog
from attriboard.catalog.values import Array, array
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.context import JobContext
from attriboard.jobs.export_plan import ExportPlan, Part
from attriboard.jobs.export_rows import Cell, Rows, Worker
from attriboard.jobs.lanes import Lanes
from attriboard.jobs.measure_plan import cost
from attriboard.jobs.pace import Pace
from attriboard.jobs.shards import ExportError, Folder
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.target import Target
from attriboard.jobs.task import Task, prepare

SHARD = 256  # examples; what a kill may cost
SHARD_BYTES = 1 << 27

KINDS = {"target": "int", "target_name": "str", "warnings": "str", "error": "str"}


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
        pace = self._pace(context, missing)
        with Lanes(context) as lanes:
            workers = {part.name: Worker(self._shelf, part, lanes, pace) for part, _ in missing}
            for part, shard in missing:
                self._write(part, shard, workers[part.name].run(shard))
                if self._folder.size() > self._budget:
                    raise ExportError(
                        f"The files have reached the budget of {_size(self._budget)}. Raise it "
                        "with --budget and run the same command again: it goes on where it stopped."
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

    def _pace(self, context: JobContext, missing: Sequence[tuple[Part, Sequence[int]]]) -> Pace:
        counts: dict[str, int] = {}
        for part, shard in missing:
            counts[part.name] = counts.get(part.name, 0) + len(shard)
        rows = {part.name: self._rows(part) for part in self._plan.parts if part.name in counts}
        return Pace(context, {name: (count, rows[name]) for name, count in counts.items()})

    def _rows(self, part: Part) -> int:
        """Rows through the model that the first example takes, for an estimate of the time."""
        shelf, plan, first = self._shelf, part.setup.plan, self._plan.indices[0]
        try:
            if part.question is not None:
                return cost(shelf, part.question, first)
            if plan is None:
                return 1 << len(self._plan.board.inputs)
            return prepare(shelf.board, shelf.examples, plan, Task(first, "", Target())).rows
        except InvalidInput:
            return 1

    def _size_of_arrays(self) -> int:
        """Bytes of one example's attributions, as the first one has them."""
        tensors = self._shelf.examples.get(self._plan.indices[0]).tensors
        return 4 * sum(tensor.numel() for tensor in tensors)

    def _write(self, part: Part, shard: Sequence[int], rows: Rows) -> None:
        if part.arrays:
            about = {"model": part.setup.model, "names": "input/example index"}
            self._folder.write_arrays(_name(part, shard, "safetensors"), rows.arrays, about)
        self._folder.write_table(_name(part, shard, "parquet"), _table(shard, rows.cells))


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
