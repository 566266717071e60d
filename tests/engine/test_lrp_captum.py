"""LRP against Captum 0.9.0, in float64: the same where Captum is right, and where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from captum.attr import LRP, LayerLRP
from captum.attr._utils.custom_modules import Addition_Module
from captum.attr._utils.lrp_rules import (
    Alpha1_Beta0_Rule,
    EpsilonRule,
    GammaRule,
    IdentityRule,
    PropagationRule,
)
from captum.testing.helpers.basic_models import (
    BasicModel_ConvNet_One_Conv,
    BasicModel_ConvNetWithPaddingDilation,
    ReLULinearModel,
    SimpleLRPModel,
)
from torch import Tensor, nn

from attriboard import engine


class Net(nn.Module):
    """Convolutions, batch norm, overlapping and average pools, a residual sum, dense layers."""

    def __init__(self, bias: bool = True) -> None:
        super().__init__()
        self.conv1, self.norm = nn.Conv2d(2, 4, 3, padding=1, bias=bias), nn.BatchNorm2d(4)
        self.conv2, self.sum = nn.Conv2d(4, 4, 3, padding=1, bias=bias), Addition_Module()
        self.relu1, self.relu2, self.relu3 = nn.ReLU(), nn.ReLU(inplace=True), nn.ReLU()
        self.pool1, self.pool2 = nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2, 1)
        self.pool3, self.drop = nn.AdaptiveAvgPool2d(2), nn.Dropout(0.5)
        self.fc1, self.tanh, self.fc2 = nn.Linear(16, 6, bias), nn.Tanh(), nn.Linear(6, 3, bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(self.relu1(self.norm(self.conv1(x))))
        x = self.relu3(self.sum(x, self.relu2(self.conv2(x))))
        x = self.pool3(self.pool2(x)).flatten(1)
        return self.fc2(self.drop(self.tanh(self.fc1(x))))


def _net(bias: bool = True) -> Net:
    torch.manual_seed(0)
    net = Net(bias).double()
    with torch.no_grad():
        net.norm.running_mean.normal_(0, 0.1)
        net.norm.running_var.uniform_(0.5, 2)
        net.norm.weight.uniform_(0.5, 2)
        net.norm.bias.normal_(0, 0.1)
    return net.eval()


def _plain(bias: bool = True) -> nn.Sequential:
    torch.manual_seed(2)
    net = nn.Sequential(
        nn.Conv2d(2, 4, 3, bias=bias),
        nn.ReLU(),
        nn.AvgPool2d(2),
        _Flat(),
        nn.Linear(16, 8, bias),
        nn.ReLU(),
        nn.Linear(8, 3, bias),
    )
    return net.double().eval()


class _Flat(nn.Flatten):
    """Captum refuses flatten as a module of its own unless it has a rule."""

    def __init__(self) -> None:
        super().__init__()
        self.rule = EpsilonRule()


def _draw(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def _assert_close(ours: Tensor, theirs: Tensor, tolerance: float = 1e-6) -> None:
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() <= tolerance * theirs.abs().max()
    assert theirs.abs().max() > 0


TOYS: dict[str, tuple[Callable[[], nn.Module], tuple[Tensor, ...], int]] = {
    "simple": (lambda: SimpleLRPModel(inplace=False), (_draw(2, 3).abs(),), 0),
    "in place": (lambda: SimpleLRPModel(inplace=True), (_draw(2, 3).abs(),), 0),
    "two inputs": (ReLULinearModel, (_draw(2, 3).abs(), _draw(2, 3).abs()), 0),
    "one conv": (
        BasicModel_ConvNet_One_Conv,
        (10 * torch.arange(16, dtype=torch.float64).reshape(1, 1, 4, 4) + 1,),
        0,
    ),
    "dilated": (BasicModel_ConvNetWithPaddingDilation, (_draw(2, 1, 5, 5),), 3),
    "network": (_net, (_draw(3, 2, 8, 8),), 1),
}


@pytest.mark.parametrize("name", TOYS)
def test_epsilon_equals_captums_default(name: str):
    make, inputs, target = TOYS[name]
    torch.manual_seed(0)
    model = make().double().eval()
    ours = engine.attribute(model, inputs, engine.LRP(), target).attributions
    given: Any = tuple(x.clone() for x in inputs)
    theirs = LRP(model).attribute(given, target=target)
    for a, b in zip(ours, theirs, strict=True):
        _assert_close(a, b.detach())


@pytest.mark.parametrize("epsilon", [1e-3, 0.25])
def test_epsilon_of_any_size_on_weighted_layers(epsilon: float):
    model, x = _net(), _draw(2, 2, 8, 8)
    ours = engine.attribute(model, x, engine.LRP(epsilon=epsilon), 1).attributions[0]
    for layer in (model.conv1, model.conv2, model.fc1, model.fc2):
        layer.rule = EpsilonRule(epsilon)
    _assert_close(ours, LRP(model).attribute(x, target=1).detach())


NAMES = ("conv1", "norm", "pool1", "conv2", "sum", "pool2", "fc1")
SHARED = (("conv2", "input"), ("sum", "input"))  # tensors with several readers, see below
SIDES = [(n, s) for n in NAMES for s in ("output", "input") if (n, s) not in SHARED]


@pytest.mark.parametrize(("name", "side"), SIDES)
def test_a_layer_equals_captums(name: str, side: str):
    model, x = _net(), _draw(2, 2, 8, 8)
    ours = engine.attribute(model, x, engine.LRP(), 1, layer=name, layer_side=side).attributions
    theirs = LayerLRP(model, getattr(model, name)).attribute(
        x, target=1, attribute_to_layer_input=side == "input"
    )
    _assert_close(ours[0], theirs.detach())


RULES: dict[str, tuple[dict[str, Any], Callable[[], PropagationRule]]] = {
    "gamma": ({"rule": "gamma", "gamma": 0.25}, lambda: GammaRule(0.25, True)),
    "z_plus": ({"rule": "z_plus"}, lambda: Alpha1_Beta0_Rule(True)),
    "alpha_beta": ({"rule": "alpha_beta", "alpha": 1.0}, lambda: Alpha1_Beta0_Rule(True)),
}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_equals_captums_without_biases(name: str):
    params, rule = RULES[name]
    model, x = _plain(), _draw(2, 2, 6, 6).abs()
    ours = engine.attribute(model, x, engine.LRP(absorb_bias=False, **params), 1).attributions[0]
    for layer in (model[0], model[4], model[6]):
        layer.rule = rule()
    _assert_close(ours, LRP(model).attribute(x, target=1).detach())


def test_identity_of_a_batch_norm_equals_captums():
    model, x = _net(), _draw(2, 2, 8, 8)
    method = engine.LRP(layers={"norm": "identity"})
    ours = engine.attribute(model, x, method, 1).attributions[0]
    model.norm.rule = IdentityRule()
    _assert_close(ours, LRP(model).attribute(x, target=1).detach())


# What differs on purpose: each entry of docs/deviations.md under "LRP", with the axiom that
# Captum breaks there.


def _sums(found: Any) -> Tensor:
    return found.detach().flatten(1).sum(1)


class Functional(nn.Module):
    """What Captum has no module to hook for: a sum, a gate, an activation."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.one, self.two = nn.Linear(4, 4, bias=False), nn.Linear(4, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.one(x)
        if self.how == "sum":
            return self.two(F.relu(y) + x)
        if self.how == "gate":
            return self.two(torch.sigmoid(y) * x)
        return self.two(torch.tanh(y))


