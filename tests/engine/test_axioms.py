"""The axioms each method claims, on random small networks."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from attriboard import engine
from engine.cases import CHEAP, cases
from engine.problems import PROBLEMS, Problem

COMPLETE = [name for name, kind in engine.METHODS.items() if kind.complete]
seeds = st.integers(0, 10_000)
few = settings(max_examples=15, deadline=None)


def _network(seed: int, width: int = 5, smooth: bool = True) -> nn.Module:
    torch.manual_seed(seed)
    act = nn.Tanh() if smooth else nn.ReLU()
    return nn.Sequential(nn.Linear(width, 9), act, nn.Linear(9, 3)).double()


def _draw(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _exact(name: str) -> engine.Method:
    """The method with parameters under which completeness should hold to rounding."""
    finer = {"IntegratedGradients": {"n_steps": 60}}
    return engine.make(name, finer.get(name, CHEAP.get(name, {})))


@pytest.mark.parametrize("name", COMPLETE)
@few
@given(seed=seeds)
def test_completeness(name: str, seed: int):
    x, b = _draw(seed, 4, 5), _draw(seed + 1, 1, 5)
    result = engine.attribute(_network(seed), x, _exact(name), 2, baselines=b)
    change = (result.score - result.baseline_score).abs()
    assert (result.delta.abs() <= 1e-6 * change.clamp(min=1e-3)).all()


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize("name", [n for n in COMPLETE if n not in ("ShapleyValues", "KernelShap")])
def test_completeness_on_every_problem(name: str, problem: Problem):
    more = {"IntegratedGradients": {"n_steps": 2000}}
    method = engine.make(name, more.get(name, CHEAP.get(name, {})))
    result = engine.attribute(
        problem.model(), problem.inputs, method, problem.target, baselines=problem.baselines
    )
    change = (result.score - result.baseline_score).abs()
    tolerance = 5e-3 if name == "IntegratedGradients" else 1e-9  # kinks on the path
    assert (result.delta.abs() <= tolerance * change.clamp(min=1e-2)).all()


AT_FEATURES = [  # the network below has no tokens to attend to
    c for c in cases() if "layer" not in c.site and c.method.family != "attention"
]


@pytest.mark.parametrize("case", AT_FEATURES, ids=str)
@few
@given(seed=seeds)
def test_a_feature_the_model_ignores_gets_nothing(case, seed: int):
    model = _network(seed, smooth="Guided" not in str(case) and "Deconv" not in str(case))
    with torch.no_grad():
        model[0].weight[:, 3] = 0
    x = _draw(seed, 4, 5)
    more = {"baselines": 0.3} if case.method.uses_baseline else {}
    exact = {"KernelShap": engine.KernelShap(n_samples=30)}  # sampled coalitions leave noise
    method = exact.get(str(case), case.method)
    found = engine.attribute(model, x, method, 1, **more).attributions[0]
    if str(case) == "Lime":
        assert (found[:, 3].abs() <= found.abs().amax(1) + 1e-12).all()
    elif str(case) == "Rise":  # sampling noise, which shrinks as masks grow in number
        pass
    else:
        assert (found[:, 3].abs() <= 1e-9).all()


def test_rise_gives_an_ignored_feature_less_as_masks_grow():
    model = _network(0)
    with torch.no_grad():
        model[0].weight[:, 3] = 0
    x = _draw(0, 4, 5)
    sizes = [
        engine.attribute(model, x, engine.Rise(n_samples=n), 1, baselines=0.3)
        .attributions[0][:, 3]
        .abs()
        .mean()
        for n in (50, 5000)
    ]
    assert sizes[1] < 0.3 * sizes[0]


LINEAR = (
    "Saliency",
    "InputXGradient",
    "IntegratedGradients",
    "GradientShap",
    "FeatureAblation",
    "Occlusion",
    "ShapleyValues",
    "ShapleyValueSampling",
    "KernelShap",
)


class Sum(nn.Module):
    """a * f + b * g."""

    def __init__(self, f: nn.Module, g: nn.Module, a: float, b: float) -> None:
        super().__init__()
        self.f, self.g, self.a, self.b = f, g, a, b

    def forward(self, x: Tensor) -> Tensor:
        return self.a * self.f(x) + self.b * self.g(x)


@pytest.mark.parametrize("name", LINEAR)
@few
@given(seed=seeds, a=st.floats(-2, 2), b=st.floats(-2, 2))
def test_attributions_are_linear_in_the_model(name: str, seed: int, a: float, b: float):
    f, g, x = _network(seed), _network(seed + 1), _draw(seed, 3, 5)
    params = {"abs": False} if name == "Saliency" else CHEAP.get(name, {})
    method = engine.make(name, params)

    def parts(model: nn.Module) -> Tensor:
        return engine.attribute(model, x, method, 1, baselines=0.2).attributions[0]

    assert torch.allclose(parts(Sum(f, g, a, b)), a * parts(f) + b * parts(g), atol=1e-8)


@pytest.mark.parametrize("name", ["ShapleyValues", "KernelShap", "IntegratedGradients"])
@few
@given(seed=seeds)
def test_features_that_play_the_same_part_get_the_same(name: str, seed: int):
    model = _network(seed)
    with torch.no_grad():
        model[0].weight[:, 1] = model[0].weight[:, 4]
    x = _draw(seed, 3, 5)
    x[:, 1] = x[:, 4]
    method = engine.make(name, {"n_samples": 64} if name == "KernelShap" else {})
    found = engine.attribute(model, x, method, 0, baselines=0.1).attributions[0]
    assert torch.allclose(found[:, 1], found[:, 4], atol=1e-8)


class TwoWays(nn.Module):
    """The same function written differently: relu(x) as it is, or as x - (-relu(-x))."""

    def __init__(self, inner: nn.Module, other: bool) -> None:
        super().__init__()
        self.inner, self.other = inner, other

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.inner[0](x)
        hidden = hidden + torch.relu(-hidden) if self.other else torch.relu(hidden)
        return self.inner[2](hidden)


@few
@given(seed=seeds)
def test_integrated_gradients_are_invariant_to_the_implementation(seed: int):
    inner, x = _network(seed), _draw(seed, 3, 5)
    one, other = (
        engine.attribute(TwoWays(inner, how), x, engine.IntegratedGradients(), 1).attributions[0]
        for how in (False, True)
    )
    assert torch.allclose(one, other, atol=1e-10)


def test_exact_kernel_shap_is_the_shapley_value():
    model, x = _network(3), _draw(3, 4, 5)
    exact = engine.attribute(model, x, engine.ShapleyValues(), 1, baselines=0.1)
    fitted = engine.attribute(model, x, engine.KernelShap(n_samples=30), 1, baselines=0.1)
    assert torch.allclose(exact.attributions[0], fitted.attributions[0], atol=1e-10)


def test_sampled_shapley_values_approach_the_exact_ones():
    model, x = _network(4), _draw(4, 4, 5)
    exact = engine.attribute(model, x, engine.ShapleyValues(), 1, baselines=0.1).attributions[0]
    for antithetic in (False, True):
        method = engine.ShapleyValueSampling(n_samples=2000, antithetic=antithetic)
        sampled = engine.attribute(model, x, method, 1, baselines=0.1).attributions[0]
        assert (sampled - exact).abs().max() < 0.05 * exact.abs().max()


def test_kernel_shap_refuses_fewer_samples_than_features():
    with pytest.raises(engine.InvalidInput, match="at least as many samples as features"):
        engine.attribute(_network(0, width=50), _draw(0, 1, 50), engine.KernelShap(n_samples=20), 1)
