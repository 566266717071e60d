"""Where the engine differs from Captum on purpose: there the axiom breaks, here it is kept.

Each test carries the title of its entry in docs/deviations.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import captum.attr
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import attriboard.captum
from attriboard import engine
from engine.oracle_models import MODELS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "deviations.md"
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
TITLES: dict[str, str] = {}
Both = tuple[Any, Any]


def entry(title: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Names the entry of the page that a test proves."""

    def named(test: Callable[..., None]) -> Callable[..., None]:
        TITLES[test.__name__] = title
        return test

    return named


def both(kind: str, *init: Any, **more: Any) -> Both:
    """(ours, Captum's) object of one class."""
    return (
        getattr(attriboard.captum, kind)(*init, **more),
        getattr(captum.attr, kind)(*init, **more),
    )


class Function(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *args: Tensor) -> Tensor:
        return self.function(*args)


def ones(*shape: int) -> Tensor:
    return torch.ones(shape, dtype=torch.float64)


def test_the_page_and_the_tests_name_the_same_entries():
    sections = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    own = [s for s in sections if "test_oracle_deviations.py" in s]
    told = {title for s in own for title in re.findall(r"^- \*\*(.+?)\.\*\*", s, re.MULTILINE)}
    assert told == set(TITLES.values())


@entry("The trapezoid's weights")
def test_the_trapezoid():
    """Completeness on a linear model."""
    linear, x = Function(lambda x: x.sum(1)), ones(1, 3)
    asked = {"n_steps": 10, "method": "riemann_trapezoid", "return_convergence_delta": True}
    ours, theirs = both("IntegratedGradients", linear)
    assert ours.attribute(x, **asked)[1].abs() < 1e-14
    assert theirs.attribute(x, **asked)[1] == pytest.approx(-0.3)
    units = nn.Sequential(nn.Linear(3, 2, bias=False), nn.Linear(2, 1)).double()
    ours, theirs = both("NeuronConductance", units, units[0])
    low, high = theirs.attribute(x, 0, n_steps=10), ours.attribute(x, 0, n_steps=10)
    assert torch.allclose(low, high * 9 / 10)


@entry("Weights of paths in float32")
def test_weights_in_double_precision():
    """Completeness of a quadrature that is exact for the function."""
    square, x = Function(lambda x: x.pow(4).sum(1)), 3 * ones(1, 3)
    ours, theirs = both("IntegratedGradients", square)
    asked = {"n_steps": 8, "return_convergence_delta": True}
    assert ours.attribute(x, **asked)[1].abs() < 1e-12
    assert theirs.attribute(x, **asked)[1].abs() > 1e-9


@entry("Shapley values in float32")
def test_shapley_values_in_double_precision():
    """Efficiency: the values add up to f(x) - f(b)."""
    third, x = Function(lambda x: (x / 3).prod(1)), ones(1, 4) + 0.1
    ours, theirs = (e.attribute(x, baselines=0.3).sum() for e in both("ShapleyValues", third))
    whole = third(x) - third(torch.full_like(x, 0.3))
    assert (ours - whole).abs() < 1e-15
    assert (theirs.double() - whole).abs() > 1e-11


@entry("Baselines drawn for each input by itself")
def test_baselines_are_drawn_jointly():
    """Completeness on average: attributions sum to f(x) minus the mean score of the baselines."""
    apart, x = Function(lambda a, b: (a - b).square().sum(1)), (ones(1, 1), ones(1, 1))
    pairs = (torch.tensor([[0.0], [1.0]]).double(),) * 2  # f is 0 at x and at each pair
    torch.manual_seed(0)
    asked = {"baselines": pairs, "n_samples": 4000}
    ours, theirs = (sum(e.attribute(x, **asked)) for e in both("GradientShap", apart))
    assert ours.abs().item() < 1e-12
    assert theirs.item() == pytest.approx(-0.5, abs=0.1)


