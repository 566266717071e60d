"""Padding and ReLU within a convolution: only where nothing else reads what lies between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from attriboard import engine
from attriboard.engine.model_tree import prepare
from attriboard.engine.prepared.joined import Clamp

METHODS = (engine.IntegratedGradients(n_steps=9), engine.FeatureAblation())
FUSES = torch.backends.mkldnn.is_available()
"""Whether PyTorch brings oneDNN here, which clamps."""


class Padding(nn.Conv2d):
    """Pads its rows itself, as networks that come from TensorFlow do."""

    sides: tuple[int, int, int, int] = (1, 1, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, self.sides), self.weight, self.bias, self.stride, self.padding)


class Uneven(Padding):
    sides = (0, 1, 0, 1)


class Asking(Padding):
    """Looks at the padded shape."""

    def forward(self, x: Tensor) -> Tensor:
        wide = F.pad(x, self.sides)
        bias = self.bias if wide.shape[-1] == x.shape[-1] + 2 else None
        return F.conv2d(wide, self.weight, bias)


class Ones(Padding):
    """Pads with something else than zeros."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, self.sides, value=1.0), self.weight, self.bias)


class Net(nn.Module):
    """Padding, convolution, norm, clamp; the classes below go other ways from one to the next."""

    clamp: Callable[[], nn.Module] = nn.ReLU6
    convolution: type[Padding] = Padding

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.conv, self.norm = self.convolution(3, 4, 3), nn.BatchNorm2d(4)
        self.act, self.head = type(self).clamp(), nn.Linear(4, 3)
        with torch.no_grad():
            for tensor in (self.norm.running_mean, self.norm.weight, self.norm.bias):
                tensor.normal_()
            self.norm.weight.mul_(4)

    def end(self, x: Tensor) -> Tensor:
        return self.head((x * x).mean((2, 3)))

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.act(self.norm(self.conv(x))))


class InPlace(Net):
    @staticmethod
    def clamp() -> nn.Module:
        return nn.ReLU6(inplace=True)


class Relu(Net):
    clamp = nn.ReLU


class ReluInPlace(Net):
    @staticmethod
    def clamp() -> nn.Module:
        return nn.ReLU(inplace=True)


class Hard(Net):
    @staticmethod
    def clamp() -> nn.Module:
        return nn.Hardtanh(-0.5, 0.7)


class Twice(Padding):
    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(F.pad(x, self.sides), self.sides), self.weight, self.bias)


class Named(Padding):
    """Names its own padding in a word."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, self.sides), self.weight, self.bias, padding="same")


class TwiceNet(Net):
    convolution = Twice


class NamedNet(Net):
    convolution = Named


class Endless(Net):
    @staticmethod
    def clamp() -> nn.Module:
        return nn.Hardtanh(-1, float("inf"))


class Lone(Padding):
    """Gives its padding as a tuple of one."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.pad(x, self.sides), self.weight, self.bias, padding=(0,))


class LoneNet(Net):
    convolution = Lone


class UnevenNet(Net):
    convolution = Uneven


class OnesNet(Net):
    convolution = Ones


class ReadBetween(Net):
    """What the norm made is read besides the clamp."""

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm(self.conv(x))
        return self.end(self.act(normed) + normed)


class ChangedAfter(InPlace):
    """What the clamp made is changed in place, as torch allows after ReLU6."""

    def forward(self, x: Tensor) -> Tensor:
        made = self.act(self.norm(self.conv(x)))
        made.mul_(2)
        return self.end(made)


class SharedClamp(Net):
    """One clamp for two places, the second of which is no convolution's."""

    def forward(self, x: Tensor) -> Tensor:
        return self.end(self.act(3 * self.act(self.norm(self.conv(x))) - 1))


class HookedClamp(Net):
    def __init__(self) -> None:
        super().__init__()
        self.act.register_forward_hook(lambda module, args, result: result + args[0])


class Called(Net):
    """The clamp is a call, not a module."""

    def forward(self, x: Tensor) -> Tensor:
        return self.end(F.relu6(self.norm(self.conv(x))))


class Outside(Net):
    """The padding is a call outside the convolution, and read twice."""

    def forward(self, x: Tensor) -> Tensor:
        wide = F.pad(x, (1, 1, 1, 1))
        return self.end(self.act(self.norm(self.conv(wide)))) + wide.mean((1, 2, 3))[:, None]


SIX = Clamp(0.0, 6.0)
KINDS: dict[type[Net], tuple[Clamp | None, bool]] = {
    Net: (SIX, True),
    InPlace: (SIX, True),
    Relu: (Clamp(0.0), True),
    ReluInPlace: (Clamp(0.0), True),
    Hard: (Clamp(-0.5, 0.7), True),
    TwiceNet: (None, False),
    NamedNet: (None, False),
    Endless: (None, True),
    LoneNet: (SIX, True),
    UnevenNet: (SIX, False),
    OnesNet: (SIX, False),
    ReadBetween: (None, True),
    ChangedAfter: (None, True),
    SharedClamp: (SIX, True),
    HookedClamp: (None, True),
    Called: (None, True),
    Outside: (SIX, True),
}


