"""Captum's two metrics and the decorator for perturbations."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.captum.convergence import extra_of, flat, tupled_baselines
from attriboard.engine import TorchFunction
from attriboard.engine import baselines as baseline_forms
from attriboard.engine.tensors import Tensors, as_tuple

Perturb = Callable[..., Any]


def infidelity_perturb_func_decorator(
    multiply_by_inputs: bool = True,
) -> Callable[[Perturb], Perturb]:
    """Make a function that gives perturbed inputs one that gives (perturbation, perturbed inputs).

    multiply_by_inputs: divide the perturbation by (input - baseline), for attributions that hold
    that factor.
    """

    def decorate(perturb: Perturb) -> Perturb:
        def perturbation(inputs: Any, baselines: Any = None) -> tuple[Tensors, Tensors]:
            changed = as_tuple(perturb(inputs) if baselines is None else perturb(inputs, baselines))
            points = as_tuple(inputs)
            low = baseline_forms.resolve(tupled_baselines(baselines), points)
            steps = tuple(
                _divided(x - c, x - b) if multiply_by_inputs else x - c
                for x, c, b in zip(points, changed, low, strict=True)
            )
            return steps, changed

        return perturbation

    return decorate


def infidelity(
    forward_func: Callable[..., Any],
    perturb_func: Perturb,
    inputs: Any,
    attributions: Any,
    baselines: Any = None,
    additional_forward_args: Any = None,
    target: Any = None,
    n_perturb_samples: int = 10,
    max_examples_per_batch: int | None = None,
    normalize: bool = False,
) -> Tensor:
    """E[(I . phi - (f(x) - f(x - I)))^2] per example, (N,). In the engine: `engine.infidelity`.

    perturb_func(inputs) or (inputs, baselines) gives (I, x - I); it is called on blocks of rows
    of any size. normalize: scale phi best first. max_examples_per_batch is accepted.
    """

    def drawn(rows: Tensors, low: Tensors) -> tuple[Any, Any]:
        arguments = (rows,) if baselines is None else (rows, low)
        bare = (part[0] if len(part) == 1 else part for part in arguments)
        steps, changed = perturb_func(*bare)
        return steps, changed

    model = forward_func if isinstance(forward_func, nn.Module) else TorchFunction(forward_func)
    values = engine.infidelity(
        model,
        inputs,
        attributions,
        target,
        baselines=tupled_baselines(baselines),
        extra_args=extra_of({"additional_forward_args": additional_forward_args}),
        perturbation=engine.Custom(drawn),
        form="local",
        n_samples=n_perturb_samples,
        scaled=normalize,
    )
    return values.to(flat(attributions)[0])


def default_perturb_func(inputs: Any, perturb_radius: float = 0.02) -> Tensors:
    """Uniform noise within `perturb_radius` of each element."""
    return tuple(x + perturb_radius * (2 * torch.rand_like(x) - 1) for x in as_tuple(inputs))


def sensitivity_max(
    explanation_func: Callable[..., Any],
    inputs: Any,
    perturb_func: Perturb = default_perturb_func,
    perturb_radius: float = 0.02,
    n_perturb_samples: int = 10,
    norm_ord: float | str = "fro",
    max_examples_per_batch: int | None = None,
    **kwargs: Any,
) -> Tensor:
    """max over x' near x of |phi(x') - phi(x)| / |phi(x)| per example, (N,).

    explanation_func: any function from inputs to attributions, such as `attribute` of a class
    here; kwargs are handed to it. In the engine, for its methods: `engine.sensitivity_max`.
    """
    points = as_tuple(inputs)
    bare = points[0] if len(points) == 1 else points
    order = 2.0 if norm_ord == "fro" else float(norm_ord)
    takes_radius = len(inspect.signature(perturb_func).parameters) > 1
    here = _rows(explanation_func(bare, **kwargs))
    size = torch.linalg.vector_norm(here, order, dim=1)
    worst = torch.zeros_like(size)
    with torch.no_grad():
        for _ in range(n_perturb_samples):
            near = perturb_func(bare, perturb_radius) if takes_radius else perturb_func(bare)
            near = near if isinstance(near, Tensor) or len(near) > 1 else near[0]
            moved = torch.linalg.vector_norm(
                _rows(explanation_func(near, **kwargs)) - here, order, dim=1
            )
            worst = torch.maximum(worst, moved)
    return worst / torch.where(size == 0, 1, size)


def _rows(attributions: Any) -> Tensor:
    return torch.cat([tensor.detach().flatten(1) for tensor in flat(attributions)], 1)


def _divided(step: Tensor, span: Tensor) -> Tensor:
    """step / span; the step itself where span is zero."""
    return step / torch.where(span == 0, 1, span)
