"""Convergence deltas: how far attributions are from adding up."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from attriboard.captum.arguments import tupled
from attriboard.engine.ends import Ends, ends_of
from attriboard.engine.model_tree import prepare
from attriboard.engine.run import Run
from attriboard.engine.scoring import Scorer
from attriboard.engine.setup import checked, input_probe, wanted_targets
from attriboard.engine.tensors import Tensors, as_tuple


def gap(
    model: Any,
    attributions: Any,
    start: Any,
    end: Any,
    target: Any,
    extra: tuple[Any, ...],
    pooled: bool,
) -> Tensor:
    """Sum of attributions minus (f(end) - f(start)), (N,); the mean f over a distribution."""
    ends = both_ends(model, start, end, target, extra, pooled)
    return total(attributions) - (ends.score[:, 0] - ends.baseline[:, 0])


def both_ends(
    model: Any, start: Any, end: Any, target: Any, extra: tuple[Any, ...], pooled: bool = False
) -> Ends:
    """f at `end` and at `start`, each (N, 1)."""
    prepared = prepare(model)
    inputs: Tensors = checked(as_tuple(end))
    wanted = wanted_targets(prepared, inputs, extra, target, None)
    scorer = Scorer(prepared, wanted, extra, len(inputs[0]))
    probe = input_probe(prepared, inputs, scorer, tupled_baselines(start), pooled, 0, Run())
    return ends_of(probe, scorer)


def total(attributions: Any) -> Tensor:
    """The sum of all attributions of each example, (N,)."""
    sums = [a.reshape(len(a), -1).sum(1) for a in flat(attributions)]
    return sum(sums[1:], start=sums[0])


def flat(attributions: Any) -> Tensors:
    """Every tensor of an answer, which may be nested by layer."""
    if isinstance(attributions, Tensor):
        return (attributions,)
    return tuple(tensor for part in attributions for tensor in flat(part))


def extra_of(given: dict[str, Any]) -> tuple[Any, ...]:
    """The model's further arguments as a tuple."""
    arguments = given.get("additional_forward_args")
    if arguments is None:
        return ()
    return arguments if isinstance(arguments, tuple) else (arguments,)


def tupled_baselines(baselines: Any) -> Any:
    """Baselines as the engine takes them."""
    return baselines if isinstance(baselines, Tensor) else tupled(baselines)
