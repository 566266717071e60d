"""A request for the attributions of many examples as files, checked against the board."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from attriboard import engine
from attriboard.board import Board
from attriboard.engine.errors import InvalidInput
from attriboard.jobs import plan as plans
from attriboard.jobs.faithfulness import FAITHFULNESS
from attriboard.jobs.keys import digest
from attriboard.jobs.measure_plan import Question, known_metrics
from attriboard.jobs.request import BaselineSpec, TargetSpec
from attriboard.jobs.sweep_plan import Setup, SweepRequest, setup
from attriboard.version import __version__

FORMAT = 2


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """methods: pairs of a method's class name and its parameters. contributions: whether the
    inputs' Shapley values are wanted. arrays: whether the attributions themselves are, besides the
    tables. metrics: which figures are measured of each method's attributions, names of
    `faithfulness.FAITHFULNESS`. The rest is as in SweepRequest.
    """

    methods: Sequence[tuple[str, Mapping[str, Any]]] = ()
    contributions: bool = True
    arrays: bool = True
    metrics: tuple[str, ...] = ()
    models: tuple[str, ...] | None = None
    target: TargetSpec = None
    baseline: Mapping[str, BaselineSpec] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True)
class Part:
    """One table of an export, in shards below the folder `name`: a model by a method, or its
    contributions of inputs."""

    name: str
    setup: Setup
    arrays: bool
    question: Question | None = None  # what is measured, where anything is

    def json(self) -> dict[str, Any]:
        """The part as the manifest names it."""
        plan = self.setup.plan
        return {
            "folder": self.name,
            "model": self.setup.model,
            "method": None if plan is None else plan.method.to_json(),
            "arrays": self.arrays,
            "metrics": [] if self.question is None else list(self.question.metrics),
        }


@dataclass(frozen=True)
class ExportPlan:
    """Everything that is written: the parts, for these examples in this order."""

    board: Board
    parts: tuple[Part, ...]
    indices: tuple[int, ...]
    asked: Mapping[str, Any]

    def about(self) -> dict[str, Any]:
        """What two exports must have in common for one to go on with the other, as JSON."""
        board = self.board
        return {
            "format": FORMAT,
            "attriboard": __version__,
            "board": {
                "name": board.name,
                "data": board.data_fingerprint,
                "inputs": [entry.name for entry in board.inputs],
                "output": board.output.kind,
                "names": list(board.output.names),
            },
            "models": {
                name: board.model_fingerprint(name)
                for name in dict.fromkeys(part.setup.model for part in self.parts)
            },
            "asked": dict(self.asked),
            "examples": {"count": len(self.indices), "mark": digest(list(self.indices))},
            "parts": [part.json() for part in self.parts],
        }


def resolve(board: Board, request: ExportRequest, indices: Sequence[int]) -> ExportPlan:
    """Raises InvalidInput, whose field names the part of the request that is wrong."""
    shapley = request.contributions and plans.players(board)
    if request.metrics:
        known_metrics(request.metrics, FAITHFULNESS)
    if not request.methods and not shapley:
        raise InvalidInput("Nothing is asked for: name at least one method.", "method")
    if not indices:
        raise InvalidInput("No example matches, so there is nothing to attribute.", "where")
    names = tuple(board.models) if request.models is None else request.models
    parts: list[Part] = []
    for model in dict.fromkeys(names):
        asked_of = partial(part_of, board, request, model)
        parts += [asked_of(method, request.metrics) for method in request.methods]
        if shapley:
            parts.append(asked_of(None, ()))
    unique = {part.name: part for part in parts}
    asked = {
        "target": request.target,
        "baseline": parts[0].setup.baseline,
        "seed": request.seed,
    }
    ordered = tuple(sorted(set(indices)))
    return ExportPlan(board, tuple(unique.values()), ordered, asked)


def part_of(
    board: Board,
    request: ExportRequest,
    model: str,
    method: tuple[str, Mapping[str, Any]] | None,
    metrics: tuple[str, ...],
) -> Part:
    """One model by one method, or its inputs' contributions. Raises InvalidInput."""
    name, params = method or (None, {})
    asked = SweepRequest(
        method_id=name,
        params=params,
        target=request.target,
        baseline=request.baseline,
        seed=request.seed,
    )
    made = replace(setup(board, asked, model, method is None), shapley=method is None)
    question = None
    if metrics and made.plan is not None:
        question = Question(made.plan, known_metrics(metrics, FAITHFULNESS), dict(made.baseline))
    return Part(_folder(made), made, method is not None and request.arrays, question)


def _folder(made: Setup) -> str:
    """Model and method as folders that every file system takes."""
    plan = made.plan
    if plan is None:
        return f"{_slug(made.model)}/contributions"
    known = plan.method.to_json()
    usual = known == engine.make(known["id"], {}).to_json()
    mark = "" if usual else f"-{digest(known)[:6]}"
    return f"{_slug(made.model)}/{_slug(known['id'])}{mark}"


def _slug(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", name)
    return plain if plain == name else f"{plain}-{digest(name)[:6]}"
