"""A request checked against the board, with its defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attriboard import engine
from attriboard.board import Board
from attriboard.engine import Method
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Choice
from attriboard.jobs.request import MOST_EXAMPLES, AttributionRequest, BaselineSpec
from attriboard.jobs.target import Target
from attriboard.jobs.target import resolve as resolve_target


@dataclass(frozen=True)
class Plan:
    """What holds for every example of a request.

    target: None where it is each example's own prediction.
    baseline: one choice for every input, or empty where no result depends on it.
    features: what the user chose; the other inputs' default depends on an example's size.
    """

    examples: tuple[int, ...]
    model: str
    fingerprint: str
    method: Method
    target: Target | None
    baseline: dict[str, BaselineSpec]
    features: dict[str, str]
    layer: str | None
    neuron: int | tuple[int, ...] | None
    seed: int

    @property
    def site(self) -> dict[str, Any]:
        return {"layer": self.layer, "neuron": self.neuron}

    @property
    def at_inputs(self) -> bool:
        """Whether the attributions are the inputs' own."""
        return self.layer is None or self.neuron is not None or self.method.at_inputs

    @property
    def identity(self) -> dict[str, Any]:
        """What two requests must have in common to be the same, as JSON."""
        target = None if self.target is None else self.target.json()
        named = {"target": target, "method": self.method.to_json(), **self.site}
        plain = ("examples", "model", "fingerprint", "baseline", "features", "seed")
        return named | {name: getattr(self, name) for name in plain}


def resolve(board: Board, request: AttributionRequest) -> Plan:
    """Raises InvalidInput, whose field names the part of the request that is wrong."""
    model = known_model(board, request.model)
    method = engine.make(request.method_id, request.params)
    _check_method(board, model, method, request)
    chosen = baselines(board, request.baseline or {})
    return Plan(
        examples=_examples(board, request.examples),
        model=model,
        fingerprint=board.model_fingerprint(model),
        method=method,
        target=resolve_target(request.target, board.output),
        baseline=chosen if method.uses_baseline or players(board) else {},
        features=_features(board, method, request),
        layer=request.layer,
        neuron=request.neuron,
        seed=request.seed,
    )


def check_count(plan: Plan) -> None:
    """Raises InvalidInput where the method needs more examples than the plan has."""
    least = plan.method.least_examples
    if len(plan.examples) < least:
        raise InvalidInput(
            f"{plan.method.title} compares examples with one another: ask for at least {least} "
            "in one request.",
            "examples",
        )


def players(board: Board) -> bool:
    """Whether the inputs are few enough for exact Shapley values of the modalities."""
    return 2 <= len(board.inputs) <= 4


def known_model(board: Board, name: str | None) -> str:
    """The model's name, the first one's for None. Raises InvalidInput where there is none."""
    if name is None:
        return next(iter(board.models))
    if name not in board.models:
        known = ", ".join(board.models)
        raise InvalidInput(f"There is no model {name!r}. There are: {known}.", "model")
    return name


def _check_method(board: Board, model: str, method: Method, request: AttributionRequest) -> None:
    reason = engine.unavailable(type(method), board.models[model])
    if reason is not None:
        raise InvalidInput(reason, "method.id")
    if request.neuron is not None and request.layer is None:
        raise InvalidInput("`neuron` is a unit of a layer: give `layer` too.", "layer")
    place = "neuron" if request.neuron is not None else "layer"
    if request.layer is not None and place not in method.places:
        raise InvalidInput(f"{method.title} cannot be asked for at a {place}.", place)


def _examples(board: Board, indices: Sequence[int]) -> tuple[int, ...]:
    unique = tuple(dict.fromkeys(indices))
    if not unique:
        raise InvalidInput("`examples` is empty: give at least one index.", "examples")
    if len(unique) > MOST_EXAMPLES:
        raise InvalidInput(
            f"`examples` holds {len(unique)} indices: at most {MOST_EXAMPLES} go in one request.",
            "examples",
        )
    for index in unique:
        _check_index(board, index, "examples")
    return unique


def _check_index(board: Board, index: Any, field: str) -> None:
    if isinstance(index, bool) or not isinstance(index, int) or not board.has(index):
        raise InvalidInput(
            f"There is no example {index!r}: the dataset has examples 0 to {len(board) - 1}.",
            field,
        )


def baselines(board: Board, given: Mapping[str, BaselineSpec]) -> dict[str, BaselineSpec]:
    """A choice for every input. Raises InvalidInput for one that there is not."""
    _check_inputs(board, given, "baseline")
    chosen: dict[str, BaselineSpec] = {}
    for entry in board.inputs:
        choice = given.get(entry.name, entry.default_baseline)
        field = f"baseline.{entry.name}"
        if isinstance(choice, str):
            _check_choice(choice, entry.baseline_kinds(), field, f"baseline for {entry.name}")
        elif set(choice) == {"example"}:
            _check_index(board, choice["example"], field)
        else:
            raise InvalidInput(f'A baseline is a name or {{"example": index}}: {choice}.', field)
        chosen[entry.name] = choice
    return chosen


def _features(board: Board, method: Method, request: AttributionRequest) -> dict[str, str]:
    given = request.features or {}
    _check_inputs(board, given, "features")
    for entry in board.inputs:
        if entry.name in given:
            kind, field = given[entry.name], f"features.{entry.name}"
            _check_choice(kind, entry.feature_kinds(), field, f"way to group {entry.name}")
    return dict(given) if method.uses_features and request.layer is None else {}


def _check_inputs(board: Board, given: Mapping[str, Any], what: str) -> None:
    names = [entry.name for entry in board.inputs]
    for name in given:
        if name not in names:
            raise InvalidInput(
                f"`{what}` names {name!r}, which is no input. The inputs are: {', '.join(names)}.",
                f"{what}.{name}",
            )


def _check_choice(chosen: str, choices: Sequence[Choice], field: str, what: str) -> None:
    ids = [choice.id for choice in choices]
    if chosen not in ids:
        raise InvalidInput(f"There is no {what} {chosen!r}. There are: {', '.join(ids)}.", field)
