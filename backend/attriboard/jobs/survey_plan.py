"""A request to measure several methods over a subsample, checked against the board."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from attriboard.engine.errors import InvalidInput
from attriboard.jobs import measure_plan
from attriboard.jobs.failure import Failure, describe
from attriboard.jobs.faithfulness import FAITHFULNESS, SETTINGS
from attriboard.jobs.keys import digest
from attriboard.jobs.measure_plan import Question
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.shelf import Shelf

MOST_COLUMNS = 30
CHECK = ("randomisation",)
VERSION = 1  # of what is made of the figures


@dataclass(frozen=True)
class Column:
    """One of the things compared: a method with its model, target and baseline.

    question: how faithful it is; check: whether it depends on the weights, over fewer examples,
    None where no check was asked for. failure: why it cannot be measured at all.
    """

    request: AttributionRequest
    question: Question | None
    check: Question | None
    failure: Failure | None = None

    def key(self, shelf: Shelf) -> str:
        """Where its row is kept."""
        asked = [None if each is None else each.identity for each in (self.question, self.check)]
        return digest(["survey", shelf.board.data_fingerprint, asked, SETTINGS, VERSION])


@dataclass(frozen=True)
class SurveyPlan:
    """The columns, all of the same examples."""

    columns: tuple[Column, ...]

    def key(self, shelf: Shelf) -> str:
        """Where the whole table is kept."""
        return digest(["surveys", [column.key(shelf) for column in self.columns]])


def resolve(shelf: Shelf, columns: Sequence[AttributionRequest], checked: int) -> SurveyPlan:
    """`checked`: over how many of the examples, the first ones, the randomisation check goes.

    A column that cannot be measured is kept with its reason, so that the others go on. Raises
    InvalidInput where there is no column, or none that can be.
    """
    if not 0 < len(columns) <= MOST_COLUMNS:
        raise InvalidInput(f"Give 1 to {MOST_COLUMNS} columns.", "columns")
    found = tuple(_column(shelf, request, checked) for request in columns)
    failures = [column.failure for column in found if column.failure is not None]
    if len(failures) == len(found):
        raise failures[0].error()
    return SurveyPlan(found)


def cost(shelf: Shelf, column: Column) -> int | None:
    """Rows through the model, by those of the first example; None where it cannot be measured."""
    if column.question is None:
        return None
    first = column.question.plan.examples[0]
    try:
        rows = measure_plan.cost(shelf, column.question, first) * len(column.question.plan.examples)
        if column.check is not None:
            each = measure_plan.cost(shelf, column.check, first)
            rows += each * len(column.check.plan.examples)
    except InvalidInput:
        return None
    return rows


def _column(shelf: Shelf, request: AttributionRequest, checked: int) -> Column:
    few = replace(request, examples=request.examples[:checked])
    try:
        question = measure_plan.resolve(shelf.board, request, FAITHFULNESS)
        check = measure_plan.resolve(shelf.board, few, CHECK) if checked else None
    except InvalidInput as error:
        return Column(request, None, None, describe(error))
    return Column(request, question, check)


def asked(column: Column) -> dict[str, Any]:
    """What a row says of the column it is about, as it was asked for."""
    request = column.request
    return {
        "model": request.model,
        "method": {"id": request.method_id, "params": dict(request.params)},
        "target": request.target,
        "baseline": None if request.baseline is None else dict(request.baseline),
        "features": None if request.features is None else dict(request.features),
        "layer": request.layer,
        "seed": request.seed,
    }
