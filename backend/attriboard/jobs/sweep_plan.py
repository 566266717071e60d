"""A request for the contributions of many examples, checked against the board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

from attriboard import engine
from attriboard.board import Board
from attriboard.engine.errors import InvalidInput
from attriboard.jobs import plan as plans
from attriboard.jobs.keys import digest
from attriboard.jobs.plan import Plan
from attriboard.jobs.request import AttributionRequest, BaselineSpec, TargetSpec
from attriboard.jobs.target import Target
from attriboard.jobs.target import resolve as resolve_target

DEFAULT_METHOD = "IntegratedGradients"
MEASURES = (
    "net",
    "magnitude",
    "share",
    "shapley",
    "score_without",
    "flips",
    "right_without",
)


@dataclass(frozen=True, kw_only=True)
class SweepRequest:
    """What is computed for every example. Everything may be left out.

    method_id, params: whose attributions are summed up for net and magnitude; None: neither.
    shapley: whether the inputs' exact Shapley values are wanted, with all that follows from them.
    models: the models asked; None is all of them. The rest is as in AttributionRequest.
    """

    method_id: str | None = DEFAULT_METHOD
    params: Mapping[str, Any] = field(default_factory=dict)
    shapley: bool = True
    models: tuple[str, ...] | None = None
    target: TargetSpec = None
    baseline: Mapping[str, BaselineSpec] | None = None
    seed: int = 0


@dataclass(frozen=True)
class Columns:
    """The keys of the catalog's columns, by measure and input; pairs of inputs by both names."""

    net: dict[str, str] = field(default_factory=dict)
    magnitude: dict[str, str] = field(default_factory=dict)
    share: dict[str, str] = field(default_factory=dict)
    shapley: dict[str, str] = field(default_factory=dict)
    score_without: dict[str, str] = field(default_factory=dict)
    flips: dict[str, str] = field(default_factory=dict)
    right_without: dict[str, str] = field(default_factory=dict)
    interaction: dict[tuple[str, str], str] = field(default_factory=dict)

    def plain(self) -> dict[str, str]:
        """What each key means, such as "net.photo", whatever settings its name tells apart."""
        found: dict[str, str] = {}
        for what in MEASURES:
            found |= {key: f"{what}.{name}" for name, key in getattr(self, what).items()}
        return found | {key: f"interaction.{a}.{b}" for (a, b), key in self.interaction.items()}

    @cached_property
    def attributed(self) -> list[str]:
        """Those that need attributions."""
        return [*self.net.values(), *self.magnitude.values()]

    @cached_property
    def coalitions(self) -> list[str]:
        """Those that need the scores of all coalitions, and are never empty once computed."""
        parts = (self.share, self.shapley, self.score_without)
        return [key for part in parts for key in part.values()]


@dataclass(frozen=True)
class Setup:
    """What is computed for one model.

    plan: how attributions are made, None where none are wanted. shapley: whether coalitions are.
    """

    model: str
    fingerprint: str
    plan: Plan | None
    shapley: bool
    baseline: dict[str, BaselineSpec]
    target: Target | None
    seed: int
    columns: Columns

    @property
    def identity(self) -> dict[str, Any]:
        """What two setups must have in common to be the same, as JSON."""
        return {
            "model": self.fingerprint,
            "columns": [*self.columns.attributed, *self.columns.coalitions],
        }


def resolve(board: Board, request: SweepRequest) -> list[Setup]:
    """One setup a model. Raises InvalidInput, whose field names the part that is wrong."""
    if len(board.inputs) < 2:
        raise InvalidInput(
            "This board has one input, so there are no contributions of inputs to compare.",
            "inputs",
        )
    shapley = request.shapley and plans.players(board)
    if request.method_id is None and not shapley:
        raise InvalidInput(
            "Nothing is asked for: give a method; exact Shapley values need two to four inputs.",
            "method",
        )
    names = tuple(board.models) if request.models is None else request.models
    return [setup(board, request, name, shapley) for name in dict.fromkeys(names)]


def setup(board: Board, request: SweepRequest, name: str, shapley: bool) -> Setup:
    """What is computed for one model, as asked. Raises InvalidInput as `resolve` does."""
    model = plans.known_model(board, name)
    baseline = plans.baselines(board, request.baseline or {})
    plan = None if request.method_id is None else _plan(board, request, model)
    return Setup(
        model=model,
        fingerprint=board.model_fingerprint(model),
        plan=plan,
        shapley=shapley,
        baseline=baseline,
        target=resolve_target(request.target, board.output),
        seed=request.seed,
        columns=_columns(board, request, plan, baseline, shapley),
    )


def _plan(board: Board, request: SweepRequest, model: str) -> Plan:
    """The plan of attributions; its examples are whichever are swept."""
    plan = plans.resolve(
        board,
        AttributionRequest(
            examples=(0,),
            method_id=request.method_id or DEFAULT_METHOD,
            params=request.params,
            model=model,
            target=request.target,
            baseline=request.baseline,
            seed=request.seed,
        ),
    )
    if "input" not in plan.method.places:
        raise InvalidInput(f"{plan.method.title} attributes to a layer, not to inputs.", "method")
    if plan.method.least_examples > 1:
        raise InvalidInput(
            f"{plan.method.title} compares examples with one another, so what it gives depends on "
            "which are computed together. Choose another method.",
            "method",
        )
    return plan


def _columns(
    board: Board,
    request: SweepRequest,
    plan: Plan | None,
    baseline: dict[str, BaselineSpec],
    shapley: bool,
) -> Columns:
    names = [entry.name for entry in board.inputs]
    asked = {"target": request.target, "seed": request.seed or None}
    plain = {entry.name: entry.default_baseline for entry in board.inputs}
    usual = baseline == plain
    attributed = coalitions = None
    if plan is not None:
        reference = {} if usual or not plan.method.uses_baseline else {"baseline": baseline}
        attributed = _method_mark(request, plan) + _mark({**asked, **reference})
    if shapley:
        coalitions = _mark({**asked, **({} if usual else {"baseline": baseline})})

    def keys(what: str, end: str | None) -> dict[str, str]:
        return {} if end is None else {name: f"{what}.{name}{end}" for name in names}

    sorts = coalitions if board.output.kind != "regression" else None
    return Columns(
        net=keys("net", attributed),
        magnitude=keys("magnitude", attributed),
        share=keys("share", coalitions),
        shapley=keys("shapley", coalitions),
        score_without=keys("score_without", coalitions),
        flips=keys("flips", sorts),
        right_without=keys("right_without", sorts),
        interaction={}
        if coalitions is None
        else {(a, b): f"interaction.{a}.{b}{coalitions}" for a, b in combinations(names, 2)},
    )


def _method_mark(request: SweepRequest, plan: Plan) -> str:
    """The end of a column's name that says the method; none for the usual one as it comes."""
    same = plan.method.to_json() == engine.make(plan.method.to_json()["id"], {}).to_json()
    name = "" if request.method_id == DEFAULT_METHOD else f".{request.method_id}"
    return name if same else f".{request.method_id}.{digest(plan.method.to_json())[:6]}"


def _mark(settings: Mapping[str, Any]) -> str:
    """The end of a column's name that tells settings apart; none for the usual ones."""
    unusual = {name: value for name, value in settings.items() if value is not None}
    return f".{digest(unusual)[:6]}" if unusual else ""
