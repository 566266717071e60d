"""Convolutions whose weights oneDNN is given in its own order, clamped or not, and their bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from attriboard import engine
from attriboard.engine.model_tree import prepare
from attriboard.engine.prepared.imprint import Imprint

METHODS = (engine.IntegratedGradients(n_steps=12), engine.FeatureAblation())
WITHOUT_ENDS = (engine.SmoothGrad(n_samples=12), engine.FeatureAblation())
"""Methods that ask for no scores of the two ends, which go as the user's rows lie."""

FUSES = torch.backends.mkldnn.is_available()


class Calls(TorchDispatchMode):
    """How many convolutions took packed weights, and how many any others."""

    def __init__(self) -> None:
        super().__init__()
        self.packed = self.plain = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func.overloadpacket.__name__ == "_convolution_pointwise":
            self.packed += args[1].is_mkldnn
            self.plain += not args[1].is_mkldnn
        self.plain += func.overloadpacket.__name__ == "convolution"
        return func(*args, **(kwargs or {}))


class Block(nn.Module):
    """A residual block: a norm without a clamp, one with, and a convolution without a norm."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.first, self.first_norm = nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.second, self.second_norm = nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8)
        self.last, self.head = nn.Conv2d(8, 4, 3, groups=2), nn.Linear(4, 3)
        self.relu = nn.ReLU()
        with torch.no_grad():
            for norm in (self.first_norm, self.second_norm):
                norm.weight.normal_()
                norm.running_mean.normal_()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.first_norm(self.first(x)))
        x = (x + self.second_norm(self.second(x))).tanh()
        return self.head(self.last(x).square().mean((2, 3)))


class Late(Block):
    """The padding, the number of arguments and the weights change from pass to pass."""

    def forward(self, x: Tensor) -> Tensor:
        self.second.padding = (2, 2) if x.shape[-1] % 2 else (1, 1)
        x = self.relu(self.first_norm(self.first(input=x)))
        x = self.second_norm(self.second(x)).tanh()
        twice = {"weight": 2 * self.last.weight, "bias": self.last.bias}
        made = torch.func.functional_call(self.last, twice, (x,))
        return self.head(made.square().mean((2, 3)))


def _rows(side: int = 8) -> Tensor:
    return torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(0))


def _found(model: nn.Module, method: engine.Method, x: Tensor, **more: Any) -> Tensor:
    """The attribution with rows channels last, as they are once that was seen to be faster."""
    for _ in range(2):
        result: Tensor = engine.attribute(model, x, method, 1, **more).attributions[0]
        for planner in prepare(model).learned.planners.values():
            planner.layout.last, planner.layout._refused = True, True
    return result


def _plain(model: nn.Module, method: engine.Method, x: Tensor, **more: Any) -> Tensor:
    prepare(model).fast.tried = True
    result: Tensor = engine.attribute(model, x, method, 1, **more).attributions[0]
    return result


@pytest.mark.parametrize("side", [8, 9])
@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("kind", [Block, Late], ids=lambda k: k.__name__)
def test_results_are_those_of_the_plain_tree(
    kind: Callable[[], nn.Module], method: engine.Method, side: int
):
    expected = _plain(kind(), method, _rows(side))
    found = _found(kind(), method, _rows(side))
    assert (found - expected).abs().max() <= 2e-5 * expected.abs().max()


@pytest.mark.skipif(not FUSES, reason="oneDNN is not part of this PyTorch")
@pytest.mark.parametrize("method", WITHOUT_ENDS, ids=lambda m: type(m).__name__)
def test_every_convolution_takes_packed_weights(method: engine.Method):
    model = Block()
    _found(model, method, _rows())
    with Calls() as calls:
        _found(model, method, _rows())
    assert calls.packed > 0
    assert calls.plain == 0


@pytest.mark.skipif(not FUSES, reason="oneDNN is not part of this PyTorch")
def test_so_does_one_that_is_read_before_its_norm():
    method, layer = engine.LayerConductance(n_steps=12), {"layer": "second"}
    expected, model = _plain(Block(), method, _rows(), **layer), Block()
    found = _found(model, method, _rows(), **layer)
    assert (found - expected).abs().max() <= 2e-5 * expected.abs().max()
    with Calls() as calls:
        _found(model, method, _rows(), **layer)
    assert calls.packed > 0
    assert calls.plain == 0


TENSORS = [name for name, _ in Block().named_parameters() if "head" not in name]


@pytest.mark.parametrize("name", TENSORS)
def test_packed_weights_follow_the_users(name: str):
    model = Block()
    _found(model, METHODS[1], _rows())
    tensor = model.get_parameter(name)
    changed = tensor.detach().clone()
    changed.view(-1)[3] += 1
    tensor.data.copy_(changed)  # bumps no version
    twin = Block()
    twin.load_state_dict(model.state_dict())
    found, expected = _found(model, METHODS[1], _rows()), _plain(twin, METHODS[1], _rows())
    assert (found - expected).abs().max() <= 2e-5 * expected.abs().max()


def test_weights_that_want_gradients_in_the_users_model_want_none_here():
    model = Block()
    _found(model, METHODS[0], _rows())
    assert all(p.requires_grad and p.grad is None for p in model.parameters())


def _changed(tensor: Tensor, value: float) -> None:
    tensor.view(-1)[1] = value


KINDS = {
    "even": lambda: torch.randn(4, 6),
    "odd": lambda: torch.randn(5),
    "halves": lambda: torch.randn(6).half(),
    "bytes": lambda: torch.arange(5, dtype=torch.uint8),
    "complex": lambda: torch.randn(3, dtype=torch.complex64),
    "inside": lambda: torch.randn(9)[1:],
    "doubles": lambda: torch.randn(3, dtype=torch.float64),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_imprint_holds_until_a_number_changes(kind: str):
    tensor = KINDS[kind]()
    imprint = Imprint([None, torch.zeros(0), tensor])
    assert imprint.holds()
    _changed(tensor, 2)
    assert not imprint.holds()


def test_an_imprint_follows_what_lies_apart():
    tensor = torch.zeros(4, 6).T[::2]
    imprint = Imprint([tensor])
    tensor[1, 2] = 1
    assert not imprint.holds()


def test_an_imprint_sees_bits():
    tensor = torch.tensor([0.0, float("nan"), 1.0])
    imprint = Imprint([tensor])
    assert imprint.holds()
    tensor[0] = -0.0
    assert not imprint.holds()
