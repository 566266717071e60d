"""Convolutions that go in steps over few channels: the same gradient, computed place by place."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from attriboard import engine
from attriboard.engine.prepared.geometry import geometry_of
from attriboard.engine.prepared.stepped import input_gradient, stepped

HERE = torch.backends.mkldnn.is_available()
KERNELS = ((7, 7), (4, 4), (5, 7), (11, 11), (16, 16))
FORMATS = (torch.contiguous_format, torch.channels_last)


class Backward(TorchDispatchMode):
    """Notes the shapes of the weights whose convolutions torch itself goes back through."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[tuple[int, ...]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten.convolution_backward.default:
            self.weights.append(tuple(args[2].shape))
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("step", [2, 3, 4, 16])
def test_the_gradient_is_torchs(kernel: tuple[int, int], step: int) -> None:
    torch.manual_seed(0)
    for padding, size, channels, laid in product((0, 1, 3, 5), (32, 33, 40), (1, 3), FORMATS):
        convolution = nn.Conv2d(channels, 8, kernel, step, padding).requires_grad_(False)
        x = torch.randn(2, channels, size, 31).contiguous(memory_format=laid).requires_grad_()
        y = convolution(x)
        grad = torch.randn_like(y)
        how = geometry_of(convolution)
        assert how is not None
        (theirs,) = torch.autograd.grad(y, x, grad)
        ours = input_gradient(grad, x, convolution.weight, how)
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
        assert ours.stride() == theirs.stride()


