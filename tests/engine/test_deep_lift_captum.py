"""DeepLift against Captum's: the same where Captum's adds up, and where it does not, ours does."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import captum.attr
import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from engine.deep_lift_problems import Spelled

ROW, IMAGE, SEQUENCE = (6,), (2, 8, 8), (6, 8)


def _mlp(*activations: nn.Module) -> nn.Module:
    layers: list[nn.Module] = []
    for activation in activations:
        layers += [nn.Linear(6, 6), activation]
    return nn.Sequential(*layers, nn.Linear(6, 3))


def _cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 4, 1),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(4),
        nn.Conv2d(4, 4, 3, padding=1),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16, 3),
    )


def _words() -> nn.Module:
    return nn.Sequential(
        nn.Conv1d(6, 4, 3, padding=1), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(16, 3)
    )


def _after_relu() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 3)
    )


def _overlapping() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.MaxPool2d(3, 2), nn.Flatten(), nn.Linear(36, 3)
    )


def _softmax() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 5), nn.Softmax(1))


def _encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    body = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
    return nn.Sequential(body, nn.Flatten(), nn.Linear(48, 3))


def _sequence_first() -> nn.Module:
    def run(self: Any, x: Tensor) -> Tensor:
        return self.head(self.act(self.line(x.transpose(0, 1))).mean(0))

    return Spelled(run, line=nn.Linear(8, 8), act=nn.ReLU(), head=nn.Linear(8, 3))


def _functional() -> nn.Module:
    def run(self: Any, x: Tensor) -> Tensor:
        return self.head(self.line(x).tanh() * self.gate(x).sigmoid())

    return Spelled(run, line=nn.Linear(6, 8), gate=nn.Linear(6, 8), head=nn.Linear(8, 3))


ALIKE: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "relu, sigmoid, tanh": (lambda: _mlp(nn.ReLU(), nn.Sigmoid(), nn.Tanh()), ROW),
    "elu, softplus, leaky": (lambda: _mlp(nn.ELU(), nn.Softplus(), nn.LeakyReLU()), ROW),
    "convolutions": (_cnn, IMAGE),
    "one dimension": (_words, SEQUENCE),
}

APART: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "a pool after a relu": (_after_relu, IMAGE),
    "overlapping pools": (_overlapping, IMAGE),
    "softmax": (_softmax, ROW),
    "transformer encoder": (_encoder, SEQUENCE),
    "sequence first": (_sequence_first, SEQUENCE),
    "functional calls": (_functional, ROW),
}


def _made(
    make: Callable[[], nn.Module], shape: tuple[int, ...]
) -> tuple[nn.Module, Tensor, Tensor]:
    torch.manual_seed(0)
    model = make().double().eval()
    return model, torch.randn(4, *shape).double(), torch.randn(3, *shape).double()


def _theirs(kind: str, *of: Any, call: tuple[Any, ...], **more: Any) -> Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        attribution = getattr(captum.attr, kind)(*of).attribute(*call, **more)
    result: Tensor = attribution.detach()
    return result


def _ours(model: nn.Module, x: Tensor, method: Any, *target: int, **more: Any) -> engine.Result:
    result: engine.Result = engine.attribute(model, x, method, *target, **more)
    return result


def _close(ours: engine.Result, theirs: Tensor) -> None:
    (attribution,) = ours.attributions
    assert (attribution - theirs).abs().max() <= 1e-6 * theirs.abs().max()


@pytest.mark.parametrize("name", ALIKE)
def test_the_same_as_captum(name: str):
    model, x, pool = _made(*ALIKE[name])
    b = pool[:1].expand_as(x)
    ours = _ours(model, x, engine.DeepLift(), 1, baselines=b)
    _close(ours, _theirs("DeepLift", model, call=(x, b), target=1))
    mean = _ours(model, x, engine.DeepLiftShap(), 1, baselines=pool)
    _close(mean, _theirs("DeepLiftShap", model, call=(x, pool), target=1))


def test_the_same_as_captum_at_layers_and_neurons():
    model, x, pool = _made(*ALIKE["relu, sigmoid, tanh"])
    layer, b = model[2], pool[:1].expand_as(x)
    ours = _ours(model, x, engine.DeepLift(), 1, baselines=b, layer=layer)
    _close(ours, _theirs("LayerDeepLift", model, layer, call=(x, b), target=1))
    ours = _ours(model, x, engine.DeepLiftShap(), 1, baselines=pool, layer=layer)
    _close(ours, _theirs("LayerDeepLiftShap", model, layer, call=(x, pool), target=1))
    ours = _ours(model, x, engine.DeepLift(), baselines=b, layer=layer, neuron=3)
    _close(ours, _theirs("NeuronDeepLift", model, layer, call=(x, 3, b)))
    ours = _ours(model, x, engine.DeepLiftShap(), baselines=pool, layer=layer, neuron=3)
    _close(ours, _theirs("NeuronDeepLiftShap", model, layer, call=(x, 3, pool)))
    ours = _ours(model, x, engine.DeepLift(multiply_by_inputs=False), 1, baselines=b)
    _close(ours, _theirs("DeepLift", model, False, call=(x, b), target=1))


@pytest.mark.parametrize("name", APART)
def test_captum_leaves_something_out_where_we_add_up(name: str):
    model, x, pool = _made(*APART[name])
    b = pool[:1].expand_as(x)
    change = (model(x) - model(b)).detach()[:, 1]
    theirs = _theirs("DeepLift", model, call=(x, b), target=1).flatten(1).sum(1)
    assert ((theirs - change).abs() > 0.05 * change.abs()).any()
    ours = _ours(model, x, engine.DeepLift(), 1, baselines=b).attributions[0].flatten(1).sum(1)
    assert ((ours - change).abs() <= 1e-9 * change.abs()).all()


def test_captums_softmax_depends_on_the_batch():
    model, x, pool = _made(_softmax, ROW)
    b = pool[:1].expand_as(x)
    together = _theirs("DeepLift", model, call=(x, b), target=1)[:1]
    alone = _theirs("DeepLift", model, call=(x[:1], b[:1]), target=1)
    assert (together - alone).abs().max() > 0.05 * alone.abs().max()
    whole = _ours(model, x, engine.DeepLift(), 1, baselines=b).attributions[0][:1]
    row = _ours(model, x[:1], engine.DeepLift(), 1, baselines=b[:1]).attributions[0]
    assert torch.allclose(whole, row, atol=1e-14)


def test_captum_refuses_a_module_that_runs_twice():
    def run(self: Any, x: Tensor) -> Tensor:
        return self.two(self.act(self.two(self.act(self.two(x)))))

    model = Spelled(run, two=nn.Linear(6, 6), act=nn.ReLU()).double().eval()
    x = torch.randn(4, 6).double()
    with pytest.raises(RuntimeError):
        _theirs("DeepLift", model, call=(x, torch.zeros_like(x)), target=1)
    ours = _ours(model, x, engine.DeepLift(), 1)
    assert ours.delta.abs().max() < 1e-12
