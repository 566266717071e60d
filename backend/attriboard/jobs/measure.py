"""The work of a measuring job: attributions first, then how far they can be trusted."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from functools import partial

from safetensors.torch import load
from torch import Tensor

from attriboard import engine
from attriboard.engine import Run
from attriboard.engine.errors import AttriboardError, InvalidInput, Unsupported
from attriboard.jobs import faithfulness, provenance
from attriboard.jobs.attribute import Attribution
from attriboard.jobs.context import JobContext, Part
from attriboard.jobs.faithfulness import Subject, Value
from attriboard.jobs.grouping import stacked
from attriboard.jobs.measure_plan import Question, weighted_layers
from attriboard.jobs.provenance import Meta
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.subjects import feature_counts, has_probability, subject_of
from attriboard.jobs.target import for_engine
from attriboard.jobs.task import (
    Prepared,
    Task,
    batches,
    prepare,
)

NOT_FINITE = "The attributions hold numbers that are not finite, so nothing can be measured."


class Measurement:
    """The work for one question. Figures are stored, and announced, as they come."""

    def __init__(self, shelf: Shelf, question: Question) -> None:
        self._shelf = shelf
        self._question = question
        self._board = shelf.board

    def __call__(self, context: JobContext) -> None:
        shelf, question = self._shelf, self._question
        Attribution(shelf, question.plan)(Part(context, context.progress))
        tasks = [found for found in shelf.tasks(question.plan, question.plan.examples) if found]
        results: dict[int, Meta] = {}
        for found in tasks:
            meta = question.stored(shelf, found)
            if meta is not None:
                results[found.index] = meta
                context.result(meta)
        missing = [found for found in tasks if found.index not in results]
        shelf.tally.add(hits=len(results), misses=len(missing))
        meter = _Meter(context, len(missing))
        for batch in self._batches(missing, context):
            for meta in self._measure(batch, meter, context):
                results[meta["example"]] = meta
                context.result(meta)
        context.finish([results[index] for index in question.plan.examples])

    def subjects(self, context: JobContext) -> Iterator[tuple[list[Prepared], Subject]]:
        """Each batch of stored attributions with all that made them, once they are there."""
        plan = self._question.plan
        tasks = [found for found in self._shelf.tasks(plan, plan.examples) if found]
        for batch in self._batches(tasks, context):
            yield batch, self._subject(batch)

    def _batches(self, tasks: Iterable[Task], context: JobContext) -> Iterator[list[Prepared]]:
        def read() -> Iterator[Prepared]:
            for found in tasks:
                context.check()
                yield prepare(self._board, self._shelf.examples, self._question.plan, found)

        for batch in batches(read()):
            alike: dict[tuple[int, ...], list[Prepared]] = {}
            for entry in batch:
                alike.setdefault(feature_counts(self._board, entry.loaded), []).append(entry)
            yield from alike.values()

    def _measure(self, batch: list[Prepared], meter: _Meter, context: JobContext) -> Iterator[Meta]:
        started = time.perf_counter()
        subject = self._subject(batch)
        meter.begin(len(batch), self._rows(batch[0], subject))
        values: dict[str, list[Value]] = {}
        warnings = [] if faithfulness.finite(subject.attributions) else [NOT_FINITE]
        passes = 0
        for name in self._question.metrics:
            run = Run(meter.progress, cancel=context.cancel, memory=self._shelf.memory)
            values[name] = [None] * len(batch)
            if NOT_FINITE not in warnings:
                try:
                    work = partial(faithfulness.measured, name=name, subject=subject)
                    values[name] = self._shelf.executor.run(self._question.plan.model, work, run)
                except (InvalidInput, Unsupported) as error:
                    warnings.append(str(error))
            passes += run.rows
            meter.step(run.rows)
            self._shelf.tally.add(rows=run.rows)
        meter.finished()
        seconds = time.perf_counter() - started
        for row, entry in enumerate(batch):
            meta = self._base(entry) | {
                "metrics": {name: each[row] for name, each in values.items()},
                "warnings": warnings,
                "passes": math.ceil(passes / len(batch)),
                "seconds": round(seconds / len(batch), 6),
            }
            self._shelf.store.put(meta["key"], {}, meta)
            yield meta

    def _base(self, entry: Prepared) -> Meta:
        question = self._question
        same = ("example", "model", "method", "target", "seed", "engine")
        base = provenance.base(self._board, question.plan, entry)
        return {
            "key": question.key(entry.task, self._shelf.examples),
            "attribution": entry.task.key,
            **{name: base[name] for name in same},
            "baseline": question.baseline,
            "scale": "probability" if has_probability(self._board) else "score",
        }

    def _subject(self, batch: list[Prepared]) -> Subject:
        return subject_of(
            self._board,
            self._question,
            batch,
            stacked(self._attributions(entry) for entry in batch),
            for_engine([entry.task.target for entry in batch]),
        )

    def _attributions(self, entry: Prepared) -> tuple[Tensor, ...]:
        """As they are stored, each with a batch dimension of 1."""
        body = self._shelf.store.body(entry.task.key)
        if body is None:
            raise AttriboardError("The stored attributions cannot be read. Measure them again.")
        arrays = load(body)
        names = provenance.array_names(self._board, self._question.plan)
        return tuple(arrays[name][None] for name in names)

    def _rows(self, entry: Prepared, subject: Subject) -> int:
        features = engine.Features(subject.features).count
        layers = weighted_layers(self._board, self._question.plan)
        metrics = self._question.metrics
        return sum(faithfulness.rows(name, entry.rows, features, layers) for name in metrics)


class _Meter:
    """How far the measuring is, in rows; batches to come are taken to cost what this one does."""

    def __init__(self, context: JobContext, examples: int) -> None:
        self._context = context
        self._left = examples
        self._before = self._planned = self._batch = self._begun = 0

    def begin(self, examples: int, rows: int) -> None:
        self._batch, self._planned, self._begun = examples, examples * rows, self._before

    def progress(self, done: int, planned: int) -> None:
        """For `engine.Run`: rows of the metric that is being measured."""
        here = self._before + done
        batch = max(self._begun + self._planned, here)
        each = self._planned // max(1, self._batch)
        self._context.progress(here, batch + (self._left - self._batch) * each)

    def step(self, rows: int) -> None:
        """One metric is measured."""
        self._before += rows

    def finished(self) -> None:
        self._left -= self._batch