@entry("GradientSHAP at a layer")
def test_gradient_shap_at_a_layer():
    """Completeness on average, at a layer that bends: a = x^2, f = a^2."""
    squares = nn.Sequential(Function(torch.square), Function(lambda a: a.square().sum(1)))
    x, low = ones(1, 1), torch.zeros(2, 1, dtype=torch.float64)
    torch.manual_seed(0)
    made = both("LayerGradientShap", squares, squares[0])
    ours, theirs = (e.attribute(x, low, n_samples=4000).item() for e in made)
    assert ours == pytest.approx(1, abs=0.05)
    assert theirs == pytest.approx(2 / 3, abs=0.05)


@entry("Dropout left on")
def test_dropout_left_on():
    """Completeness and repetition in a model that was left in training mode."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 64), nn.Dropout(0.5), nn.Tanh(), nn.Linear(64, 1)).double()
    x = ones(1, 8)
    ours, theirs = both("IntegratedGradients", net)
    first, delta = ours.attribute(x, return_convergence_delta=True)
    assert torch.allclose(first, ours.attribute(x), atol=1e-12)
    assert delta.abs() < 1e-6
    assert net.training
    first, delta = theirs.attribute(x, return_convergence_delta=True)
    assert not torch.allclose(first, theirs.attribute(x), rtol=0.01)
    assert delta.abs() > 1e-3


@entry("One number for a batch")
def test_one_number_for_a_batch():
    """A batch of one gives what its row in a batch gives."""
    total = Function(lambda x: x.square().sum())
    x = torch.arange(6.0, dtype=torch.float64).reshape(2, 3)
    ours, theirs = both("FeatureAblation", total)
    assert torch.equal(ours.attribute(x)[1:], ours.attribute(x[1:]))
    assert torch.equal(ours.attribute(x), x.square())
    assert theirs.attribute(x).shape == (1, 3)
    assert not torch.equal(theirs.attribute(x), theirs.attribute(x[1:]))


@entry("Shuffling a feature that spans inputs")
def test_shuffling_a_feature_that_spans_inputs():
    """A function of one feature gives the same in whatever tensors it comes."""
    apart = Function(lambda a, b: (a - b).square().sum(1))
    x = torch.arange(8.0, dtype=torch.float64)[:, None]
    masks = (torch.zeros(1, 1, dtype=torch.long),) * 2
    torch.manual_seed(0)
    made = both("FeaturePermutation", apart)
    ours, theirs = (e.attribute((x, x.clone()), feature_mask=masks) for e in made)
    assert not any(tensor.any() for tensor in ours)
    assert any(tensor.any() for tensor in theirs)


@entry("KernelSHAP of fewer samples than features")
def test_kernel_shap_of_too_few_samples():
    """A feature the model ignores gets nothing, which too few equations cannot say."""
    first, x = Function(lambda x: x[:, 0]), ones(1, 60)
    ours, theirs = both("KernelShap", first)
    torch.manual_seed(0)
    assert theirs.attribute(x, n_samples=25)[0, 1:].abs().max() > 0.02
    with pytest.raises(engine.InvalidInput, match="at least as many samples as features"):
        ours.attribute(x, n_samples=25)
    enough = ours.attribute(x, n_samples=200)
    assert enough[0, 1:].abs().max() < 1e-10


@entry("ReLUs that are not modules")
def test_relus_that_are_not_modules():
    """Implementation invariance: a ReLU is a ReLU, however it is called."""
    torch.manual_seed(0)
    first, last = nn.Linear(4, 8).double(), nn.Linear(8, 1).double()
    modules = nn.Sequential(first, nn.ReLU(), last)
    functional = nn.Sequential(first, Function(F.relu), last)
    x = torch.randn(2, 4, dtype=torch.float64)
    for kind in ("GuidedBackprop", "Deconvolution", "DeepLift"):
        (ours, theirs), (mine, yours) = both(kind, modules), both(kind, functional)
        assert torch.allclose(ours.attribute(x), mine.attribute(x), atol=1e-12)
        assert not torch.allclose(theirs.attribute(x), yours.attribute(x), atol=1e-3)


@entry("DeepLIFT of operations that are not modules")
def test_deep_lift_of_a_transformer():
    """Completeness: softmax, GELU, products and layer norm have rules."""
    made = MODELS["encoder"]
    module, x = made.module().double(), made.inputs().double()
    asked = {"baselines": made.baselines(3).double(), "target": 1}
    asked["return_convergence_delta"] = True
    ours, theirs = (e.attribute(x, **asked)[1].abs() for e in both("DeepLift", module))
    assert ours.max() < 1e-6
    assert theirs.max() > 1e-3


@entry("DeepLIFT of a module that runs twice")
def test_deep_lift_of_a_module_that_runs_twice():
    """Completeness; Captum refuses."""

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear, self.relu = nn.Linear(3, 3), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.relu(self.linear(self.relu(self.linear(x)))).sum(1)

    torch.manual_seed(0)
    x = torch.randn(2, 3, dtype=torch.float64)
    ours, theirs = both("DeepLift", Twice().double())
    assert ours.attribute(x, return_convergence_delta=True)[1].abs().max() < 1e-12
    with pytest.raises(RuntimeError, match="more than once"):
        theirs.attribute(x)


@entry("DeepLIFT of max-pooling after an activation")
def test_deep_lift_of_max_pooling():
    """Completeness."""
    torch.manual_seed(0)
    pool, head = nn.MaxPool2d(2), nn.Linear(36, 1)
    net = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), pool, nn.Flatten(), head).double()
    x, low = torch.randn(2, 3, 2, 8, 8, dtype=torch.float64)
    ours, theirs = both("DeepLift", net)
    assert ours.attribute(x, low, return_convergence_delta=True)[1].abs().max() < 1e-12
    assert theirs.attribute(x, low, return_convergence_delta=True)[1].abs().max() > 1e-2


@entry("DeepLIFT of overlapping max-pools")
def test_deep_lift_of_overlapping_pools():
    """Completeness."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.MaxPool1d(3, stride=1), nn.Flatten(), nn.Linear(6, 1)).double()
    x, low = torch.randn(2, 3, 1, 8, dtype=torch.float64)
    ours, theirs = both("DeepLift", net)
    assert ours.attribute(x, low, return_convergence_delta=True)[1].abs().max() < 1e-12
    assert theirs.attribute(x, low, return_convergence_delta=True)[1].abs().max() > 1e-2


