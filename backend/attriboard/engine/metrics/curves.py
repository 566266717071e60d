"""Deletion and insertion: what the score does as features go, or come, strongest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from attriboard.engine import features as feature_forms
from attriboard.engine.baselines import Baselines
from attriboard.engine.coalitions import coalition_points, features_of
from attriboard.engine.errors import InvalidInput
from attriboard.engine.features import Features
from attriboard.engine.metrics.questions import matching, scores_around
from attriboard.engine.model_tree import Model
from attriboard.engine.probe import Probe
from attriboard.engine.run import Run
from attriboard.engine.setup import Inputs
from attriboard.engine.targets import Target
from attriboard.engine.tensors import Tensors, as_tuple

Kind = Literal["deletion", "insertion"]

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Of the features, how many are taken by comprehensiveness and sufficiency."""


@dataclass(frozen=True)
class Curve:
    """Scores as the share of features changed grows, against features in a random order.

    shares: (K,) from 0 to 1; scores, control: (K, N); auc, control_auc: (N,), the areas under
    them. The control is the mean over random orders, the same for every example.
    """

    shares: Tensor
    scores: Tensor
    control: Tensor
    auc: Tensor
    control_auc: Tensor


@dataclass(frozen=True)
class Erasure:
    """Comprehensiveness (higher is better) and sufficiency (lower is better), each (N,)."""

    comprehensiveness: Tensor
    sufficiency: Tensor


def curve(
    model: Model,
    inputs: Inputs,
    attributions: Inputs,
    target: Target = None,
    *,
    kind: Kind = "deletion",
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] = (),
    features: Inputs | None = None,
    n_steps: int = 20,
    n_random: int = 3,
    seed: int = 0,
    run: Run | None = None,
) -> Curve:
    """The score as the strongest features go ("deletion"), or come back ("insertion").

    Petsiuk et al. 2018, https://arxiv.org/abs/1806.07421, section 4.2. A faithful attribution
    makes deletion fall early (a low area, below the control's) and insertion rise early (a high
    one). What is gone has its baseline's value. features: groups that go together, ranked by
    their mean attribution; single elements if left out. n_steps: points beside the first.
    n_random: random orders in the control. Curves of probabilities are easier to compare than
    curves of logits: give `target=engine.Probability(k)`.
    """
    if kind not in ("deletion", "insertion"):
        raise InvalidInput(f"`kind` is {kind!r}: give 'deletion' or 'insertion'.", "kind")
    if n_steps < 1 or n_random < 0:
        raise InvalidInput("`n_steps` must be at least 1 and `n_random` at least 0.", "n_steps")
    probe, groups, ranks = _ranked(
        model, inputs, attributions, target, baselines, extra_args, features, seed, run
    )
    shares = torch.linspace(0, 1, min(n_steps, groups.count) + 1, dtype=torch.float64)
    sizes = (shares * groups.count).round().long()
    orders = [ranks, *(_shuffled(probe, groups, i) for i in range(n_random))]
    keep = kind == "insertion"
    scores, *random = [_scores(probe, groups, order, sizes, keep) for order in orders]
    control = torch.stack(random).mean(0) if random else torch.full_like(scores, torch.nan)
    return Curve(shares, scores, control, _area(shares, scores), _area(shares, control))


def erasure(
    model: Model,
    inputs: Inputs,
    attributions: Inputs,
    target: Target = None,
    *,
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] = (),
    features: Inputs | None = None,
    shares: tuple[float, ...] = SHARES,
    seed: int = 0,
    run: Run | None = None,
) -> Erasure:
    """Comprehensiveness and sufficiency, averaged over `shares` of the features.

    DeYoung et al. 2020, https://arxiv.org/abs/1911.03429, section 4: how far the score falls
    without the strongest features, and how far it falls with nothing but them.
    """
    probe, groups, ranks = _ranked(
        model, inputs, attributions, target, baselines, extra_args, features, seed, run
    )
    sizes = torch.tensor([max(1, round(s * groups.count)) for s in shares])
    without = _scores(probe, groups, ranks, sizes, keep_strong=False)
    only = _scores(probe, groups, ranks, sizes, keep_strong=True)
    full = probe.values(probe.at_point, 1)[0, :, 0]
    return Erasure((full - without).mean(0), (full - only).mean(0))


def _ranked(
    model: Model,
    inputs: Inputs,
    attributions: Inputs,
    target: Target,
    baselines: Baselines,
    extra_args: tuple[Any, ...],
    features: Inputs | None,
    seed: int,
    run: Run | None,
) -> tuple[Probe, Features, Tensor]:
    probe = scores_around(model, inputs, target, baselines, extra_args, seed, run)
    phi = matching(attributions, probe.point)
    given = feature_forms.resolve(None if features is None else as_tuple(features), probe.point)
    groups = given or features_of(probe)
    return probe, groups, _ranks(feature_means(phi, groups))


def feature_means(attributions: Tensors, features: Features) -> Tensor:
    """The mean attribution of each feature's elements, (N, G); -inf for features not there."""
    count = len(attributions[0])
    sums = torch.zeros(count, features.count, dtype=torch.float64)
    sizes = torch.zeros_like(sums)
    for a, ids in zip(attributions, features.ids, strict=True):
        flat = ids.expand(count, *a.shape[1:]).flatten(1)
        sums.scatter_add_(1, flat, a.double().cpu().flatten(1))
        sizes.scatter_add_(1, flat, torch.ones(flat.shape, dtype=torch.float64))
    return torch.where(sizes > 0, sums / sizes.clamp(min=1), -torch.inf)


def _ranks(means: Tensor) -> Tensor:
    """(N, G): 0 for the strongest feature; equal ones in their order."""
    return means.argsort(stable=True, dim=1, descending=True).argsort(1)


def _shuffled(probe: Probe, groups: Features, i: int) -> Tensor:
    order = torch.randperm(groups.count, generator=probe.generator(13, i))
    return order.expand(probe.count, -1)


def _scores(
    probe: Probe, groups: Features, ranks: Tensor, sizes: Tensor, keep_strong: bool
) -> Tensor:
    """(K, N): with the `sizes[k]` first-ranked features kept alone, or taken away."""

    def points(k: Tensor, n: Tensor) -> Tensors:
        strong = ranks[n] < sizes[k][:, None]
        kept = strong if keep_strong else ~strong
        places = torch.arange(len(k))
        return coalition_points(probe, groups, lambda _: kept[places])(k, n)

    return probe.values(points, len(sizes))[:, :, 0].double().cpu()


def _area(shares: Tensor, scores: Tensor) -> Tensor:
    return torch.trapezoid(scores, shares, dim=0)
