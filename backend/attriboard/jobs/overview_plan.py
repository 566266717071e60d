"""A request to sum up the attributions of a whole dataset, checked against the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from attriboard.board import Board
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.keys import digest
from attriboard.jobs.request import BaselineSpec, TargetSpec
from attriboard.jobs.sweep_plan import DEFAULT_METHOD, Setup, SweepRequest, setup

SHARD = 128  # examples; what a stop may cost
VERSION = 1  # of what is made of the attributions

By = Literal["predicted", "label"]


@dataclass(frozen=True, kw_only=True)
class OverviewRequest:
    """Whose attributions are summed up, and by which classes. The rest is as in SweepRequest."""

    method_id: str = DEFAULT_METHOD
    params: Mapping[str, Any] = field(default_factory=dict)
    by: By = "predicted"
    models: tuple[str, ...] | None = None
    target: TargetSpec = None
    baseline: Mapping[str, BaselineSpec] | None = None
    seed: int = 0


@dataclass(frozen=True)
class OverviewPlan:
    """One setup a model, over the same examples in the same order."""

    setups: tuple[Setup, ...]
    indices: tuple[int, ...]
    by: By
    identity: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Where the whole is kept."""
        return digest(["overview", self.identity, list(self.indices)])

    def shards(self) -> list[tuple[int, ...]]:
        """The examples in parts, each of which is kept when it is done."""
        return [self.indices[i : i + SHARD] for i in range(0, len(self.indices), SHARD)]

    def part_key(self, shard: Sequence[int]) -> str:
        """Where one part is kept."""
        return digest(["overview part", self.identity, list(shard)])


def resolve(board: Board, request: OverviewRequest, indices: Sequence[int]) -> OverviewPlan:
    """Raises InvalidInput, whose field names the part of the request that is wrong."""
    if not indices:
        raise InvalidInput("No example matches, so there is nothing to sum up.", "filter")
    if board.output.kind != "classes" and request.by == "label":
        raise InvalidInput("Only a board of classes has labels to group by.", "by")
    asked = SweepRequest(
        method_id=request.method_id,
        params=request.params,
        target=request.target,
        baseline=request.baseline,
        seed=request.seed,
    )
    names = tuple(board.models) if request.models is None else request.models
    if not names:
        raise InvalidInput("Name at least one model.", "models")
    setups = tuple(setup(board, asked, name, False) for name in dict.fromkeys(names))
    identity = {
        "data": board.data_fingerprint,
        "models": {each.model: each.fingerprint for each in setups},
        "method": setups[0].plan.method.to_json() if setups[0].plan else None,
        "baseline": setups[0].baseline,
        "target": request.target,
        "seed": request.seed,
        "by": request.by,
        "version": VERSION,
    }
    return OverviewPlan(setups, tuple(sorted(set(indices))), request.by, identity)
