"""Max-sensitivity: how far the attribution moves when the input hardly does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import torch
from torch import Tensor, nn

from attriboard.engine import features as feature_forms
from attriboard.engine.baselines import Baselines
from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.methods.base import Method
from attriboard.engine.model_tree import Model, prepare
from attriboard.engine.probe import Probe
from attriboard.engine.run import Run
from attriboard.engine.scoring import Scorer
from attriboard.engine.setup import (
    Inputs,
    check_method,
    checked,
    input_probe,
    layer_at,
    wanted_targets,
)
from attriboard.engine.targets import Target
from attriboard.engine.tensors import Tensors, as_tuple, is_integer, take

Ball = Literal["linf", "l2"] | Callable[[Tensors], Any]
ROWS = 256


def sensitivity_max(
    model: Model,
    inputs: Inputs,
    method: Method,
    target: Target = None,
    *,
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] = (),
    layer: nn.Module | str | None = None,
    features: Inputs | None = None,
    ball: Ball = "linf",
    radius: float = 0.02,
    norm: float = 2.0,
    n_samples: int = 10,
    seed: int = 0,
    run: Run | None = None,
) -> Tensor:
    """max over x' near x of |phi(x') - phi(x)| / |phi(x)| for each example, (N,): lower is better.

    Yeh et al. 2019, https://arxiv.org/abs/1901.09392, definition 3.1, by n_samples draws. ball:
    uniform in the L-infinity or L2 ball of `radius` around x, or a function from rows to rows.
    norm: the order of the norm between attributions. Token ids are moved at their embedding.

    Raises Unsupported for a perturbation method on token ids, which nothing is near to.
    """
    prepared = prepare(model)
    check_method(type(method), method, prepared, layer, None)
    tensors = checked(as_tuple(inputs))
    wanted = wanted_targets(prepared, tensors, extra_args, target, None)
    scorer = Scorer(prepared, wanted, extra_args, len(tensors[0]))
    probe = input_probe(prepared, tensors, scorer, baselines, method.pooled, seed, run or Run())
    probe = method.at(probe, layer_at(prepared, layer, "output"), None)
    given = as_tuple(features) if features is not None and method.wants_features() else None
    probe = replace(probe, features=feature_forms.resolve(given, probe.point), quiet=True)
    if any(is_integer(x) for x in probe.point):
        raise Unsupported(
            f"{method.title} explains token ids as they are, and nothing lies near a token: "
            "max-sensitivity is defined for methods that work at the embedding."
        )
    with torch.no_grad():
        return _largest(probe, method, ball, radius, norm, n_samples)


def _largest(
    probe: Probe, method: Method, ball: Ball, radius: float, norm: float, samples: int
) -> Tensor:
    count, here = probe.count, torch.zeros(0)
    worst = torch.zeros(count, dtype=torch.float64, device=probe.point[0].device)
    share = max(1, ROWS // max(1, count))
    for start in range(0, samples + 1, share):  # the examples themselves are the first draw
        draws = range(start, min(start + share, samples + 1))
        near = [probe.point if k == 0 else _near(probe, k - 1, ball, radius) for k in draws]
        point = tuple(torch.cat([rows[i] for rows in near]) for i in range(len(probe.point)))
        origin = torch.arange(count).repeat(len(draws))
        there = _flat(method(probe.moved(point, origin)))
        here = there[:count] if start == 0 else here
        moved = torch.linalg.vector_norm(there - here[origin], norm, dim=1)
        worst = torch.maximum(worst, moved.reshape(len(draws), count).amax(0))
    size = torch.linalg.vector_norm(here, norm, dim=1)
    return torch.where(size > 0, worst / torch.where(size > 0, size, 1), worst)


def _near(probe: Probe, k: int, ball: Ball, radius: float) -> Tensors:
    """Draw k of a row near each example; the same step for all of them."""
    if callable(ball):
        return as_tuple(ball(take(probe.point, torch.arange(probe.count))))
    if ball not in ("linf", "l2"):
        raise InvalidInput(f"`ball` is {ball!r}: give 'linf', 'l2' or a function.", "ball")
    generator = probe.generator(12, k)
    if ball == "linf":
        steps = [2 * torch.rand(x.shape[1:], generator=generator) - 1 for x in probe.point]
        return tuple(x + radius * s.to(x) for x, s in zip(probe.point, steps, strict=True))
    steps = [torch.randn(x.shape[1:], generator=generator) for x in probe.point]
    size = torch.cat([s.flatten() for s in steps]).norm()
    places = sum(s.numel() for s in steps)
    length = radius * float(torch.rand(1, generator=generator)) ** (1 / places) / size
    return tuple(x + length.to(x) * s.to(x) for x, s in zip(probe.point, steps, strict=True))


def _flat(attributions: Tensors) -> Tensor:
    """All attributions to the one target as one row per example, (N, D)."""
    return torch.cat([a[0].double().flatten(1) for a in attributions], 1)
