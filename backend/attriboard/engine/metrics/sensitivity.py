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
from attriboard.engine.noise import Noise
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
from attriboard.engine.tensors import Tensors, as_tuple, is_integer, lift, take

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
    share, near = max(1, ROWS // max(1, count)), _Near(probe, ball, radius)
    for start in range(0, samples + 1, share):  # the examples themselves are the first draw
        draws = range(start, min(start + share, samples + 1))
        origin = torch.arange(count).repeat(len(draws))
        there = _flat(method(probe.moved(near.rows(draws), origin)))
        here = there[:count] if start == 0 else here
        moved = torch.linalg.vector_norm(there - here[origin], norm, dim=1)
        worst = torch.maximum(worst, moved.reshape(len(draws), count).amax(0))
    size = torch.linalg.vector_norm(here, norm, dim=1)
    return torch.where(size > 0, worst / torch.where(size > 0, size, 1), worst)


class _Near:
    """Rows near each example: draw 0 is the examples, draw k the same step from all of them."""

    def __init__(self, probe: Probe, ball: Ball, radius: float) -> None:
        if not callable(ball) and ball not in ("linf", "l2"):
            raise InvalidInput(f"`ball` is {ball!r}: give 'linf', 'l2' or a function.", "ball")
        self._probe, self._ball, self._radius = probe, ball, radius
        each = (1.0 if ball == "l2" else radius,) * len(probe.point)
        self._noise = Noise(probe, each, uniform=ball == "linf", tag=12)

    def rows(self, draws: range) -> Tensors:
        """Draw after draw, each (len(draws) * N, ...)."""
        point, steps = self._probe.point, range(max(1, draws.start), draws.stop)
        parts = [point] if 0 in draws else []
        if callable(self._ball):
            every = torch.arange(self._probe.count)
            parts += [as_tuple(self._ball(take(point, every))) for _ in steps]
        elif steps:
            parts.append(self._stepped(torch.arange(steps.start, steps.stop)))
        return tuple(torch.cat([part[i] for part in parts]) for i in range(len(point)))

    def _stepped(self, k: Tensor) -> Tensors:
        """The examples after steps `k`, each (len(k) * N, ...)."""
        steps = self._noise.rows(k)
        if self._ball == "l2":
            lengths = self._lengths(k, steps)
            steps = tuple(step * lift(lengths.to(step), step) for step in steps)
        pairs = zip(self._probe.point, steps, strict=True)
        return tuple((x + step[:, None]).flatten(0, 1) for x, step in pairs)

    def _lengths(self, k: Tensor, steps: Tensors) -> Tensor:
        """(K,): what scales each step so that steps are uniform in the ball."""
        flat = torch.cat([step.double().flatten(1) for step in steps], 1)
        sources = (self._probe.generator(14, i) for i in k.tolist())
        part = torch.cat([torch.rand(1, generator=s, dtype=torch.float64) for s in sources])
        lengths: Tensor = self._radius * part.to(flat) ** (1 / flat.shape[1]) / flat.norm(dim=1)
        return lengths


def _flat(attributions: Tensors) -> Tensor:
    """All attributions to the one target as one row per example, (N, D)."""
    return torch.cat([a[0].double().flatten(1) for a in attributions], 1)
