"""A request for metrics, checked against the board, with its defaults filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attriboard.board import Board
from attriboard.engine.errors import InvalidInput
from attriboard.jobs import plan
from attriboard.jobs.examples import Examples
from attriboard.jobs.faithfulness import METRICS, SETTINGS
from attriboard.jobs.keys import digest
from attriboard.jobs.plan import Plan
from attriboard.jobs.provenance import Meta
from attriboard.jobs.request import AttributionRequest, BaselineSpec
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.task import Task, content


@dataclass(frozen=True)
class Question:
    """What is measured: a plan's attributions, the metrics, and what "removed" means.

    baseline: a choice for every input, since the metrics need one even where the method does not.
    """

    plan: Plan
    metrics: tuple[str, ...]
    baseline: dict[str, BaselineSpec]

    @property
    def identity(self) -> dict[str, Any]:
        """What two questions must have in common to be the same, as JSON."""
        return {"of": self.plan.identity, "metrics": self.metrics, "removed": self.baseline}

    def key(self, found: Task, examples: Examples) -> str:
        """Where the figures of one attribution are kept."""
        removed = {name: content(choice, examples) for name, choice in self.baseline.items()}
        return digest(["measure", found.key, self.metrics, removed, SETTINGS])

    def stored(self, shelf: Shelf, found: Task) -> Meta | None:
        """The stored figures. Equal examples share them, so they are told whose they are."""
        meta = shelf.store.meta(self.key(found, shelf.examples))
        own = {"example": found.index, "model": self.plan.model}
        return None if meta is None else {**meta, **own}


def resolve(board: Board, request: AttributionRequest, metrics: Sequence[str]) -> Question:
    """Raises InvalidInput, whose field names the part of the request that is wrong."""
    unknown = [name for name in metrics if name not in METRICS]
    if unknown or not metrics:
        known = ", ".join(METRICS)
        said = f"There is no metric {unknown[0]!r}." if unknown else "`metrics` is empty."
        raise InvalidInput(f"{said} There are: {known}.", "metrics")
    if request.layer is not None:
        raise InvalidInput(
            "Metrics change the inputs, so they measure attributions of the inputs: leave `layer` "
            "out.",
            "layer",
        )
    found = plan.resolve(board, request)
    plan.check_count(found)
    given = request.baseline or {}
    baseline = {each.name: given.get(each.name, each.default_baseline) for each in board.inputs}
    return Question(found, tuple(name for name in METRICS if name in metrics), baseline)
