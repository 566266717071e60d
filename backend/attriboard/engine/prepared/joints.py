"""A convolution, what pads its rows, the norm after it and the ReLU after that, as one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from torch import Tensor, nn

from attriboard.engine.prepared.geometry import Geometry, geometry_of, is_torchs
from attriboard.engine.prepared.halts import Doubt
from attriboard.engine.prepared.imprint import Imprint
from attriboard.engine.prepared.joined import Clamp, Joining, Weights, fused
from attriboard.engine.prepared.layout import FORMATS

Forward = Callable[..., Tensor]


@dataclass
class Laid:
    """One convolution with its plain weight, kept channels last too.

    now: what it runs with in this pass, if oneDNN may be asked for it.
    """

    convolution: nn.Module
    plain: nn.Parameter
    last: Weights | None = None
    held: Imprint | None = None
    now: Weights | None = None
    _packs: bool = False

    def __post_init__(self) -> None:
        self._usual = geometry_of(self.convolution) is not None

    def refresh(self) -> None:
        """Forget a copy that no longer holds the user's bits."""
        if self.held is not None and not self.held.holds():
            self.last = self.held = None
            self._packs = False

    def lay(self, last: bool, may_fuse: bool = False) -> None:
        """The weight in the memory format of the rows; as the user has it where that is usual."""
        packs = may_fuse and self._usual
        if last and (self.last is None or packs > self._packs):
            self.held = self.held or Imprint([self.plain])  # first: training may go on meanwhile
            laid = _laid(self.plain) if self.last is None else self.last.plain
            self.last, self._packs = Weights(laid, None).laid(laid, self.convolution, packs), packs
        now = self.last.plain if last and self.last is not None else self.plain
        self.convolution._parameters["weight"] = cast(nn.Parameter, now)
        self.now = self.last if last and packs else None

    def convolved(self, forward: Forward, *args: Any, **kwargs: Any) -> Tensor:
        """What runs in place of the convolution, whose own pass is `forward`."""
        made = None
        if self.now is not None and len(args) == 1:
            bias = cast("Tensor | None", self.convolution.bias)  # which a pass may have made
            made = _fused(self.convolution, args[0], replace(self.now, bias=bias), None)
        return forward(*args, **kwargs) if made is None else made


@dataclass
class Joint:
    """One convolution with its norm folded in, watched in every pass.

    sources: convolution weight and bias, running mean and variance, norm weight and bias, as the
    plain tree has them; held: what was in them when they were folded. clamp: the ReLU after the
    norm, if any. padded: whether the convolution pads what it reads. on_their_way: the joints
    whose clamped output has passed its norm, by its id; all joints share it.
    made: what is on its way from the convolution to the norm, or to the clamp, which nobody may
    write into: `version` tells. (That something else reads it, only a watched pass tells.)
    fuses: whether oneDNN may be asked for the convolution in this pass; clamps: for the clamp too.
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
    held: Imprint | None = None
    weights: dict[bool, Weights] = field(default_factory=dict)
    now: Weights | None = None
    made: Tensor | None = None
    version: int = 0
    fuses: bool = False
    clamps: bool = False
    apart: bool = False

    def __post_init__(self) -> None:
        self._usual = geometry_of(self.convolution) is not None
        self.fold()

    def start(self, apart: bool, may_fuse: bool, last: bool) -> None:
        """Before a pass: nothing is on its way, and the weights lie as the rows do."""
        self.made, self.apart, self.fuses = None, apart, may_fuse
        self.clamps = may_fuse and self.clamp is not None
        self._lay(last)

    def stale(self) -> bool:
        """Whether the user's weights hold other bits than those folded."""
        return self.held is None or not self.held.holds()

    def fold(self) -> None:
        """Take the weights over as they are now, computed in double precision."""
        self.held = Imprint(self.sources)
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
        self._packs = False

    def convolved(self, forward: Forward, *args: Any, **kwargs: Any) -> Tensor:
        """What runs in place of the convolution, whose own pass is `forward`."""
        if self.apart:
            return self.plain.convolved(forward, *args, **kwargs)
        if self.made is not None:
            raise Doubt("A convolution ran twice before its norm did.", self.number)
        made = None
        if not self._usual and (self.padded or self.fuses):
            made = self._joined(forward, *args, **kwargs)
        elif self.fuses and len(args) == 1 and self.now is not None:
            clamp = self.clamp if self.clamps else None
            made = _fused(self.convolution, args[0], self.now, clamp)
        if made is None:
            made, self.clamps = forward(*args, **kwargs), False
        self.made = made
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

    def _joined(self, forward: Forward, *args: Any, **kwargs: Any) -> Tensor:
        assert self.now is not None
        clamp = self.clamp if self.clamps else None
        with Joining(self.now, self.padded, self.fuses, clamp) as joining:
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
            self.plain.lay(last, self.fuses)
            own["bias"] = cast("nn.Parameter | None", self.sources[1])
            return
        if last not in self.weights or (last and self.fuses > self._packs):
            laid = self.weights[last].plain if last in self.weights else _laid(usual.plain)
            self.weights[last] = usual.laid(laid, self.convolution, self.fuses)
            self._packs = self.fuses
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


def _fused(
    convolution: nn.Module, input: Tensor, weights: Weights, clamp: Clamp | None
) -> Tensor | None:
    """What oneDNN makes of `input`; None where the convolution has to run as it does itself."""
    own = convolution
    if own.weight is not weights.plain or own.bias is not weights.bias:
        return None
    if not is_torchs(type(own)) or not weights.take(input, clamp):
        return None
    # A model may set the padding by what it reads.
    how = Geometry.of(own.stride, own.padding, own.dilation, own.groups)  # type: ignore[arg-type]
    return None if how is None else fused(input, weights, how, clamp)


def _laid(weight: Tensor) -> nn.Parameter:
    return _fixed(weight.detach().contiguous(memory_format=FORMATS[weight.ndim]))


def _fixed(tensor: Tensor) -> nn.Parameter:
    return nn.Parameter(tensor, requires_grad=False)