def stem(clamp: bool, norm: bool, **more: Any) -> nn.Module:
    """A network whose first convolution goes in steps over a picture, and whose second does not."""
    torch.manual_seed(0)
    first = [nn.Conv2d(3, 16, 7, 2, 3, **more)]
    if norm:
        first += [nn.BatchNorm2d(16)]
    first += [nn.ReLU() if clamp else nn.GELU()]
    rest = [nn.Conv2d(16, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*first, *rest, nn.Linear(8, 4)).eval()


@pytest.mark.skipif(not HERE, reason="PyTorch is without oneDNN here")
@pytest.mark.parametrize("clamp", [True, False])
@pytest.mark.parametrize("norm", [True, False])
def test_attributions_go_back_place_by_place(clamp: bool, norm: bool) -> None:
    model, x = stem(clamp, norm), torch.randn(2, 3, 40, 36)
    with Backward() as seen:
        ours = engine.attribute(model, x, engine.IntegratedGradients(n_steps=20), 1)
    assert (16, 3, 7, 7) not in seen.weights[-4:]  # the first blocks are watched and measured
    assert (8, 16, 3, 3) in seen.weights[-4:]
    exact = engine.attribute(model.double(), x.double(), engine.IntegratedGradients(n_steps=20), 1)
    torch.testing.assert_close(
        ours.attributions[0], exact.attributions[0].float(), rtol=1e-3, atol=1e-6
    )


@pytest.mark.skipif(not HERE, reason="PyTorch is without oneDNN here")
@pytest.mark.parametrize(
    "convolution",
    [
        nn.Conv2d(3, 8, 3, 2),  # too little to gain
        nn.Conv2d(16, 8, 7, 2),  # channels enough
        nn.Conv2d(3, 8, 7),  # no steps
        nn.Conv2d(3, 8, 7, (2, 1)),
        nn.Conv2d(3, 8, 7, 2, dilation=2),
        nn.Conv2d(4, 8, 7, 2, groups=2),
        nn.Conv2d(3, 8, 7, 2, padding_mode="reflect"),
        nn.Conv2d(3, 8, 7, 2).double(),
        nn.Conv1d(3, 8, 7, 2),
    ],
)
def test_others_stay_as_they_are(convolution: nn.Module) -> None:
    assert stepped(convolution) == convolution.forward


def test_weights_that_want_a_gradient_get_it() -> None:
    convolution = nn.Conv2d(3, 8, 7, 2)
    stepped(convolution)(torch.randn(1, 3, 20, 20).requires_grad_()).sum().backward()
    assert convolution.weight.grad is not None


def test_rows_without_a_batch_and_under_vmap() -> None:
    convolution = nn.Conv2d(3, 8, 7, 2).requires_grad_(False)
    forward, rows = stepped(convolution), torch.randn(4, 3, 20, 20, requires_grad=True)
    torch.testing.assert_close(forward(rows[0]), convolution(rows[0]))

    def score(row: Tensor) -> Tensor:
        return forward(row[None]).sum()

    each = torch.func.vmap(torch.func.grad(score))(rows.detach())
    (together,) = torch.autograd.grad(convolution(rows).sum(), rows)
    torch.testing.assert_close(each, together)


class Stem(nn.Module):
    """A network that runs its first convolution as `run` does."""

    def __init__(self, run: Callable[[Stem, Tensor], Tensor], norm: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.run = nn.Conv2d(3, 16, 7, 2, 3), run
        self.after = nn.Sequential(nn.BatchNorm2d(16) if norm else nn.Identity(), nn.ReLU())
        self.head = nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.after(self.run(self, x)).mean((2, 3)))


def _sized(model: Stem, x: Tensor) -> Tensor:
    model.first.padding = (x.shape[2] % 5, x.shape[3] % 5)
    return model.first(x)


def _striding(model: Stem, x: Tensor) -> Tensor:
    model.first.stride = (4, 4)
    few = model.first(x)
    model.first.stride = (2, 2)
    return few.mean((2, 3), keepdim=True) * model.first(x)


def _biased(model: Stem, x: Tensor) -> Tensor:
    bias = x.mean() * torch.arange(16.0).to(x)
    return torch.func.functional_call(model.first, {"bias": bias}, x)


def _ensemble(model: Stem, x: Tensor) -> Tensor:
    weights = torch.stack([model.first.weight, 2 * model.first.weight])

    def one(weight: Tensor) -> Tensor:
        return torch.func.functional_call(model.first, {"weight": weight}, x)

    return torch.func.vmap(one)(weights).sum(0)


def _jvp(model: Stem, x: Tensor) -> Tensor:
    return torch.func.jvp(model.first, (x,), (torch.ones_like(x),))[0]


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("run", [_sized, _striding, _biased, _ensemble, _jvp])
def test_a_convolution_is_run_as_the_model_runs_it(
    run: Callable[[Stem, Tensor], Tensor], norm: bool
) -> None:
    x, method = torch.randn(2, 3, 33, 36), engine.IntegratedGradients(n_steps=20)
    ours = engine.attribute(Stem(run, norm).eval(), x, method, 1)
    exact = engine.attribute(Stem(run, norm).eval().double(), x.double(), method, 1)
    found, expected = ours.attributions[0], exact.attributions[0].float()
    # In float32 a ReLU at zero may let one step's gradient through, which is no wrong gradient.
    assert (found - expected).norm() <= 0.01 * expected.norm()


@pytest.mark.skipif(not HERE, reason="PyTorch is without oneDNN here")
def test_what_is_infinite_spreads_no_further() -> None:
    convolution = nn.Conv2d(3, 8, 7, 2, 3).requires_grad_(False)
    x = torch.randn(1, 3, 20, 20, requires_grad=True)
    y = convolution(x)
    grad = torch.randn_like(y)
    grad[0, 0, 5, 5] = torch.inf
    (theirs,) = torch.autograd.grad(y, x, grad)
    how = geometry_of(convolution)
    assert how is not None
    ours = input_gradient(grad, x, convolution.weight, how)
    assert torch.equal(ours.isfinite(), theirs.isfinite())


@pytest.mark.skipif(not HERE, reason="PyTorch is without oneDNN here")
def test_autocast_leaves_the_gradient_alone() -> None:
    convolution = nn.Conv2d(3, 8, 7, 2, 3).requires_grad_(False)
    x = torch.randn(1, 3, 20, 20, requires_grad=True)
    y = stepped(convolution)(x)
    with torch.autocast("cpu"):
        (found,) = torch.autograd.grad(y.square().sum(), x, retain_graph=True)
    (expected,) = torch.autograd.grad(y.square().sum(), x)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
