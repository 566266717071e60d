"""Methods at layers, of neurons and under noise, against the same in the plainest loops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine import noise
from attriboard.engine.methods import expected
from attriboard.engine.paths import QUADRATURES
from engine import slow_layers as slow
from engine.problems import PROBLEMS, Problem, by_name

Tensors = tuple[Tensor, ...]

pytestmark = pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")


def _rectified() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(4, 5, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(5 * 3 * 3, 6),
        nn.ReLU(),
        nn.Linear(6, 3),
    )


def _picture() -> Problem:
    draw = torch.Generator().manual_seed(40)
    x = torch.randn(3, 2, 6, 6, generator=draw, dtype=torch.float64)
    return Problem("rectified picture", _rectified, (x,), (torch.zeros_like(x[:1]),), 1, "2")


PICTURE = _picture()
LAYERED = [p for p in PROBLEMS if p.layer is not None]
CONVOLUTIONS = [PICTURE, *(by_name(n) for n in ("overlapping pools", "words", "maps"))]
RECTIFIED = [PICTURE, replace(by_name("reused relu"), target=0), by_name("price")]

# Some unit of the layer sees every input.
UNITS = [replace(p, layer="head") if p.name == "product" else p for p in LAYERED]

layered = pytest.mark.parametrize("problem", LAYERED, ids=lambda p: p.name)
convolutions = pytest.mark.parametrize("problem", CONVOLUTIONS, ids=lambda p: p.name)
rectified = pytest.mark.parametrize("problem", RECTIFIED, ids=lambda p: p.name)
units = pytest.mark.parametrize("problem", UNITS, ids=lambda p: p.name)
SITES = [
    *((p, place) for p in LAYERED for place in ("input", "layer")),
    *((p, "neuron") for p in UNITS),
]


def _name(value: Any) -> str:
    return value if isinstance(value, str) else value.name


placed = pytest.mark.parametrize(("problem", "place"), SITES, ids=_name)


def _unit(problem: Problem) -> tuple[int, ...]:
    """The unit whose gradient, in the score of any example, is the largest."""
    (gradient,) = slow.layer_gradient_x_activation(slow.floats(problem), False)
    sizes = gradient.abs().sum(0)
    return tuple(int(i) for i in torch.unravel_index(sizes.argmax(), sizes.shape))


def _engine_site(problem: Problem, place: str) -> dict[str, Any]:
    if place == "input":
        return {}
    site: dict[str, Any] = {"layer": problem.layer}
    return site if place == "layer" else {**site, "neuron": _unit(problem)}


def _slow_site(problem: Problem, place: str) -> slow.Site:
    if place == "neuron":
        return slow.of_neuron(_unit(problem))
    return slow.at_inputs if place == "input" else slow.at_layer


def _ours(problem: Problem, method: engine.Method, **site: Any) -> Tensors:
    baselines = {"baselines": problem.baselines} if method.uses_baseline else {}
    return engine.attribute(
        problem.model(), problem.inputs, method, problem.target, **baselines, **site
    ).attributions


def _tokens(problem: Problem, attributions: Tensors, place: str = "input") -> Tensors:
    """Attributions of embeddings as those of the tokens, unless they are at the layer."""
    if problem.differentiable or place == "layer":
        return attributions
    return tuple(a.sum(-1) for a in attributions)


def _assert_close(ours: Tensors, theirs: Tensors, least: float = 0) -> None:
    """Alike up to 1e-8 of the largest value, which `least` is taken for where it is larger."""
    largest = max(least, *(float(b.abs().max()) for b in theirs))
    assert largest > 1e-8, "nothing is compared"
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype == torch.float64
        assert float((a - b).abs().max()) <= 1e-8 * largest


@layered
def test_layer_activation(problem: Problem):
    ours = _ours(problem, engine.LayerActivation(), layer=problem.layer)
    _assert_close(ours, slow.layer_activation(slow.floats(problem)))


@layered
@pytest.mark.parametrize("multiply", [True, False])
def test_layer_gradient_x_activation(problem: Problem, multiply: bool):
    method = engine.LayerGradientXActivation(multiply_by_inputs=multiply)
    ours = _ours(problem, method, layer=problem.layer)
    _assert_close(ours, slow.layer_gradient_x_activation(slow.floats(problem), multiply))


@layered
@pytest.mark.parametrize("quadrature", QUADRATURES)
def test_internal_influence(problem: Problem, quadrature: str):
    method = engine.InternalInfluence(n_steps=5, method=quadrature)
    ours = _ours(problem, method, layer=problem.layer)
    _assert_close(ours, slow.internal_influence(slow.floats(problem), quadrature, 5))


@layered
@pytest.mark.parametrize("quadrature", QUADRATURES)
def test_layer_conductance(problem: Problem, quadrature: str):
    method = engine.LayerConductance(n_steps=5, method=quadrature)
    ours = _ours(problem, method, layer=problem.layer)
    _assert_close(ours, slow.layer_conductance(slow.floats(problem), quadrature, 5))


@units
@pytest.mark.parametrize("quadrature", QUADRATURES)
def test_neuron_conductance(problem: Problem, quadrature: str):
    method = engine.NeuronConductance(n_steps=5, method=quadrature)
    ours = _ours(problem, method, **_engine_site(problem, "neuron"))
    theirs = slow.neuron_conductance(slow.floats(problem), _unit(problem), quadrature, 5)
    _assert_close(ours, _tokens(problem, theirs))


@convolutions
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize(
    ("kind", "loop"),
    [
        (engine.GradCam, slow.grad_cam),
        (engine.GradCamPlusPlus, slow.grad_cam_plus_plus),
        (engine.LayerCam, slow.layer_cam),
    ],
)
def test_maps(problem: Problem, kind: Any, loop: Callable[[Problem], Tensors], relu: bool):
    ours = _ours(problem, kind(relu_attributions=relu), layer=problem.layer)
    theirs = loop(slow.floats(problem))
    _assert_close(ours, tuple(t.clamp(min=0) for t in theirs) if relu else theirs)


@rectified
def test_guided_backprop(problem: Problem):
    _assert_close(
        _ours(problem, engine.GuidedBackprop()), slow.changed_rectifiers(problem, True), 1e-6
    )


@rectified
def test_deconvolution(problem: Problem):
    _assert_close(_ours(problem, engine.Deconvolution()), slow.changed_rectifiers(problem, False))


@pytest.mark.parametrize("layer", ["2", "3"])
def test_guided_grad_cam(layer: str):
    problem = replace(PICTURE, layer=layer)
    ours = _ours(problem, engine.GuidedGradCam(), layer=layer)
    _assert_close(ours, slow.guided_grad_cam(problem))


@placed
@pytest.mark.parametrize(
    ("method", "loop"),
    [
        (engine.Saliency(), slow.saliency),
        (engine.InputXGradient(), slow.input_x_gradient),
        (engine.IntegratedGradients(n_steps=5), lambda s: slow.integrated_gradients(s, 5)),
        (engine.Idgi(n_steps=5), lambda s: slow.idgi(s, 5)),
    ],
    ids=["Saliency", "InputXGradient", "IntegratedGradients", "Idgi"],
)
def test_plain_methods(problem: Problem, place: str, method: engine.Method, loop: Any):
    ours = _ours(problem, method, **_engine_site(problem, place))
    theirs = slow.plain(slow.floats(problem), _slow_site(problem, place), loop)
    _assert_close(ours, _tokens(problem, theirs, place))


@placed
@pytest.mark.parametrize("kind", ["SmoothGrad", "SmoothGradSquare", "VarGrad"])
def test_smoothing(problem: Problem, place: str, kind: str, monkeypatch: pytest.MonkeyPatch):
    kept: list[noise.Noise] = []
    around = noise.around
    monkeypatch.setattr(noise, "around", lambda *args: kept.append(around(*args)) or kept[-1])
    method = engine.make(kind, {"n_samples": 6, "stdevs": 0.5})
    ours = _ours(problem, method, **_engine_site(problem, place))
    draws = kept[0].rows(torch.arange(6))
    theirs = slow.smoothed(slow.floats(problem), _slow_site(problem, place), draws, kind)
    least = 1e-5 if kind == "VarGrad" else 0  # a gradient that is the same all over varies by 0
    _assert_close(ours, _tokens(problem, theirs, place), least)


@placed
def test_gradient_shap(problem: Problem, place: str, monkeypatch: pytest.MonkeyPatch):
    kept: list[Any] = []
    make = expected._Draws
    monkeypatch.setattr(expected, "_Draws", lambda *args: kept.append(make(*args)) or kept[-1])
    problem = replace(
        problem,
        baselines=tuple(
            torch.cat([b, x.flip(0)])
            for b, x in zip(problem.baselines, problem.inputs, strict=True)
        ),
    )
    ours = _ours(
        problem, engine.GradientShap(n_samples=7, stdevs=0.2), **_engine_site(problem, place)
    )
    (own,) = kept
    draws = slow.Draws(own._row.tolist(), own._place.tolist(), own._noise.rows(torch.arange(7)))
    assert len(set(draws.rows)) > 1
    theirs = slow.gradient_shap(slow.floats(problem), _slow_site(problem, place), draws)
    _assert_close(ours, _tokens(problem, theirs, place))