@entry("DeepLIFT of softmax")
def test_deep_lift_of_softmax():
    """A batch of one gives what its row in a batch gives."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(1)).double()
    x = torch.randn(5, 4, dtype=torch.float64)
    ours, theirs = both("DeepLift", net)
    assert torch.allclose(ours.attribute(x, target=1)[:1], ours.attribute(x[:1], target=1))
    assert not torch.allclose(theirs.attribute(x, target=1)[:1], theirs.attribute(x[:1], target=1))


@entry("DeepLIFT at a layer beside a shortcut")
def test_deep_lift_at_a_layer_beside_a_shortcut():
    """The layer's attributions sum to what its own change does to the score."""
    made = MODELS["residual"]
    module, x, low = made.module().double(), made.inputs().double(), made.baselines(3).double()
    at_low = engine.attribute(module, low, engine.LayerActivation(), layer="conv").attributions[0]
    handle = module.conv.register_forward_hook(lambda *_: at_low)
    without = module(x)[:, 1]
    handle.remove()
    change = module(x)[:, 1] - without
    asked = {"baselines": low, "target": 1}
    made_ones = both("LayerDeepLift", module, module.conv)
    ours, theirs = (e.attribute(x, **asked).flatten(1).sum(1) for e in made_ones)
    assert torch.allclose(ours, change, atol=1e-12)
    assert (theirs - change).abs().max() > 1e-4
    assert (theirs - (module(x) - module(low))[:, 1]).abs().max() > 1e-4
