"""A tree whose convolutions have the norm after them in their own weights, laid out as rows are.

Padding before it and a ReLU after the norm are part of the convolution as well, where it can.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor, nn

from attriboard.engine.prepared.joined import Clamp, Joining, clamp_of
from attriboard.engine.prepared.layout import FORMATS, is_channels_last
from attriboard.engine.prepared.watch import Pair


class Doubt(Exception):
    """A pass went another way than the one that was watched: its result is not to be trusted.

    joint: the number of the convolution and norm between which it did.
    """

    def __init__(self, message: str, joint: int) -> None:
        super().__init__(message)
        self.joint = joint


@dataclass
class _Laid:
    """One convolution with its plain weight, kept channels last too."""

    convolution: nn.Module
    plain: nn.Parameter
    last: nn.Parameter | None = None

    def refresh(self) -> None:
        """Forget a copy that no longer holds the user's bits."""
        if self.last is not None and not _same(self.plain, self.last):
            self.last = None

    def lay(self, last: bool) -> None:
        """The weight in the memory format of the rows; as the user has it where that is usual."""
        if last and self.last is None:
            laid = self.plain.detach().contiguous(memory_format=FORMATS[self.plain.ndim])
            self.last = nn.Parameter(laid, requires_grad=False)
        self.convolution._parameters["weight"] = self.last if last else self.plain


@dataclass
class _Joint:
    """One convolution with its norm folded in, watched in every pass.

    sources: convolution weight and bias, running mean and variance, norm weight and bias, as the
    plain tree has them; kept: what they held when they were folded. clamp: the ReLU after the
    norm, if any; clamped: whether the latest pass made it part of the convolution. made: what
    is on its way from the convolution to the norm, or to the clamp. padded: whether the
    convolution pads what it reads.
    apart: all run one after the other as the user has them, since something between is read.
    """

    number: int
    convolution: nn.Module
    sources: tuple[Tensor | None, ...]
    eps: float
    plain: _Laid
    clamp: Clamp | None = None
    padded: bool = False
    kept: list[Tensor | None] = field(default_factory=list)
    weights: dict[bool, nn.Parameter] = field(default_factory=dict)
    bias: nn.Parameter | None = None
    made: Tensor | None = None
    clamped: bool = False
    apart: bool = False

    def start(self, apart: bool) -> None:
        """Before a pass: nothing is on its way."""
        self.made, self.clamped, self.apart = None, False, apart

    def stale(self) -> bool:
        """Whether the user's weights hold other bits than those folded."""
        pairs = zip(self.sources, self.kept, strict=True)
        return not all(_same(now, then) for now, then in pairs)

    def fold(self) -> None:
        """Take the weights over as they are now, computed in double precision."""
        self.kept = [None if s is None else s.detach().clone() for s in self.sources]
        weight, bias, mean, variance, scale, shift = (
            None if s is None else s.detach().double() for s in self.sources
        )
        assert weight is not None
        assert mean is not None
        assert variance is not None
        factor = (variance + self.eps).rsqrt()
        factor = factor if scale is None else factor * scale
        moved = -mean if bias is None else bias - mean
        moved = moved * factor if shift is None else moved * factor + shift
        wide = factor.reshape(-1, *(1,) * (weight.ndim - 1))
        like = self.sources[0]
        assert like is not None
        folded = nn.Parameter((weight * wide).to(like), requires_grad=False)
        self.weights = {False: folded}
        self.bias = nn.Parameter(moved.to(like), requires_grad=False)

    def lay(self, last: bool) -> None:
        """The weight in the memory format of the rows, which a convolution takes soonest."""
        last = last and self.weights[False].ndim in FORMATS
        own = self.convolution._parameters
        if self.apart:
            self.plain.lay(last)
            own["bias"] = cast("nn.Parameter | None", self.sources[1])
            return
        if last not in self.weights:
            form = FORMATS[self.weights[False].ndim]
            laid = self.weights[False].detach().contiguous(memory_format=form)
            self.weights[last] = nn.Parameter(laid, requires_grad=False)
        own["weight"], own["bias"] = self.weights[last], self.bias


