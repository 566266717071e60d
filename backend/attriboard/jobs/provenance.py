"""What a result says about itself, and how much each input contributes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.engine import ModalityShapley, Result
from attriboard.jobs.plan import Plan
from attriboard.jobs.task import Prepared
from attriboard.version import __version__

Meta = dict[str, Any]

NOT_FINITE = (
    "Some attributions are not finite numbers: the model's scores or gradients overflow or divide "
    "by zero near this example."
)


def base(board: Board, plan: Plan, prepared: Prepared) -> Meta:
    """What is known before anything is computed."""
    task = prepared.task
    return {
        "key": task.key,
        "example": task.index,
        "model": plan.model,
        "method": prepared.method.to_json(),
        "target": {**task.target.json(), "name": task.target.name(board.output)},
        "baseline": dict(plan.baseline),
        "features": prepared.features,
        **plan.site,
        "seed": plan.seed,
        "engine": __version__,
        "delta": None,
        "gap": None,
        "score": None,
        "baseline_score": None,
        "contributions": None,
        "warnings": [],
        "passes": 0,
        "seconds": 0.0,
        "shapes": {},
    }


def array_names(board: Board, plan: Plan) -> list[str]:
    """The names of a result's arrays: the inputs', or `layer`."""
    return [entry.name for entry in board.inputs] if plan.at_inputs else ["layer"]


def measured(result: Result, row: int, count: int, values: ModalityShapley | None) -> Meta:
    """The figures of row `row` of a batch of `count`."""
    score, baseline = _at(result.score, row), _at(result.baseline_score, row)
    if score is None and values is not None:
        score, baseline = _at(values.coalitions[-1], 0), _at(values.coalitions[0], 0)
    delta = _at(result.delta, row)
    finite = all(bool(tensor[row].isfinite().all()) for tensor in result.attributions)
    return {
        "delta": delta,
        "gap": _gap(delta, score, baseline),
        "score": score,
        "baseline_score": baseline,
        "warnings": [*result.remarks, *result.doubts[row], *([] if finite else [NOT_FINITE])],
        "passes": math.ceil(result.rows / count),
        "seconds": round(result.seconds / count, 6),
    }


def contributions(
    board: Board, plan: Plan, result: Result, values: list[ModalityShapley] | None
) -> list[Meta]:
    """The three measures for each row; attributions at a layer are no input's own."""
    names = [entry.name for entry in board.inputs]
    net = magnitude = None
    if plan.at_inputs:
        net = engine.net(result.attributions, result.sizes)
        magnitude = engine.magnitude(result.attributions, result.sizes)
    return [
        {
            "net": _named(names, net, row),
            "magnitude": _named(names, magnitude, row),
            "shapley": None if values is None else _shapley(names, values[row]),
        }
        for row in range(len(result.attributions[0]))
    ]


def _shapley(names: Sequence[str], found: ModalityShapley) -> Meta:
    pairs = combinations(range(len(names)), 2)
    return {
        "values": _named(names, found.values, 0),
        "shares": _named(names, found.shares, 0),
        "interactions": [
            {"inputs": [names[i], names[j]], "value": number(found.interactions[0, i, j])}
            for i, j in pairs
        ],
        "total": number(found.total[0]),
    }


def _named(names: Sequence[str], values: Tensor | None, row: int) -> Mapping[str, Any] | None:
    if values is None:
        return None
    return {name: number(value) for name, value in zip(names, values[row], strict=True)}


def _gap(delta: float | None, score: float | None, baseline: float | None) -> float | None:
    if delta is None or score is None or baseline is None or score == baseline:
        return None
    return abs(delta) / abs(score - baseline)


def _at(values: Tensor | None, row: int) -> float | None:
    return None if values is None else number(values[row])


def number(value: Tensor | float) -> float | None:
    """A number as JSON has it: None where it is not finite."""
    found = float(value)
    return found if math.isfinite(found) else None
