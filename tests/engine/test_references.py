"""Every method against the same method written in the plainest loop."""

from __future__ import annotations

import pytest
import torch

from attriboard import engine
from attriboard.engine.paths import QUADRATURES
from engine import slow
from engine.problems import PROBLEMS, Problem

FLOATS = [p for p in PROBLEMS if p.differentiable]


def _attributions(problem: Problem, method: engine.Method) -> tuple[torch.Tensor, ...]:
    result = engine.attribute(
        problem.model(), problem.inputs, method, problem.target, baselines=problem.baselines
    )
    return result.attributions


def _assert_close(ours: tuple[torch.Tensor, ...], theirs: tuple[torch.Tensor, ...], tol: float):
    for a, b in zip(ours, theirs, strict=True):
        assert a.shape == b.shape
        assert (a - b).abs().max() <= tol * b.abs().max().clamp(min=1e-12)


@pytest.mark.parametrize("problem", FLOATS, ids=lambda p: p.name)
def test_saliency(problem: Problem):
    _assert_close(_attributions(problem, engine.Saliency()), slow.saliency(problem), 1e-12)


@pytest.mark.parametrize("problem", FLOATS, ids=lambda p: p.name)
def test_input_x_gradient(problem: Problem):
    ours = _attributions(problem, engine.InputXGradient())
    _assert_close(ours, slow.input_x_gradient(problem), 1e-12)


@pytest.mark.parametrize("problem", FLOATS, ids=lambda p: p.name)
@pytest.mark.parametrize("quadrature", QUADRATURES)
def test_integrated_gradients(problem: Problem, quadrature: str):
    ours = _attributions(problem, engine.IntegratedGradients(n_steps=7, method=quadrature))
    _assert_close(ours, slow.integrated_gradients(problem, quadrature, 7), 1e-10)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_feature_ablation(problem: Problem):
    ours = _attributions(problem, engine.FeatureAblation())
    _assert_close(ours, slow.feature_ablation(problem), 1e-10)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize(("side", "stride"), [(2, 1), (3, 2)])
def test_occlusion(problem: Problem, side: int, stride: int):
    windows = [tuple(min(side, s) for s in x.shape[1:]) for x in problem.inputs]
    method = engine.Occlusion(sliding_window_shapes=tuple(windows), strides=stride)
    ours = _attributions(problem, method)
    _assert_close(ours, slow.occlusion(problem, windows, [stride] * len(windows)), 1e-10)


def test_tokens_are_explained_at_their_embedding():
    problem = next(p for p in PROBLEMS if p.name == "words")
    model = problem.model()
    ours = engine.attribute(model, problem.inputs, engine.InputXGradient(), 1).attributions[0]
    embedded = model.embedding(problem.inputs[0]).detach().requires_grad_()
    after = torch.nn.functional.silu(model.conv(embedded.transpose(1, 2))).amax(2)
    (grad,) = torch.autograd.grad(model.head(after)[:, 1].sum(), embedded)
    assert torch.allclose(ours, (embedded * grad).sum(-1), atol=1e-12)
