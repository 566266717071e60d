"""Convolutions that go in steps over few channels: the same gradient, computed place by place."""

from __future__ import annotations

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
