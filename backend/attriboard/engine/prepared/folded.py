"""A tree whose convolutions have the norm after them in their own weights, laid out as rows are.

Padding before it and a ReLU after the norm are part of the convolution as well, where it can.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, cast

from torch import nn

from attriboard.engine.prepared.halts import Doubt
from attriboard.engine.prepared.joined import clamp_of, may_fuse
from attriboard.engine.prepared.joints import Joint, Laid, clamping
from attriboard.engine.prepared.layout import FORMATS, is_channels_last
from attriboard.engine.prepared.stepped import stepped
from attriboard.engine.prepared.watch import Pair


class Folded:
    """The folded tree as a callable. Raises Doubt where a pass does not go as it was watched."""

    def __init__(self, plain: nn.Module, tree: nn.Module, pairs: Sequence[Pair]) -> None:
        self.tree = tree
        self._on_their_way: dict[int, Joint] = {}
        self._joints = [self._joined(i, plain, pair) for i, pair in enumerate(pairs)]
        if any(pair.clamp is not None for pair in pairs):
            for module in tree.modules():
                if (clamp := clamp_of(module)) is not None:
                    module.forward = clamping(self._on_their_way, clamp, module.forward)
        folded = {id(joint.convolution) for joint in self._joints}
        self._laid = [
            Laid(module, cast(nn.Parameter, plain.get_submodule(name)._parameters["weight"]))
            for name, module in tree.named_modules()
            if id(module) not in folded and has_layouts(module)
        ]
        for single in self._laid:
            single.convolution.forward = partial(single.convolved, stepped(single.convolution))

    @property
    def useful(self) -> bool:
        """Whether it differs from the plain tree at all."""
        return bool(self._joints or self._laid)

    def run(self, args: tuple[Any, ...], apart: Collection[int] = ()) -> Any:
        """What the tree gives for `args`, with the joints of these numbers taken apart."""
        last = any(is_channels_last(argument) for argument in args)
        fuses = may_fuse(args)
        for single in self._laid:
            single.lay(last, fuses)
        self._on_their_way.clear()
        for joint in self._joints:
            joint.start(joint.number in apart, fuses, last)
        output = self.tree(*args)
        for joint in self._joints:
            if joint.made is not None:
                raise Doubt("A convolution's output did not reach its norm.", joint.number)
        return output

    def refresh(self) -> None:
        """Follow the user's weights, down to the bit."""
        for joint in self._joints:
            joint.plain.refresh()
            if joint.stale():
                joint.fold()
        for single in self._laid:
            single.refresh()

    def _joined(self, number: int, plain: nn.Module, pair: Pair) -> Joint:
        convolution, norm = plain.get_submodule(pair.convolution), plain.get_submodule(pair.norm)
        ours, after_ours = map(self.tree.get_submodule, (pair.convolution, pair.norm))
        eps = norm.eps
        assert isinstance(eps, float)
        own, after, statistics = convolution._parameters, norm._parameters, norm._buffers
        sources = (
            own["weight"], own["bias"], statistics["running_mean"], statistics["running_var"],
            after["weight"], after["bias"],
        )  # fmt: skip
        laid = Laid(ours, cast(nn.Parameter, own["weight"]))
        joint = Joint(number, ours, sources, eps, laid, pair.clamp, pair.padded, self._on_their_way)
        usual = ours.forward if pair.padded else stepped(ours)
        ours.forward = partial(joint.convolved, usual)
        after_ours.forward = partial(joint.normed, after_ours.forward)
        return joint


def has_layouts(module: nn.Module) -> bool:
    """Whether `module` is a convolution whose weight may be laid out anew."""
    if not isinstance(module, nn.Conv2d | nn.Conv3d):
        return False
    weight = module._parameters.get("weight")
    return weight is not None and weight.ndim in FORMATS
