"""The faithfulness of one batch of attributions: each metric's question to the engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor

from attriboard import engine
from attriboard.engine import Features, Method, Occlusion, Run
from attriboard.engine.metrics import Curve
from attriboard.engine.metrics.curves import feature_means
from attriboard.jobs.provenance import number

Tensors = tuple[Tensor, ...]
Value = float | dict[str, Any] | None

DRAWS = 50  # perturbations that infidelity averages over
REMOVED = 0.25  # the share of each input that such a perturbation removes
NEIGHBOURS = 10  # inputs near each one, for max-sensitivity
STEPS = 20  # points of a curve beside the first
ORDERS = 3  # random orders in a curve's control

# What the figures depend on beside the attributions: part of their key.
SETTINGS = {
    "draws": DRAWS,
    "removed": REMOVED,
    "neighbours": NEIGHBOURS,
    "steps": STEPS,
    "orders": ORDERS,
    "version": 1,
}


@dataclass(frozen=True)
class Subject:
    """A batch of attributions with everything that made them.

    inputs, baselines, attributions: (N, ...) per input. target: as the engine takes it, and
    `curve_target` as the curves do: a probability where the output has one. features: what the
    curves take away, (N, ...) per input; own_features: what the method itself took away, or None.
    extra: the model's further arguments.
    """

    inputs: Tensors
    attributions: Tensors
    baselines: Tensors
    method: Method
    target: Any
    curve_target: Any
    features: Tensors
    own_features: Tensors | None
    seed: int
    extra: Tensors = ()
    model: Any = None  # known where it runs

    @property
    def count(self) -> int:
        return len(self.inputs[0])


def infidelity(subject: Subject, run: Run) -> list[Value]:
    """Up to the one factor that fits best, since methods come in different units.

    Parts are removed, whatever the inputs are. Noise says nothing of attributions from a baseline:
    on a network that sees pictures every method, good or random, came out alike.
    """
    found = engine.infidelity(
        subject.model,
        subject.inputs,
        _per_element(subject),
        subject.target,
        baselines=subject.baselines,
        perturbation=engine.Removal(REMOVED),
        form="local" if _is_gradient(subject.method) else "global",
        n_samples=DRAWS,
        scaled=True,
        extra_args=subject.extra,
        seed=subject.seed,
        run=run,
    )
    return [number(value) for value in found]


def sensitivity_max(subject: Subject, run: Run) -> list[Value]:
    found = engine.sensitivity_max(
        subject.model,
        subject.inputs,
        subject.method,
        subject.target,
        baselines=subject.baselines if subject.method.uses_baseline else None,
        features=subject.own_features,
        n_samples=NEIGHBOURS,
        extra_args=subject.extra,
        seed=subject.seed,
        run=run,
    )
    return [number(value) for value in found]


def deletion(subject: Subject, run: Run) -> list[Value]:
    return _curve(subject, "deletion", run)


def insertion(subject: Subject, run: Run) -> list[Value]:
    return _curve(subject, "insertion", run)


def randomisation(subject: Subject, run: Run) -> list[Value]:
    """How alike the features' strengths stay as layers are randomised, from the last one down."""

    def compared(attributions: Tensors) -> Tensor:
        return strengths(replace(subject, attributions=attributions)).nan_to_num(neginf=0)

    found = engine.randomisation(
        subject.model,
        subject.inputs,
        subject.method,
        subject.target,
        baselines=subject.baselines if subject.method.uses_baseline else None,
        features=subject.own_features,
        compared=compared,
        extra_args=subject.extra,
        seed=subject.seed,
        run=run,
    )
    columns = found.similarity.T
    layers = list(found.layers)
    return [{"layers": layers, "similarity": _numbers(column)} for column in columns]


Metric = Callable[[Subject, Run], list[Value]]
METRICS: dict[str, Metric] = {
    "infidelity": infidelity,
    "sensitivity_max": sensitivity_max,
    "deletion": deletion,
    "insertion": insertion,
    "randomisation": randomisation,
}


def measured(model: Any, *, name: str, subject: Subject, run: Run | None = None) -> list[Value]:
    """One metric of a batch, on this model."""
    return METRICS[name](replace(subject, model=model), run or Run())


FAITHFULNESS = ("infidelity", "sensitivity_max", "deletion", "insertion")
"""What is measured where nothing else is asked for: the check takes the model apart."""


def rows(metric: str, method_rows: int, features: int, layers: int) -> int:
    """Rows through the model for one example.

    method_rows: those of the method itself; features: what the curves take away; layers: those
    of the model that hold parameters.
    """
    if metric == "infidelity":
        return 1 + DRAWS
    if metric == "sensitivity_max":
        return method_rows * (1 + NEIGHBOURS)
    if metric == "randomisation":
        return method_rows * (1 + layers)
    return (1 + min(STEPS, features)) * (1 + ORDERS)


def _curve(subject: Subject, kind: Literal["deletion", "insertion"], run: Run) -> list[Value]:
    found = engine.curve(
        subject.model,
        subject.inputs,
        _per_feature(subject),
        subject.curve_target,
        kind=kind,
        baselines=subject.baselines,
        features=subject.features,
        n_steps=STEPS,
        n_random=ORDERS,
        extra_args=subject.extra,
        seed=subject.seed,
        run=run,
    )
    return [_row(found, row) for row in range(subject.count)]


def _row(found: Curve, row: int) -> dict[str, Any]:
    return {
        "auc": number(found.auc[row]),
        "control": number(found.control_auc[row]),
        "shares": [round(float(share), 6) for share in found.shares],
        "scores": _numbers(found.scores[:, row]),
        "control_scores": _numbers(found.control[:, row]),
    }


def _numbers(values: Tensor) -> Sequence[float | None]:
    return [number(value) for value in values]


def _per_element(subject: Subject) -> Tensors:
    """What each element adds. A perturbed feature's value stands on each of its elements."""
    pairs = zip(subject.attributions, _own_sizes(subject), strict=True)
    return tuple(a.double() / size for a, size in pairs)


def _per_feature(subject: Subject) -> Tensors:
    """Numbers whose mean over a feature of the curves is the sum of what its elements add.

    Curves rank features by their mean, which would put a word before any patch of a picture only
    because a patch has many elements to share its sum.
    """
    sizes = Features(subject.features).sizes(subject.inputs)
    return tuple(a * size for a, size in zip(_per_element(subject), sizes, strict=True))


def _own_sizes(subject: Subject) -> Sequence[Tensor | int]:
    """How many elements carry the value of one feature or window of the method."""
    if isinstance(subject.method, Occlusion):
        shapes = tuple(x.shape[1:] for x in subject.inputs)
        return [math.prod(grid.window) for grid in subject.method.windows(shapes)]
    if subject.own_features is None:
        return [1 for _ in subject.inputs]
    return Features(subject.own_features).sizes(subject.inputs)


def _is_gradient(method: Method) -> bool:
    """Whether attributions are slopes, which are yet to be multiplied by a change of the input."""
    inner = getattr(method, "method", method)
    slopes = (engine.Saliency, engine.GuidedBackprop, engine.Deconvolution)
    return isinstance(inner, slopes) or not getattr(inner, "multiply_by_inputs", True)


def strengths(subject: Subject) -> Tensor:
    """What each feature of the curves adds, (N, G); -inf for features an example lacks."""
    return feature_means(_per_feature(subject), Features(subject.features))


def finite(attributions: Tensors) -> bool:
    """Whether every attribution is a number that can be measured."""
    return all(bool(torch.isfinite(a).all()) for a in attributions)
