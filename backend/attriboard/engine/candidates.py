"""Several baselines side by side, and one chosen among them with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from attriboard.engine import baselines as baseline_forms
from attriboard.engine.attribution import Result, attribute
from attriboard.engine.baselines import Baselines
from attriboard.engine.errors import InvalidInput
from attriboard.engine.methods.base import Method
from attriboard.engine.model_tree import Model, prepare
from attriboard.engine.run import Run
from attriboard.engine.scoring import Scorer
from attriboard.engine.setup import Inputs, checked, input_probe, wanted_targets
from attriboard.engine.targets import Target
from attriboard.engine.tensors import as_tuple

Candidates = Mapping[str, Baselines]


@dataclass(frozen=True)
class Choice:
    """The baseline chosen, by its name, and why. scores: the mean score at every candidate."""

    name: str
    baselines: Baselines
    reason: str
    scores: dict[str, float]


def choose_baseline(
    model: Model,
    inputs: Inputs,
    candidates: Candidates,
    target: Target = None,
    *,
    extra_args: tuple[Any, ...] = (),
    run: Run | None = None,
) -> Choice:
    """The candidate at which the model finds least of the target, over all examples.

    A baseline stands for "absent": one that already scores like the input leaves nothing to
    explain, and one that scores low leaves the whole score (Sundararajan et al. 2017, section 3,
    ask for a score near zero). Costs one row per example and candidate, and one per example.

    Raises InvalidInput where there is no candidate, or one does not fit the inputs.
    """
    scores, here = _scores(model, inputs, candidates, target, extra_args, run)
    best = min(scores, key=lambda name: scores[name])
    others = ", ".join(f"{name} {score:.4g}" for name, score in scores.items() if name != best)
    reason = f"{best}: the model finds least of the target there ({scores[best]:.4g}"
    reason += f"; the inputs score {here:.4g}"
    reason += f"; {others})." if others else ")."
    return Choice(best, candidates[best], reason, scores)


def compare_baselines(
    model: Model,
    inputs: Inputs,
    method: Method,
    candidates: Candidates,
    target: Target = None,
    *,
    extra_args: tuple[Any, ...] = (),
    layer: nn.Module | str | None = None,
    features: Inputs | None = None,
    seed: int = 0,
    run: Run | None = None,
) -> dict[str, Result]:
    """The attributions from each baseline, by name: do they tell the same story?

    The arguments are those of `attribute`; all draws are the same for every candidate.
    """
    _check(candidates)
    return {
        name: attribute(
            model,
            inputs,
            method,
            target,
            baselines=baselines,
            extra_args=extra_args,
            layer=layer,
            features=features,
            seed=seed,
            run=run,
        )
        for name, baselines in candidates.items()
    }


def _scores(
    model: Model,
    inputs: Inputs,
    candidates: Candidates,
    target: Target,
    extra: tuple[Any, ...],
    run: Run | None,
) -> tuple[dict[str, float], float]:
    """The target's mean score at each candidate, and at the inputs."""
    _check(candidates)
    prepared = prepare(model)
    tensors = checked(as_tuple(inputs))
    wanted = wanted_targets(prepared, tensors, extra, target, None)
    scorer = Scorer(prepared, wanted, extra, len(tensors[0]))
    probe = input_probe(prepared, tensors, scorer, None, False, 0, run or Run())
    sets = [baseline_forms.resolve(each, tensors) for each in candidates.values()]
    rows = [torch.stack(each) for each in zip(tensors, *sets, strict=True)]  # (1 + C, N, ...)
    values = probe.values(lambda k, n: tuple(row[k, n] for row in rows), 1 + len(candidates))
    means = values[:, :, 0].double().mean(1).tolist()
    return dict(zip(candidates, means[1:], strict=True)), means[0]


def _check(candidates: Candidates) -> None:
    if not candidates:
        raise InvalidInput("`candidates` is empty: name at least one baseline.", "candidates")
