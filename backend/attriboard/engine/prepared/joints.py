"""A convolution, what pads its rows, the norm after it and the ReLU after that, as one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from attriboard.engine.prepared.geometry import Geometry, geometry_of
from attriboard.engine.prepared.halts import Doubt
from attriboard.engine.prepared.joined import Clamp, Joining, Weights, clamped, packed
from attriboard.engine.prepared.layout import FORMATS

Forward = Callable[..., Tensor]


@dataclass
class Laid:
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
            self.last = _laid(self.plain)
        self.convolution._parameters["weight"] = self.last if last else self.plain


@dataclass
class Joint:
    """One convolution with its norm folded in, watched in every pass.

    sources: convolution weight and bias, running mean and variance, norm weight and bias, as the
    plain tree has them; kept: what they held when they were folded. clamp: the ReLU after the
    norm, if any. padded: whether the convolution pads what it reads. on_their_way: the joints
    whose clamped output has passed its norm, by its id; all joints share it.
    made: what is on its way from the convolution to the norm, or to the clamp, which nobody may
    write into: `version` tells. (That something else reads it, only a watched pass tells.)
    clamps: whether the clamp is left to the convolution in this pass.
    apart: all run one after the other as the user has them, since something between is read.
    """

    number: int
    convolution: nn.Module
    sources: tuple[Tensor | None, ...]
    eps: float
    plain: Laid
    clamp: Clamp | None
    padded: bool
    on_their_way: dict[int, Joint]
    kept: list[Tensor | None] = field(default_factory=list)
    weights: dict[bool, Weights] = field(default_factory=dict)
    now: Weights | None = None
    made: Tensor | None = None
    version: int = 0
    clamps: bool = False
    apart: bool = False

    def __post_init__(self) -> None:
        self._usual = geometry_of(self.convolution) is not None
        self.fold()

    def start(self, apart: bool, may_clamp: bool, last: bool) -> None:
        """Before a pass: nothing is on its way, and the weights lie as the rows do."""
        self.made, self.apart = None, apart
        self.clamps = may_clamp and self.clamp is not None
        self._lay(last)

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
        folded, bias = _fixed((weight * wide).to(like)), _fixed(moved.to(like))
        finite = bool((folded.sum() + bias.sum()).isfinite())
        self.weights = {False: Weights(folded, bias, finite=finite)}

    def convolved(self, forward: Forward, *args: Any, **kwargs: Any) -> Tensor:
        """What runs in place of the convolution, whose own pass is `forward`."""
        if self.apart:
            return forward(*args, **kwargs)
        if self.made is not None:
            raise Doubt("A convolution ran twice before its norm did.", self.number)
        if not self.clamps and not self.padded:
            self.made = forward(*args, **kwargs)
        elif self.clamps and self._usual and len(args) == 1 and (how := self._geometry):
            self.made = self._clamped(forward, args[0], how)
        else:
            self.made = self._joined(forward, *args, **kwargs)
        self.version = self.made._version
        return self.made

    def normed(self, forward: Forward, input: Tensor) -> Tensor:
        """What runs in place of the norm."""
        if self.apart:
            return forward(input)
        if input is not self.made or input._version != self.version:
            raise Doubt("A norm reads another tensor than its convolution's.", self.number)
        if self.clamps:
            self.on_their_way[id(input)] = self
        else:
            self.made = None
        return input

    @property
    def _geometry(self) -> Geometry | None:
        """How it convolves in this pass: a model may set the padding by what it reads."""
        own = self.convolution
        return Geometry.of(own.stride, own.padding, own.dilation, own.groups)  # type: ignore[arg-type]

    def _clamped(self, forward: Forward, input: Tensor, geometry: Geometry) -> Tensor:
        assert self.now is not None
        assert self.clamp is not None
        self.clamps = self.now.take(input)
        return clamped(input, self.now, geometry, self.clamp) if self.clamps else forward(input)

    def _joined(self, forward: Forward, *args: Any, **kwargs: Any) -> Tensor:
        assert self.now is not None
        with Joining(self.now, self.padded, self.clamp if self.clamps else None) as joining:
            made = forward(*args, **kwargs)
        if not joining.sound:
            raise Doubt("What a convolution pads was read by something else.", self.number)
        self.clamps = joining.clamped
        return made

    def _lay(self, last: bool) -> None:
        """The weight in the memory format of the rows, which a convolution takes soonest."""
        own, usual = self.convolution._parameters, self.weights[False]
        last = last and usual.plain.ndim in FORMATS
        if self.apart:
            self.plain.lay(last)
            own["bias"] = cast("nn.Parameter | None", self.sources[1])
            return
        if last not in self.weights:
            laid = _laid(usual.plain)
            pack = packed(laid, self.convolution) if self.clamps else None
            groups = getattr(self.convolution, "groups", 1)
            self.weights[last] = replace(usual, plain=laid, packed=pack, groups=groups)
        self.now = self.weights[last]
        own["weight"] = cast(nn.Parameter, self.now.plain)
        own["bias"] = cast("nn.Parameter | None", self.now.bias)


def clamping(on_their_way: dict[int, Joint], own: Clamp, forward: Forward) -> Forward:
    """A clamp's pass that leaves alone what a convolution clamped already."""

    def clamp(input: Tensor) -> Tensor:
        joint = on_their_way.pop(id(input), None)
        if joint is None or joint.made is not input:
            return forward(input)
        if joint.clamp != own or input._version != joint.version:
            raise Doubt("Another clamp came after a norm than the one watched.", joint.number)
        joint.made = None
        return input

    return clamp


def _laid(weight: Tensor) -> nn.Parameter:
    return _fixed(weight.detach().contiguous(memory_format=FORMATS[weight.ndim]))


def _fixed(tensor: Tensor) -> nn.Parameter:
    return nn.Parameter(tensor, requires_grad=False)


def _same(now: Tensor | None, then: Tensor | None) -> bool:
    if now is None or then is None:
        return now is then
    if now.shape != then.shape or now.dtype != then.dtype or now.device != then.device:
        return False
    return torch.equal(now, then) or bool(((now == then) | (now.isnan() & then.isnan())).all())