class Calls(TorchDispatchMode):
    """Which operations ran."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.seen.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


def _rows(dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(2, 3, 7, 7, generator=torch.Generator().manual_seed(0), dtype=dtype)


def _found(model: nn.Module, method: engine.Method, x: Tensor, folds: bool, **more: Any) -> Tensor:
    if not folds:
        prepare(model).fast.tried = True
    result: Tensor = engine.attribute(model, x, method, 1, **more).attributions[0]
    return result


def _joint(model: nn.Module) -> Any:
    folded = prepare(model).fast.folded
    return None if folded is None else folded._joints[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_results_are_those_of_the_plain_tree(
    kind: type[Net], method: engine.Method, dtype: torch.dtype
):
    expected = _found(kind().to(dtype), method, _rows(dtype), False)
    model = kind().to(dtype)
    found = _found(model, method, _rows(dtype), True)
    assert (_joint(model).clamp, _joint(model).padded) == KINDS[kind]
    tolerance = 5e-5 if dtype == torch.float32 else 1e-12
    assert (found - expected).abs().max() <= tolerance * expected.abs().max()


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_all_targets_share_one_pass(kind: type[Net]):
    model, plain = kind(), kind()
    prepare(plain).fast.tried = True
    found, wanted = (
        engine.attribute(each, _rows(), METHODS[0], targets="all") for each in (model, plain)
    )
    for ours, theirs in zip(found, wanted, strict=True):
        expected = theirs.attributions[0]
        assert (ours.attributions[0] - expected).abs().max() <= 5e-5 * expected.abs().max()


@pytest.mark.skipif(not FUSES, reason="oneDNN is not part of this PyTorch")
@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("kind", [Net, InPlace, ReluInPlace], ids=lambda k: k.__name__)
def test_nothing_is_padded_clamped_or_copied_apart(kind: type[Net], method: engine.Method):
    model = kind()
    _found(model, method, _rows(), True)
    with Calls() as calls:
        _found(model, method, _rows(), True)
    assert "_convolution_pointwise" in calls.seen
    apart = {"constant_pad_nd", "relu", "relu_", "hardtanh", "hardtanh_", "native_batch_norm"}
    assert not apart & set(calls.seen)


def test_a_padded_shape_that_is_asked_for_keeps_the_padding():
    class Net2(Net):
        convolution = Asking

    expected = _found(Net2(), METHODS[0], _rows(), False)
    model = Net2()
    assert torch.allclose(_found(model, METHODS[0], _rows(), True), expected, atol=1e-6)
    assert not _joint(model).padded


class Moody(Net):
    """Goes another way for large pictures, which the watched pass did not show."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way, self.other = way, nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        small = x.shape[-1] <= 7
        if self.way == "no clamp" and not small:
            return self.end(self.norm(self.conv(x)))
        clamp = self.other if self.way == "other clamp" and not small else self.act
        made = self.conv(x)
        if self.way == "writes before" and not small:
            made.add_(1)
        normed = self.norm(made)
        if self.way == "writes between" and not small:
            normed.add_(1)
        return self.end(clamp(normed))


@pytest.mark.parametrize("way", ["no clamp", "other clamp", "writes before", "writes between"])
@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_a_pass_that_goes_another_way_is_made_again(method: engine.Method, way: str):
    model, large = Moody(way), torch.randn(1, 3, 9, 9)
    _found(model, method, _rows(), True)
    assert _joint(model).clamp == SIX
    found = engine.attribute(model, large, method, 1).attributions[0]
    expected = _found(Moody(way), method, large, False)
    assert torch.allclose(found, expected, atol=1e-5)


class MoodyPadding(Padding):
    """Reads its rows once more for large pictures, or does not convolve them at all."""

    way = ""

    def forward(self, x: Tensor) -> Tensor:
        wide = F.pad(x, self.sides)
        if x.shape[-1] > 7 and self.way == "reads":
            return F.conv2d(wide, self.weight, self.bias) + wide.mean()
        if x.shape[-1] > 7:
            return F.conv2d(wide * 2, self.weight, self.bias)
        return F.conv2d(wide, self.weight, self.bias)


@pytest.mark.parametrize("way", ["reads", "doubles"])
def test_rows_that_something_else_reads_are_padded_after_all(way: str):
    class Net2(Net):
        convolution = MoodyPadding

    def model() -> Net:
        made = Net2()
        made.conv.way = way
        return made

    own, large = model(), torch.randn(1, 3, 9, 9)
    _found(own, METHODS[0], _rows(), True)
    assert _joint(own).padded
    found = engine.attribute(own, large, METHODS[0], 1).attributions[0]
    assert torch.allclose(found, _found(model(), METHODS[0], large, False), atol=1e-5)


