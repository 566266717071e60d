"""The work of a survey: several methods measured over a subsample, one row of figures each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attriboard import engine
from attriboard.engine.errors import Cancelled
from attriboard.jobs import survey_figures
from attriboard.jobs.attribute import Attribution
from attriboard.jobs.context import JobContext, Part
from attriboard.jobs.failure import describe
from attriboard.jobs.faithfulness import strengths
from attriboard.jobs.measure import Measurement
from attriboard.jobs.measure_plan import Question
from attriboard.jobs.provenance import Meta
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.survey_figures import Vectors, vector
from attriboard.jobs.survey_plan import Column, SurveyPlan, asked, cost


class Survey:
    """The work for one plan. The table so far is announced with each row that is done.

    All that is measured is stored as it comes: a survey that was cancelled, or stopped with the
    server, goes on where it was. A column that fails has its reason in its row.
    """

    def __init__(self, shelf: Shelf, plan: SurveyPlan) -> None:
        self._shelf = shelf
        self._plan = plan

    def __call__(self, context: JobContext) -> None:
        pace = _Pace(context, [self._left(column) for column in self._plan.columns])
        rows: list[Meta] = []
        vectors: list[Vectors] = []
        for place, column in enumerate(self._plan.columns):
            context.check()
            row, found = self._row(column, context, pace.of(place))
            rows.append(row)
            vectors.append(found)
            context.result(self._table(rows, []))
        table = self._table(rows, survey_figures.agreement(vectors))
        if all(row["error"] is None for row in rows):
            self._shelf.store.put(table["key"], {}, table)
        context.finish([table])

    def _left(self, column: Column) -> int:
        stored = self._shelf.store.has(column.key(self._shelf))
        return 0 if stored else cost(self._shelf, column) or 0

    def _table(self, rows: list[Meta], agreement: list[Meta]) -> Meta:
        examples = self._plan.columns[0].request.examples
        return {
            "key": self._plan.key(self._shelf),
            "example": examples[0],
            "examples": list(examples),
            "rows": list(rows),
            "agreement": agreement,
        }

    def _row(self, column: Column, context: JobContext, said: _Said) -> tuple[Meta, Vectors]:
        if column.question is None:
            failure = column.failure
            return _failed(column, failure.data() if failure else {}), {}
        try:
            return self._measured(column, column.question, context, said)
        except Cancelled:
            raise
        except Exception as error:
            return _failed(column, describe(error).data()), {}

    def _measured(
        self, column: Column, question: Question, context: JobContext, said: _Said
    ) -> tuple[Meta, Vectors]:
        shelf, key = self._shelf, column.key(self._shelf)
        measurement = Measurement(shelf, question)
        results = _done(Attribution(shelf, question.plan), context, said)
        measured = _done(measurement, context, said)
        checked = [] if column.check is None else self._checked(column.check, context, said)
        vectors: Vectors = {}
        sparse: list[float] = []
        for batch, subject in measurement.subjects(context):
            each = zip(batch, strengths(subject), strict=True)
            vectors |= {entry.task.index: vector(found) for entry, found in each}
            sparse += engine.sparseness(subject.attributions).tolist()
        row = shelf.store.meta(key) or {
            "key": key,
            **asked(column),
            "model": question.plan.model,
            "count": len(results),
            "scale": measured[0]["scale"],
            "figures": survey_figures.figures(results, measured, sparse),
            "curves": survey_figures.curves(measured),
            "randomisation": survey_figures.randomisation(checked),
            "warnings": survey_figures.warnings([*results, *measured, *checked]),
            "error": None,
        }
        shelf.store.put(key, {}, row)
        return row, vectors

    def _checked(self, check: Question, context: JobContext, said: _Said) -> list[Meta]:
        return _done(Measurement(self._shelf, check), context, said)


def _done(
    work: Callable[[JobContext], None], context: JobContext, said: _Said
) -> list[dict[str, Any]]:
    """The results of one part of the work."""
    part = Part(context, said.rows)
    work(part)
    said.finished()
    return part.results


def _failed(column: Column, error: dict[str, Any]) -> Meta:
    nothing = ("scale", "figures", "curves", "randomisation")
    return {
        "key": "",
        **asked(column),
        "count": 0,
        **dict.fromkeys(nothing),
        "warnings": [],
        "error": error,
    }


class _Pace:
    """Progress over all columns, in the rows they were reckoned to take."""

    def __init__(self, context: JobContext, planned: list[int]) -> None:
        self._context = context
        self._planned = planned
        self._total = max(1, sum(planned))

    def of(self, place: int) -> _Said:
        """The progress of one column; those before it are done."""
        before, mine = sum(self._planned[:place]), self._planned[place]
        return _Said(lambda rows: self._context.progress(before + min(rows, mine), self._total))


class _Said:
    """Rows of one column, its parts one after the other."""

    def __init__(self, say: Callable[[int], None]) -> None:
        self._say = say
        self._before = self._now = 0
        say(0)

    def rows(self, done: int, planned: int) -> None:
        """For a part: rows done so far."""
        self._now = done
        self._say(self._before + done)

    def finished(self) -> None:
        """The part is done."""
        self._before += self._now
        self._now = 0
