"""The work of an attribution job: batches through the engine, results into the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from attriboard import engine
from attriboard.engine import ModalityShapley, Result, Run
from attriboard.jobs import provenance
from attriboard.jobs.context import JobContext
from attriboard.jobs.grouping import extra, stacked
from attriboard.jobs.heard import question
from attriboard.jobs.meter import Meter
from attriboard.jobs.plan import Plan, players
from attriboard.jobs.provenance import Meta
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.snapshots import SNAPSHOT_SECONDS, BatchSnapshots, arrays
from attriboard.jobs.target import for_engine
from attriboard.jobs.task import (
    Prepared,
    Task,
    baseline_tensors,
    batches,
    feature_tensors,
    prepare,
)

PREDICT_TOGETHER = 16  # examples whose own predictions are asked for at once


class Attribution:
    """The work for one plan. Results are stored, and announced, as they come."""

    def __init__(self, shelf: Shelf, plan: Plan) -> None:
        self._shelf = shelf
        self._plan = plan
        self._board = shelf.board

    def __call__(self, context: JobContext) -> None:
        tasks = list(self._tasks(context))
        results: dict[int, Meta] = {}
        for found in tasks:
            meta = self._shelf.stored(self._plan, found)
            if meta is not None:
                results[found.index] = meta
                context.result(meta)
        missing = [found for found in tasks if found.index not in results]
        self._shelf.tally.add(hits=len(results), misses=len(missing))
        meter = Meter(context, len(missing))
        for batch in self._batches(missing, context):
            for meta in self._compute(batch, meter, context):
                results[meta["example"]] = meta
                context.result(meta)
        context.finish([results[index] for index in self._plan.examples])

    def _tasks(self, context: JobContext) -> Iterator[Task]:
        """A task for each example, after predicting those whose own prediction is unknown."""
        shelf, plan = self._shelf, self._plan
        for start in range(0, len(plan.examples), PREDICT_TOGETHER):
            context.check()
            indices = plan.examples[start : start + PREDICT_TOGETHER]
            found = shelf.tasks(plan, indices)
            unknown = [i for i, known in zip(indices, found, strict=True) if known is None]
            if unknown:
                shelf.own.compute(plan.model, plan.fingerprint, unknown, context.cancel)
                found = shelf.tasks(plan, indices)
            yield from (known for known in found if known is not None)

    def _batches(self, tasks: Sequence[Task], context: JobContext) -> Iterator[list[Prepared]]:
        def read() -> Iterator[Prepared]:
            for found in tasks:
                context.check()
                yield prepare(self._board, self._shelf.examples, self._plan, found)

        return batches(read())

    def _compute(self, batch: list[Prepared], meter: Meter, context: JobContext) -> Iterator[Meta]:
        """Attribute one batch and store its results; yields their metas."""
        plan, snapshots = self._plan, self._shelf.snapshots
        bases = [provenance.base(self._board, plan, entry) for entry in batch]
        names = provenance.array_names(self._board, plan)
        partial = BatchSnapshots(snapshots, names, bases, context)
        memory = self._shelf.memory
        run = Run(
            progress=meter.batch(len(batch), batch[0].rows),
            partial=partial,
            cancel=context.cancel,
            memory=memory,
            replay=self._shelf.heard.of(plan, batch, question(plan, batch)),
            interval=SNAPSHOT_SECONDS,
        )
        quiet = Run(cancel=context.cancel, memory=memory)
        try:
            result = self._attribute(batch, run)
            values = None
            if players(self._board):
                values = self._shelf.modalities.values(plan, batch, quiet)
            yield from self._stored(bases, names, result, values)
        finally:
            self._shelf.tally.add(rows=run.rows + quiet.rows)
            for entry in batch:
                snapshots.drop(entry.task.key)
        meter.finished(len(batch))

    def _attribute(self, batch: list[Prepared], run: Run) -> Result:
        plan, method = self._plan, batch[0].method
        work = partial(
            engine.attribute,
            inputs=stacked(entry.loaded.tensors for entry in batch),
            method=method,
            extra_args=extra(entry.loaded for entry in batch),
            target=for_engine([entry.task.target for entry in batch]),
            baselines=baseline_tensors(batch) if method.uses_baseline else None,
            layer=plan.layer,
            neuron=plan.neuron,
            features=feature_tensors(batch),
            seed=plan.seed,
        )
        result: Result = self._shelf.executor.run(plan.model, work, run)
        return result

    def _stored(
        self,
        bases: list[Meta],
        names: Sequence[str],
        result: Result,
        values: list[ModalityShapley] | None,
    ) -> Iterator[Meta]:
        shares = provenance.contributions(self._board, self._plan, result, values)
        for row, meta in enumerate(bases):
            found = arrays(names, result.attributions, row)
            one = values[row] if values is not None else None
            meta |= provenance.measured(result, row, len(bases), one)
            meta["contributions"] = shares[row]
            meta["shapes"] = {name: list(array.shape) for name, array in found.items()}
            self._shelf.store.put(meta["key"], found, meta)
            yield meta
