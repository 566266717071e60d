"""A request for metrics, checked against the board, with its defaults filled in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.board import Board
from attriboard.engine.errors import InvalidInput
from attriboard.jobs import faithfulness, plan
from attriboard.jobs.examples import Examples, Loaded
from attriboard.jobs.faithfulness import METRICS, SETTINGS
from attriboard.jobs.keys import digest
from attriboard.jobs.plan import Plan
from attriboard.jobs.provenance import Meta
from attriboard.jobs.request import AttributionRequest, BaselineSpec
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.target import Target
from attriboard.jobs.task import Task, content, default_features, prepare


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
    chosen = known_metrics(metrics, tuple(METRICS))
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
    return Question(found, chosen, baseline)


def known_metrics(metrics: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Each of the metrics once, in the order of `known`. Raises InvalidInput for another."""
    unknown = [name for name in metrics if name not in known]
    if unknown or not metrics:
        said = f"There is no metric {unknown[0]!r}." if unknown else "`metrics` is empty."
        raise InvalidInput(f"{said} There are: {', '.join(known)}.", "metrics")
    return tuple(name for name in known if name in metrics)


def removed_features(board: Board, loaded: Loaded) -> tuple[Tensor, ...]:
    """What the curves take away, ids in each input's shape: the same for every method."""
    found = board.features(default_features(board, loaded), loaded.example)
    if found is not None:
        return found
    return tuple(torch.arange(math.prod(shape)).reshape(shape) for shape in loaded.shapes)


def weighted_layers(board: Board, plan: Plan) -> int:
    """The layers that hold parameters, which the randomisation check makes forget one by one."""
    model = board.models[plan.model]
    if not isinstance(model, nn.Module):
        return 0
    return sum(any(True for _ in each.parameters(recurse=False)) for each in model.modules())


def cost(shelf: Shelf, question: Question, index: int) -> int:
    """Rows through the model to measure one example, the attribution itself included.

    Raises InvalidInput where the method cannot manage as many features as the example has.
    """
    plan = question.plan
    entry = prepare(shelf.board, shelf.examples, plan, Task(index, "", Target()))
    entry.method.check_features(entry.units)
    groups = tuple(ids[None] for ids in removed_features(shelf.board, entry.loaded))
    features, layers = (
        engine.Features(engine.distinct(groups)).count,
        weighted_layers(shelf.board, plan),
    )
    rows = (faithfulness.rows(name, entry.rows, features, layers) for name in question.metrics)
    return entry.rows + sum(rows)
