"""What every metric starts from: the scores around the examples, as a probe."""

from __future__ import annotations

from typing import Any

from attriboard.engine.baselines import Baselines
from attriboard.engine.errors import InvalidInput
from attriboard.engine.model_tree import Model, prepare
from attriboard.engine.probe import Probe
from attriboard.engine.run import Run
from attriboard.engine.scoring import Scorer
from attriboard.engine.setup import Inputs, checked, input_probe, wanted_targets
from attriboard.engine.targets import Target
from attriboard.engine.tensors import Tensors, as_tuple


def scores_around(
    model: Model,
    inputs: Inputs,
    target: Target,
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] = (),
    seed: int = 0,
    run: Run | None = None,
) -> Probe:
    """A probe of the target's score at the inputs, for metrics that perturb them."""
    prepared = prepare(model)
    tensors = checked(as_tuple(inputs))
    wanted = wanted_targets(prepared, tensors, extra_args, target, None)
    scorer = Scorer(prepared, wanted, extra_args, len(tensors[0]))
    return input_probe(prepared, tensors, scorer, baselines, False, seed, run or Run())


def matching(attributions: Inputs, inputs: Tensors) -> Tensors:
    """The attributions as a tuple, one tensor per input and in its shape, or InvalidInput."""
    given = as_tuple(attributions)
    if len(given) != len(inputs):
        raise InvalidInput(
            f"There are {len(given)} attributions for {len(inputs)} inputs: give one each.",
            "attributions",
        )
    for i, (a, x) in enumerate(zip(given, inputs, strict=True)):
        if a.shape != x.shape:
            raise InvalidInput(
                f"Attribution {i} has shape {tuple(a.shape)}, but its input has "
                f"{tuple(x.shape)}: a metric needs one number for each element.",
                "attributions",
            )
    return given
