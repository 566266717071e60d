"""The background work that fills the catalog: every example read, and every model's answer."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import torch

from attriboard import engine
from attriboard.board import Board, Example
from attriboard.catalog import Catalog, ExampleRow, PredictionRow
from attriboard.engine import Run
from attriboard.engine.errors import Cancelled
from attriboard.jobs.context import JobContext
from attriboard.jobs.examples import Loaded
from attriboard.jobs.executors import Executor
from attriboard.jobs.failure import describe
from attriboard.jobs.grouping import by_shape, extra, joined
from attriboard.jobs.tally import Tally

BATCH_SECONDS = 0.2  # a batch that takes longer is halved, so that interactive work waits little
MOST_A_BATCH = 512
WRITE_SECONDS = 0.5
REPORT_SECONDS = 0.1
ERROR_COLUMN = "error"

_log = logging.getLogger("attriboard.jobs")


@dataclass(frozen=True)
class PredictionProgress:
    """How far the predictions are. `seconds_left` is None until there is something to go by."""

    done: int
    total: int
    seconds_left: float | None


Report = Callable[[PredictionProgress], None]


class Prediction:
    """The work: resumes where an earlier run stopped.

    An example that cannot be read, or that a model fails on, gets a row without a prediction
    and the sentence in the metadata column `error`; the others go on.
    """

    def __init__(
        self,
        board: Board,
        catalog: Catalog,
        tally: Tally,
        executor: Executor,
        report: Report | None = None,
        *,
        memory: int | None = None,
    ) -> None:
        self._board = board
        self._catalog = catalog
        self._executor = executor
        self._tally = tally
        self._report = report
        self._memory = memory
        self._rows = Rows(board, catalog)

    def __call__(self, context: JobContext) -> None:
        missing = {name: set(self._missing(name)) for name in self._board.models}
        unread = set(self._catalog.missing_examples())
        indices = sorted(unread.union(*missing.values()))
        pace = _Pace(len(indices), context, self._report)
        try:
            for batch in pace.batches(indices):
                loaded = list(self._load(batch, unread, missing, context))
                for name, wanted in missing.items():
                    self._predict(name, [e for e in loaded if e.index in wanted], context)
                self._rows.flush_if_due()
        finally:
            self._rows.flush()

    def _missing(self, model: str) -> list[int]:
        return self._catalog.missing(model, self._board.model_fingerprint(model))

    def _load(
        self,
        batch: Sequence[int],
        unread: set[int],
        missing: dict[str, set[int]],
        context: JobContext,
    ) -> Iterator[Loaded]:
        for index in batch:
            context.check()
            example = None
            try:
                example = self._board.example(index)
                loaded = Loaded.of(self._board, example)
            except Exception as error:
                self._failed(index, example, [m for m, w in missing.items() if index in w], error)
                continue
            if index in unread:
                self._rows.read(example)
            yield loaded

    def _predict(self, model: str, loaded: Sequence[Loaded], context: JobContext) -> None:
        for group in by_shape(loaded):
            context.check()
            try:
                self._predict_together(model, group)
            except Cancelled:
                raise
            except Exception as error:
                if len(group) == 1:
                    self._failed(group[0].index, group[0].example, [model], error)
                    continue
                for entry in group:  # to find out which one it is
                    self._predict(model, [entry], context)

    def _predict_together(self, model: str, group: Sequence[Loaded]) -> None:
        given = self._board.imported_predictions(model)
        if given is not None:
            output = given.rows([entry.index for entry in group])
            self._rows.predicted(model, [entry.example for entry in group], output)
            return
        run = Run(memory=self._memory)
        work = partial(engine.predict, inputs=joined(group), extra_args=extra(group))
        output = self._executor.run(model, work, run)
        self._tally.add(rows=run.rows)
        self._rows.predicted(model, [entry.example for entry in group], output)

    def _failed(
        self, index: int, example: Example | None, models: Iterable[str], error: Exception
    ) -> None:
        sentence = describe(error).detail
        _log.warning("Example %d is left out: %s", index, sentence)
        self._rows.failed(index, example, sentence, models)


class Rows:
    """Rows on their way into the catalog, written together a few times a second."""

    def __init__(self, board: Board, catalog: Catalog) -> None:
        self._board = board
        self._catalog = catalog
        self._examples: dict[int, ExampleRow] = {}
        self._predictions: dict[str, list[PredictionRow]] = {name: [] for name in board.models}
        self._computed: dict[str, dict[int, dict[str, float | None]]] = {}
        self._due = time.monotonic()

    def read(self, example: Example) -> None:
        """What the dataset says of an example."""
        self._examples[example.index] = self._row(example, example.metadata)

    def predicted(self, model: str, examples: Sequence[Example], output: torch.Tensor) -> None:
        """What a model says of examples, as raw outputs (N, ...)."""
        found = self._board.output.predictions(self._board.apart(output, examples))
        labels = [example.label for example in examples]
        columns = zip(
            examples,
            found.predicted,
            found.score.tolist(),
            found.margin.tolist(),
            found.loss(labels).tolist(),
            found.correct(labels),
            strict=True,
        )
        self._predictions[model] += [
            PredictionRow(e.index, said, _known(score), _known(margin), _known(loss), correct)
            for e, said, score, margin, loss, correct in columns
        ]
        self._compute(model, examples, self._board.output.columns(found, labels))

    def _compute(
        self,
        model: str,
        examples: Sequence[Example],
        columns: Mapping[str, Sequence[float | None]],
    ) -> None:
        rows = self._computed.setdefault(model, {})
        for name, values in columns.items():
            for example, value in zip(examples, values, strict=True):
                rows.setdefault(example.index, {})[name] = value

    def failed(
        self, index: int, example: Example | None, sentence: str, models: Iterable[str]
    ) -> None:
        """That an example could not be read, where it is None, or that models fail on it."""
        if example is None:
            self._examples[index] = ExampleRow(index, metadata={ERROR_COLUMN: sentence})
        else:
            metadata = {**example.metadata, ERROR_COLUMN: sentence}
            self._examples[index] = self._row(example, metadata)
        for model in models:
            self._predictions[model].append(PredictionRow(index))

    def flush_if_due(self) -> None:
        """Write what has come together, unless that was done just now."""
        if time.monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Write what has come together."""
        if self._examples:
            self._catalog.write_examples(list(self._examples.values()))
        for model, rows in self._predictions.items():
            if rows:
                fingerprint = self._board.model_fingerprint(model)
                self._catalog.write_predictions(model, fingerprint, rows)
        for model, computed in self._computed.items():
            if computed:
                names = list(dict.fromkeys(name for row in computed.values() for name in row))
                values = {name: [row.get(name) for row in computed.values()] for name in names}
                fingerprint = self._board.model_fingerprint(model)
                self._catalog.write_computed(model, fingerprint, list(computed), values)
        self._examples, self._computed = {}, {}
        self._predictions = {name: [] for name in self._predictions}
        self._due = time.monotonic() + WRITE_SECONDS

    def _row(self, example: Example, metadata: dict[str, object]) -> ExampleRow:
        found = {e.name: e.search_text(example.raw[e.name]) for e in self._board.inputs}
        texts = {name: text for name, text in found.items() if text is not None}
        label = self._board.output.answer(example.label)
        return ExampleRow(example.index, label, texts, metadata)


class _Pace:
    """Batches that take about BATCH_SECONDS each, and how long the rest will take."""

    def __init__(self, total: int, context: JobContext, report: Report | None) -> None:
        self._total = total
        self._context = context
        self._report = report
        self._next_report = 0.0

    def batches(self, indices: Sequence[int]) -> Iterator[Sequence[int]]:
        began = time.monotonic()
        start, size = 0, 4
        self._say(0, None)
        while start < self._total:
            batch_began = time.monotonic()
            yield indices[start : start + size]
            start = min(start + size, self._total)
            now = time.monotonic()
            self._say(start, (now - began) / start * (self._total - start))
            if now - batch_began > BATCH_SECONDS:
                size = max(1, size // 2)
            elif now - batch_began < BATCH_SECONDS / 2:
                size = min(MOST_A_BATCH, size * 2)

    def _say(self, done: int, seconds_left: float | None) -> None:
        self._context.progress(done, self._total)
        now = time.monotonic()
        if self._report is not None and (now >= self._next_report or done == self._total):
            self._next_report = now + REPORT_SECONDS
            self._report(PredictionProgress(done, self._total, seconds_left))


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
