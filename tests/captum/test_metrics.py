"""Infidelity and max-sensitivity beside Captum's, under the same perturbations."""

from __future__ import annotations

from typing import Any

import captum.attr
import captum.metrics
import pytest
import torch
from torch import Tensor, nn

import attriboard.captum as ours


@pytest.fixture
def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()


@pytest.fixture
def x() -> Tensor:
    return torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("multiply", [False, True])
@pytest.mark.parametrize("baselines", [None, 0.3])
def test_infidelity(net: nn.Module, x: Tensor, normalize: bool, multiply: bool, baselines: Any):
    def shrunk(inputs: Tensor, low: Any = 0.0) -> Tensor:
        return inputs - 0.1 * (inputs - low).abs()  # the same at every draw

    values = []
    for library in (ours, captum.metrics):
        perturb = library.infidelity_perturb_func_decorator(multiply)(shrunk)
        phi = 2 * x
        values.append(
            library.infidelity(
                net, perturb, x, phi, baselines, target=1, n_perturb_samples=6, normalize=normalize
            )
        )
    assert values[0].dtype == x.dtype
    assert torch.allclose(*values, atol=1e-9)


def test_infidelity_of_two_inputs(x: Tensor):
    def fused(a: Tensor, b: Tensor, scale: float) -> Tensor:
        return (a * b).sum(1) * scale

    def halved(inputs: tuple[Tensor, ...]) -> Any:
        return tuple(0.5 * i for i in inputs), tuple(0.5 * i for i in inputs)

    args = {"additional_forward_args": 3.0, "n_perturb_samples": 4}
    values = [
        library.infidelity(fused, halved, (x, x + 1), (x, x), **args)
        for library in (ours, captum.metrics)
    ]
    assert torch.allclose(*values, atol=1e-9)


@pytest.mark.parametrize("order", ["fro", 1.0, float("inf")])
def test_sensitivity(net: nn.Module, x: Tensor, order: Any):
    def moved(inputs: Any, radius: float = 0.02) -> Any:
        return tuple(
            i + radius * i.sign() for i in (inputs if isinstance(inputs, tuple) else [inputs])
        )

    args = {"perturb_radius": 0.1, "norm_ord": order, "target": 1}
    mine = ours.sensitivity_max(ours.Saliency(net).attribute, x, moved, **args)
    theirs = captum.metrics.sensitivity_max(captum.attr.Saliency(net).attribute, x, moved, **args)
    assert torch.allclose(mine, theirs, atol=1e-9)


def test_sensitivity_by_default_stays_within_the_radius(net: nn.Module, x: Tensor):
    seen = []

    def explain(inputs: Tensor) -> Tensor:
        seen.append(inputs)
        return inputs

    worst = ours.sensitivity_max(explain, x, perturb_radius=0.5, n_perturb_samples=30)
    away = torch.stack([row - x for row in seen[1:]])
    assert away.abs().max() <= 0.5
    assert away.abs().max() > 0.4
    assert torch.allclose(worst, away.norm(dim=2).amax(0) / x.norm(dim=1))
