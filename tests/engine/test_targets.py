"""Which number is explained: every form of target, over every form of output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from engine.problems import by_name

X = torch.randn(3, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def _gradient(of: Any, model: nn.Module) -> Tensor:
    """The gradient of each row's own number, row by row."""
    rows = []
    for i in range(len(X)):
        leaf = X[i : i + 1].clone().requires_grad_()
        rows.append(torch.autograd.grad(of(model(leaf)[0], i), leaf)[0])
    return torch.cat(rows)


@pytest.mark.parametrize(
    ("target", "of"),
    [
        (2, lambda y, i: y[2]),
        (torch.tensor([0, 2, 1]), lambda y, i: y[[0, 2, 1][i]]),
        ([0, 2, 1], lambda y, i: y[[0, 2, 1][i]]),
        (torch.tensor(1), lambda y, i: y[1]),
        (engine.Contrast(2, 0), lambda y, i: y[2] - y[0]),
        (engine.Contrast([2, 1, 0], 0), lambda y, i: y[[2, 1, 0][i]] - y[0]),
        (engine.Probability(1), lambda y, i: y.softmax(0)[1]),
        (engine.LogProbability(1), lambda y, i: y.log_softmax(0)[1]),
        (
            engine.Contrast(engine.LogProbability(1), engine.LogProbability(0)),
            lambda y, i: y[1] - y[0],
        ),
    ],
    ids=["class", "tensor", "list", "0-d", "contrast", "list contrast", "p", "log p", "odds"],
)
def test_targets_of_a_classifier(target: Any, of: Any):
    model = by_name("mlp").model()
    ours = engine.attribute(model, X, engine.Saliency(abs=False), target).attributions[0]
    assert torch.allclose(ours, _gradient(of, model), atol=1e-12)


def test_tuple_targets_of_a_map():
    problem = by_name("maps")
    model = problem.model()
    x = problem.inputs[0]
    one = engine.attribute(model, x, engine.FeatureAblation(), (2, 1, 3)).attributions[0]
    several = engine.attribute(model, x, engine.FeatureAblation(), [(2, 1, 3)] * 3).attributions[0]
    assert torch.equal(one, several)
    everything = engine.attribute(model, x, engine.Saliency(abs=False), targets="all")
    assert len(everything) == 3 * 4 * 4
    alone = engine.attribute(model, x, engine.Saliency(abs=False), (2, 1, 3)).attributions[0]
    assert torch.allclose(everything[2 * 16 + 1 * 4 + 3].attributions[0], alone)


class Heads(nn.Module):
    """Several outputs, by position or by name."""

    def __init__(self, named: bool) -> None:
        super().__init__()
        self.one, self.two, self.named = nn.Linear(6, 3), nn.Linear(6, 2), named

    def forward(self, x: Tensor) -> Any:
        one, two = self.one(x), self.two(x)
        return {"kind": one, "size": two} if self.named else (one, two)


@pytest.mark.parametrize(("named", "which"), [(True, "size"), (False, 1)])
def test_one_of_several_outputs(named: bool, which: int | str):
    model = Heads(named).double()
    found = engine.attribute(model, X, engine.Saliency(abs=False), engine.Output(which, 1))
    assert torch.allclose(found.attributions[0], model.two.weight[1].expand(3, 6))
    with pytest.raises(engine.InvalidInput, match="which part is explained"):
        engine.attribute(model, X, engine.Saliency(), 1)


class Lone(nn.Module):
    """A regression whose output has 2, 1 or 0 dimensions."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.line, self.dimensions = nn.Linear(6, 1), dimensions

    def forward(self, x: Tensor) -> Tensor:
        y = self.line(torch.tanh(x))
        return y if self.dimensions == 2 else y[:, 0] if self.dimensions == 1 else y.sum()


@pytest.mark.parametrize("dimensions", [2, 1, 0])
@pytest.mark.parametrize(
    "method", [engine.Saliency(), engine.FeatureAblation(), engine.IntegratedGradients()]
)
def test_outputs_that_are_one_number(dimensions: int, method: engine.Method):
    torch.manual_seed(0)
    model = Lone(2).double()
    expected = engine.attribute(model, X, method).attributions[0]
    torch.manual_seed(0)
    model = Lone(dimensions).double()
    assert torch.allclose(engine.attribute(model, X, method).attributions[0], expected)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (3, "outside the model's output"),
        (-1, "outside the model's output"),
        (None, "choose one with `target`"),
        ([0, 1], "2 entries for 3 examples"),
        ((1, 2), "2 indices, but the output has shape"),
        ("yes", "give an int"),
        (True, "is a bool"),
        (1.5, "give an int"),
    ],
)
def test_bad_targets_say_what_is_wrong(target: Any, sentence: str):
    with pytest.raises(engine.InvalidInput, match=sentence) as caught:
        engine.attribute(by_name("mlp").model(), X, engine.Saliency(), target)
    assert caught.value.field == "target"


def test_extra_arguments_follow_their_example():
    class Scaled(nn.Module):
        def forward(self, x: Tensor, scale: Tensor, power: int) -> Tensor:
            return (x**power * scale[:, None]).sum(1)

    scale = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    method = engine.IntegratedGradients(n_steps=20)
    found = engine.attribute(Scaled(), X, method, extra_args=(scale, 2))
    assert torch.allclose(found.attributions[0], X**2 * scale[:, None], atol=1e-12)


def test_a_black_box_of_arrays():
    weights = np.arange(18.0).reshape(6, 3)

    def score(rows: Any) -> Any:
        return np.asarray(rows) @ weights

    found = engine.attribute(score, X, engine.FeatureAblation(), 2).attributions[0]
    assert torch.allclose(found, X * torch.tensor(weights[:, 2]))
    exact = engine.attribute(score, X, engine.ShapleyValues(), 2).attributions[0]
    assert torch.allclose(exact, found)
    with pytest.raises(engine.Unsupported, match="black box"):
        engine.attribute(score, X, engine.Saliency(), 2)


def test_a_black_box_under_a_method_over_a_method():
    def score(rows: Tensor) -> list[float]:
        return [float(row.sum()) for row in rows]

    method = engine.SmoothGrad(engine.FeatureAblation(), n_samples=200, stdevs=0.5)
    found = engine.attribute(score, X, method).attributions[0]
    assert (found - X).abs().mean() < 0.1


def test_a_complex_score_is_refused():
    class Complex(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.complex(x, 2 * x)

    with pytest.raises(engine.Unsupported, match="complex"):
        engine.attribute(Complex(), X, engine.Saliency(), 2)