@pytest.mark.parametrize("how", ["sum", "gate", "activation"])
def test_functional_calls_conserve_relevance(how: str):
    torch.manual_seed(0)
    model, x = Functional(how).double(), _draw(3, 4)
    score = model(x)[:, 1].detach()
    ours = engine.attribute(model, x, engine.LRP(), 1).attributions[0]
    assert torch.allclose(_sums(ours), score, rtol=1e-5)
    theirs = LRP(model).attribute(x, target=1)
    assert ((_sums(theirs) - score).abs() > 0.05 * score.abs()).all()


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.act, self.two = nn.Linear(4, 4, False), nn.ReLU(), nn.Linear(4, 3, False)

    def forward(self, x: Tensor) -> Tensor:
        return self.two(self.act(self.one(self.one(x))))


def test_a_module_may_run_twice():
    torch.manual_seed(0)
    model, x = Twice().double(), _draw(3, 4)
    ours = engine.attribute(model, x, engine.LRP(), 1).attributions[0]
    assert torch.allclose(_sums(ours), model(x)[:, 1].detach(), rtol=1e-5)
    with pytest.raises(RuntimeError, match="more than once"):
        LRP(model).attribute(x, target=1)


def test_relevance_at_a_layers_input_is_that_of_the_layer():
    """What a shortcut carries past the layer is not the layer's."""
    model, x = _net(bias=False), _draw(2, 2, 8, 8)

    def ours(side: Any) -> Tensor:
        result = engine.attribute(model, x, engine.LRP(), 1, layer="conv2", layer_side=side)
        return _sums(result.attributions[0])

    def theirs(inside: bool) -> Tensor:
        method = LayerLRP(model, model.conv2)
        return _sums(method.attribute(x, target=1, attribute_to_layer_input=inside))

    assert torch.allclose(ours("input"), ours("output"), rtol=1e-5)
    assert not torch.allclose(theirs(True), theirs(False), rtol=0.1)


def test_positive_parts_are_positive():
    """Alpha 1, beta 0 takes positive contributions: of a positive score none is negative."""
    torch.manual_seed(3)
    model, x = nn.Sequential(nn.Linear(5, 3, bias=False)).double(), _draw(6, 5)
    target = int(model(x).sum(0).argmax())
    x = x[model(x)[:, target] > 0]
    ours = engine.attribute(model, x, engine.LRP(rule="z_plus"), target).attributions[0]
    assert (ours >= 0).all()
    assert torch.allclose(_sums(ours), model(x)[:, target].detach(), rtol=1e-6)
    model[0].rule = Alpha1_Beta0_Rule()
    assert (LRP(model).attribute(x, target=target) < 0).any()


def test_gamma_grows_into_the_positive_part():
    """As gamma grows it becomes z+, bias and all (Montavon et al. 2019, section 10.2.3)."""
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(5, 3)).double(), _draw(4, 5).abs()
    with torch.no_grad():
        model[0].bias.fill_(0.4)
    limit = engine.attribute(model, x, engine.LRP(rule="z_plus"), 1).attributions[0]
    method = engine.LRP(rule="gamma", gamma=1e9)
    _assert_close(engine.attribute(model, x, method, 1).attributions[0], limit)
    model[0].rule = GammaRule(1e9)
    theirs = LRP(model).attribute(x, target=1).detach()
    assert (theirs - limit).abs().max() > 0.1 * limit.abs().max()
