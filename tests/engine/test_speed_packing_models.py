"""Models that do with their convolutions what packed weights must not disturb."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import forward_ad
from torch.overrides import TorchFunctionMode

from attriboard import engine
from attriboard.engine.model_tree import prepare
from attriboard.engine.prepared import joints
from attriboard.engine.prepared.imprint import Imprint

METHODS = (engine.SmoothGrad(n_samples=12), engine.FeatureAblation())
IDS = [type(method).__name__ for method in METHODS]


class Net(nn.Module):
    """One convolution without a norm; the classes below run it in other ways."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.conv, self.head = self.convolution(), nn.Linear(8, 3)

    def convolution(self) -> nn.Module:
        return nn.Conv2d(3, 8, 3, padding=1)

    def convolved(self, x: Tensor) -> Tensor:
        return self.conv(x)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.convolved(x).float().tanh().square().mean((2, 3)))


class Copied(Net):
    def convolved(self, x: Tensor) -> Tensor:
        twin = copy.deepcopy(self.conv)
        with torch.no_grad():
            twin.weight.mul_(2)
        return twin(x)


class InHalves(Net):
    def convolved(self, x: Tensor) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.conv(x)


class Tangents(Net):
    """Adds how its convolution changes along a direction."""

    def convolved(self, x: Tensor) -> Tensor:
        with forward_ad.dual_level():
            made, tangent = forward_ad.unpack_dual(self.conv(forward_ad.make_dual(x, x.cos())))
        return made + tangent if tangent is not None else made


class OwnBias(nn.Conv2d):
    bias = property(lambda self: self.own, lambda self, value: None)  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__(3, 8, 3, padding=1)
        del self._parameters["bias"]
        self.own = nn.Parameter(torch.arange(8.0))


class Biased(Net):
    def convolution(self) -> nn.Module:
        return OwnBias()


class BiasFromRows(Net):
    """The bias depends on the rows, and so does its gradient."""

    def convolved(self, x: Tensor) -> Tensor:
        own = {"weight": self.conv.weight, "bias": x.mean((2, 3)).sum(0).repeat(3)[:8]}
        parts = [
            torch.func.functional_call(self.conv, {**own, "bias": row.mean((1, 2)).repeat(3)[:8]},
                                       (row[None],)) for row in x
        ]  # fmt: skip
        return torch.cat(parts)


class Rounding(TorchFunctionMode):
    """Rounds the weights of convolutions, as simulated quantization does."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.conv2d:
            args = (args[0], (args[1] * 4).round() / 4, *args[2:])
        return func(*args, **(kwargs or {}))


class Rounded(Net):
    def convolved(self, x: Tensor) -> Tensor:
        with Rounding():
            return self.conv(x)


KINDS = [Copied, InHalves, Tangents, Biased, BiasFromRows, Rounded]


def _rows() -> Tensor:
    return torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def _asked(model: nn.Module, method: engine.Method) -> Tensor:
    result: Tensor = engine.attribute(model, _rows(), method, 1).attributions[0]
    return result


def _last(model: nn.Module) -> None:
    """From now on rows go channels last."""
    for planner in prepare(model).learned.planners.values():
        planner.layout.last, planner.layout._refused = True, True


def _plain(model: nn.Module, method: engine.Method) -> Tensor:
    prepare(model).fast.tried = True
    return _asked(model, method)


def _close(found: Tensor, expected: Tensor) -> bool:
    return bool((found - expected).abs().max() <= 1e-3 * expected.abs().max())


@pytest.mark.parametrize("method", METHODS, ids=IDS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_results_are_those_of_the_plain_tree(kind: Callable[[], nn.Module], method: engine.Method):
    model = kind()
    _asked(model, method)
    _last(model)
    assert _close(_asked(model, method), _plain(kind(), method))


class Written(Net):
    """Makes the convolution's weight from another one in each pass."""

    way = "rebound"

    def __init__(self) -> None:
        super().__init__()
        self.master = nn.Parameter(torch.randn(8, 3, 3, 3))

    def convolved(self, x: Tensor) -> Tensor:
        made, weight = self.master.detach().sign(), self.conv.weight
        if self.way == "rebound":
            weight.data = made
        elif self.way == "data":
            weight.data.copy_(made)
        else:
            with torch.no_grad():
                weight.copy_(made)
        return self.conv(x)


@pytest.mark.parametrize("method", METHODS, ids=IDS)
@pytest.mark.parametrize("way", ["rebound", "data", "copied"])
def test_weights_that_a_pass_writes_are_those_it_wrote(way: str, method: engine.Method):
    kind = type("Way", (Written,), {"way": way})
    model, twin = kind(), kind()
    _asked(model, method)
    _last(model)
    _asked(model, method)
    with torch.no_grad():
        model.master.neg_()
        twin.master.neg_()
    assert _close(_asked(model, method), _plain(twin, method))


@contextmanager
def _doubled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    usual = nn.Conv2d._conv_forward

    def twice(self: nn.Conv2d, *args: Any) -> Tensor:
        return 2 * usual(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(nn.Conv2d, "_conv_forward", twice)
        yield


@pytest.mark.parametrize("method", METHODS, ids=IDS)
@pytest.mark.parametrize("first", [False, True])
def test_convolutions_that_somebody_patched_stay_so(
    first: bool, method: engine.Method, monkeypatch: pytest.MonkeyPatch
):
    model = Net()
    if first:
        _asked(model, method)
        _last(model)
        _asked(model, method)
    with _doubled(monkeypatch):
        _asked(model, method)
        _last(model)
        assert _close(_asked(model, method), _plain(Net(), method))


def test_weights_are_packed_once_they_can_be():
    model, method = Net(), METHODS[1]
    _asked(model, method)
    _last(model)
    with torch.backends.mkldnn.flags(enabled=False):
        _asked(model, method)
    _asked(model, method)
    folded = prepare(model).fast.folded
    assert folded is not None
    (laid,) = folded._laid
    assert laid.last is not None
    assert (laid.last.packed is not None) == torch.backends.mkldnn.is_available()


def test_a_bias_that_is_part_of_something_else_is_followed():
    model, method = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten()), METHODS[1]
    pairs = torch.randn(4, dtype=torch.complex64)
    model[1].bias = nn.Parameter(pairs.conj().imag, requires_grad=False)
    assert model[1].bias.is_neg()
    first = _asked(model, method)
    pairs.mul_(2)
    assert torch.allclose(_asked(model, method), first, atol=1e-5)  # a shift cancels in ablation
    imprint = Imprint([model[1].bias])
    assert imprint.holds()
    pairs.mul_(2)
    assert not imprint.holds()


def test_weights_that_change_while_they_are_laid_out_are_laid_out_anew(
    monkeypatch: pytest.MonkeyPatch,
):
    """As by a training loop in another thread."""
    model, method, laid_out = Net(), METHODS[1], joints._laid
    _asked(model, method)
    _last(model)

    def slowly(weight: Tensor) -> nn.Parameter:
        made = laid_out(weight)
        model.conv.weight.data.add_(0.5)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(joints, "_laid", slowly)
        _asked(model, method)
    twin = Net()
    twin.load_state_dict(model.state_dict())
    assert _close(_asked(model, method), _plain(twin, method))