class Folded:
    """The folded tree as a callable. Raises Doubt where a pass does not go as it was watched."""

    def __init__(self, plain: nn.Module, tree: nn.Module, pairs: Sequence[Pair]) -> None:
        self.tree = tree
        self._on_their_way: dict[int, _Joint] = {}
        self._joints = [self._joined(i, plain, pair) for i, pair in enumerate(pairs)]
        if any(pair.clamp is not None for pair in pairs):
            for module in tree.modules():
                if (clamp := clamp_of(module)) is not None:
                    module.forward = _clamping(self._on_their_way, clamp, module.forward)
        folded = {id(joint.convolution) for joint in self._joints}
        self._laid = [
            _Laid(module, cast(nn.Parameter, plain.get_submodule(name)._parameters["weight"]))
            for name, module in tree.named_modules()
            if id(module) not in folded and has_layouts(module)
        ]

    @property
    def useful(self) -> bool:
        """Whether it differs from the plain tree at all."""
        return bool(self._joints or self._laid)

    def run(self, args: tuple[Any, ...], apart: Collection[int] = ()) -> Any:
        """What the tree gives for `args`, with the joints of these numbers taken apart."""
        last = any(is_channels_last(argument) for argument in args)
        for single in self._laid:
            single.lay(last)
        self._on_their_way.clear()
        for joint in self._joints:
            joint.start(joint.number in apart)
            joint.lay(last)
        output = self.tree(*args)
        for joint in self._joints:
            if joint.made is not None:
                raise Doubt("A convolution's output did not reach its norm.", joint.number)
        return output

    def _joined(self, number: int, plain: nn.Module, pair: Pair) -> _Joint:
        convolution, norm = plain.get_submodule(pair.convolution), plain.get_submodule(pair.norm)
        ours, after_ours = map(self.tree.get_submodule, (pair.convolution, pair.norm))
        eps = norm.eps
        assert isinstance(eps, float)
        own, after, statistics = convolution._parameters, norm._parameters, norm._buffers
        sources = (
            own["weight"], own["bias"], statistics["running_mean"], statistics["running_var"],
            after["weight"], after["bias"],
        )  # fmt: skip
        laid = _Laid(ours, cast(nn.Parameter, own["weight"]))
        joint = _Joint(number, ours, sources, eps, laid, pair.clamp, pair.padded)
        joint.fold()
        ours.forward = _making(joint, ours.forward)
        after_ours.forward = _passing(joint, self._on_their_way, after_ours.forward)
        return joint

    def refresh(self) -> None:
        """Follow the user's weights, down to the bit."""
        for joint in self._joints:
            joint.plain.refresh()
            if joint.stale():
                joint.fold()
        for single in self._laid:
            single.refresh()


def has_layouts(module: nn.Module) -> bool:
    """Whether `module` is a convolution whose weight may be laid out anew."""
    if not isinstance(module, nn.Conv2d | nn.Conv3d):
        return False
    weight = module._parameters.get("weight")
    return weight is not None and weight.ndim in FORMATS


def _making(joint: _Joint, forward: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def convolve(*args: Any, **kwargs: Any) -> Tensor:
        if joint.apart:
            return forward(*args, **kwargs)
        if joint.made is not None:
            raise Doubt("A convolution ran twice before its norm did.", joint.number)
        if joint.clamp is None and not joint.padded:
            joint.made = forward(*args, **kwargs)
            return joint.made
        weight = cast(Tensor, joint.convolution.weight)
        with Joining(weight, joint.padded, joint.clamp) as joining:
            joint.made = forward(*args, **kwargs)
        if not joining.sound:
            raise Doubt("What a convolution pads was read by something else.", joint.number)
        joint.clamped = joining.clamped
        return joint.made

    return convolve


def _passing(
    joint: _Joint, on_their_way: dict[int, _Joint], forward: Callable[[Tensor], Tensor]
) -> Callable[[Tensor], Tensor]:
    def norm(input: Tensor) -> Tensor:
        if joint.apart:
            return forward(input)
        if input is not joint.made:
            raise Doubt("A norm reads another tensor than its convolution's.", joint.number)
        if joint.clamped:
            on_their_way[id(input)] = joint
        else:
            joint.made = None
        return input

    return norm


def _clamping(
    on_their_way: dict[int, _Joint], own: Clamp, forward: Callable[[Tensor], Tensor]
) -> Callable[[Tensor], Tensor]:
    def clamp(input: Tensor) -> Tensor:
        joint = on_their_way.pop(id(input), None)
        if joint is None or joint.made is not input:
            return forward(input)
        if joint.clamp != own:
            raise Doubt("Another clamp came after a norm than the one watched.", joint.number)
        joint.made = None
        return input

    return clamp


def _same(now: Tensor | None, then: Tensor | None) -> bool:
    if now is None or then is None:
        return now is then
    if now.shape != then.shape or now.dtype != then.dtype or now.device != then.device:
        return False
    return torch.equal(now, then) or bool(((now == then) | (now.isnan() & then.isnan())).all())
