"""What a request would cost, before it is made."""

from __future__ import annotations

import math

from attriboard.jobs.plan import Plan, players
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.target import Target
from attriboard.jobs.task import Task, prepare

SAMPLE = 16  # examples that are read to see how many features or windows they have


def estimate(shelf: Shelf, plan: Plan) -> dict[str, int]:
    """{passes, examples, stored}: rows through the model for the results that are not stored.

    Raises InvalidInput where a method cannot manage as many features as an example has.
    Own predictions that are not known yet add a row each. Beyond SAMPLE examples the passes are
    those of the first ones, scaled up; examples never read so far count as not stored.
    """
    read = [i for n, i in enumerate(plan.examples) if n < SAMPLE or not shelf.examples.unread([i])]
    tasks: dict[int, Task | None] = dict.fromkeys(plan.examples)
    tasks |= zip(read, shelf.tasks(plan, read), strict=True)
    stored = {i for i, found in tasks.items() if found and shelf.stored(plan, found)}
    missing = [index for index in plan.examples if index not in stored]
    unknown = sum(tasks[index] is None for index in missing)
    sample = missing[:SAMPLE]
    rows = sum(_rows(shelf, plan, tasks[index] or Task(index, "", Target())) for index in sample)
    passes = math.ceil(rows * len(missing) / max(1, len(sample))) + unknown
    return {"passes": passes, "examples": len(plan.examples), "stored": len(stored)}


def cost(shelf: Shelf, plan: Plan) -> int:
    """Rows that the plan's method takes for the plan's first example, stored or not."""
    found = Task(plan.examples[0], "", Target())
    return prepare(shelf.board, shelf.examples, plan, found).rows


def _rows(shelf: Shelf, plan: Plan, found: Task) -> int:
    prepared = prepare(shelf.board, shelf.examples, plan, found)
    if plan.layer is None:
        prepared.method.check_features(prepared.units)
    return prepared.rows + (2 ** len(shelf.board.inputs) if players(shelf.board) else 0)
