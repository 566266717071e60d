"""The metrics of one batch of an export: figures that can be trusted or not, in its table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from attriboard.engine import Result, Run
from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.jobs import faithfulness
from attriboard.jobs.context import JobContext
from attriboard.jobs.faithfulness import Subject, Value
from attriboard.jobs.measure import NOT_FINITE
from attriboard.jobs.measure_plan import Question
from attriboard.jobs.pace import Batch
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.subjects import subject_of
from attriboard.jobs.target import Target, for_engine
from attriboard.jobs.task import Prepared

CURVES = ("deletion", "insertion")


def metric_cells(
    shelf: Shelf,
    question: Question,
    batch: Sequence[Prepared],
    targets: Sequence[Target],
    result: Result,
    context: JobContext,
    under_way: Batch,
) -> list[dict[str, Any]]:
    """Cells of each example: the metrics by name, curves as their areas; `said` are sentences."""
    subject = subject_of(
        shelf.board, question, batch, result.attributions, for_engine(list(targets))
    )
    said = [] if faithfulness.finite(subject.attributions) else [NOT_FINITE]
    cells: list[dict[str, Any]] = [{} for _ in batch]
    for name in question.metrics:
        under_way.step()
        values: list[Value] = [None] * len(batch)
        if NOT_FINITE not in said:
            run = Run(under_way.progress, cancel=context.cancel, memory=shelf.memory)
            try:
                values = _measured(shelf, question, subject, name, run)
            except (InvalidInput, Unsupported) as error:
                said.append(str(error))
            shelf.tally.add(rows=run.rows)
        for row, value in enumerate(values):
            cells[row] |= _cells(name, value)
    return [{**each, "said": said} for each in cells]


def metric_names(question: Question | None) -> list[str]:
    """The columns that `metric_cells` fills."""
    metrics = () if question is None else question.metrics
    return [column for name in metrics for column in _cells(name, None)]


def _measured(
    shelf: Shelf, question: Question, subject: Subject, name: str, run: Run
) -> list[Value]:
    work = partial(faithfulness.measured, name=name, subject=subject)
    return shelf.executor.run(question.plan.model, work, run)


def _cells(name: str, value: Value) -> dict[str, Any]:
    if name not in CURVES:
        return {name: value}
    curve = value if isinstance(value, dict) else {}
    return {name: curve.get("auc"), f"{name}_control": curve.get("control")}