@pytest.mark.parametrize("layer", ["conv", "norm", "act"])
@pytest.mark.parametrize("side", ["input", "output"])
def test_a_layer_is_read_as_the_user_has_it(layer: str, side: str):
    method, x = engine.LayerConductance(n_steps=9), torch.randn(9, 3, 7, 7)
    expected = _found(InPlace(), method, x, False, layer=layer, layer_side=side)
    model = InPlace()
    for _ in range(2):
        found = _found(model, method, x, True, layer=layer, layer_side=side)
        assert (found - expected).abs().max() <= 5e-5 * expected.abs().max()
    assert _joint(model) is not None


def test_it_follows_the_users_weights():
    model, fresh = InPlace(), InPlace()
    before = _found(model, METHODS[0], _rows(), True)
    model.conv.weight.data.mul_(-0.5)
    fresh.load_state_dict(model.state_dict())
    after = _found(model, METHODS[0], _rows(), True)
    assert not torch.allclose(after, before, rtol=1e-2)
    assert torch.allclose(after, _found(fresh, METHODS[0], _rows(), False), atol=1e-6)


@pytest.mark.skipif(not FUSES, reason="oneDNN is not part of this PyTorch")
def test_it_takes_the_other_way_where_onednn_is_off():
    model = InPlace()
    with torch.backends.mkldnn.flags(enabled=False), Calls() as calls:
        found = _found(model, METHODS[0], _rows(), True)
    assert "_convolution_pointwise" not in calls.seen
    assert torch.allclose(found, _found(InPlace(), METHODS[0], _rows(), False), atol=1e-6)


def test_a_scripted_part_is_passed_by():
    class Scripted(Net):
        def __init__(self) -> None:
            super().__init__()
            self.act = torch.jit.trace(nn.ReLU6(), torch.zeros(1, 4, 7, 7))

    model = Scripted()
    found = _found(model, METHODS[0], _rows(), True)
    assert _joint(model).clamp is None
    assert torch.allclose(found, _found(Scripted(), METHODS[0], _rows(), False), atol=1e-6)


class Sized(nn.Conv2d):
    """Pads pictures of odd sizes, where PyTorch's own convolution calls for it."""

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        x = F.pad(x, (0, 1, 0, 1)) if x.shape[-1] % 2 else x
        return super()._conv_forward(x, weight, bias)


class Grouped(nn.Conv2d):
    """Convolves in other groups than it says."""

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight, self.bias, groups=3)


def _chain(convolution: nn.Module, channels: int) -> nn.Module:
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 3)]
    return nn.Sequential(convolution, nn.BatchNorm2d(channels), nn.ReLU(), *head).eval()


def _pair(build: Callable[[], nn.Module]) -> tuple[nn.Module, nn.Module]:
    model, plain = build(), build()
    plain.load_state_dict(model.state_dict())
    return model, plain


def test_a_convolution_with_an_inner_way_of_its_own_keeps_it():
    model, plain = _pair(lambda: _chain(Sized(3, 4, 2, stride=2), 4))
    for side in (8, 9):
        x = torch.randn(2, 3, side, side)
        found = _found(model, METHODS[0], x, True)
        assert torch.allclose(found, _found(plain, METHODS[0], x, False), atol=1e-6)


def test_packed_weights_are_for_the_groups_they_were_packed_for():
    model, plain = _pair(lambda: _chain(Grouped(1, 6, 3), 6))
    x = torch.randn(9, 3, 8, 8)
    _found(model, METHODS[0], x, True)
    for planner in prepare(model).learned.planners.values():
        planner.layout.last = True
    found = _found(model, METHODS[0], x, True)
    assert torch.allclose(found, _found(plain, METHODS[0], x, False), atol=1e-6)


@pytest.mark.parametrize("where", ["input", "weight"])
def test_what_is_no_number_stays_none(where: str):
    model, x = ReluInPlace(), _rows()
    _found(model, METHODS[1], x, True)
    if where == "input":
        x[1, 0, 3, 3] = float("nan")
    else:
        model.norm.weight.data[2] = float("nan")
    found = engine.attribute(model, x, METHODS[1], 1).attributions[0]
    assert bool(found[1].isnan().any())
    assert bool(found[0].isnan().any()) == (where == "weight")


class Mapped(Net):
    """Maps over examples one by one."""

    def forward(self, x: Tensor) -> Tensor:
        def one(row: Tensor) -> Tensor:
            return self.act(self.norm(self.conv(row[None])))[0]

        return self.end(torch.func.vmap(one)(x))


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_a_mapped_pass_is_what_it_was(method: engine.Method):
    found = _found(Mapped(), method, _rows(), True)
    assert torch.allclose(found, _found(Mapped(), method, _rows(), False), atol=1e-5)


@pytest.mark.parametrize("warm", [False, True])
def test_it_works_where_the_caller_infers(warm: bool):
    expected, model = _found(InPlace(), METHODS[1], _rows(), False), InPlace()
    if warm:
        _found(model, METHODS[1], _rows(), True)
    with torch.inference_mode():
        found = _found(model, METHODS[1], _rows(), True)
    assert _joint(model).clamp == SIX
    assert torch.allclose(found, expected, atol=1e-6)
    later, plain = (_found(m, METHODS[0], _rows(), m is model) for m in (model, InPlace()))
    assert (later - plain).abs().max() <= 5e-5 * plain.abs().max()
