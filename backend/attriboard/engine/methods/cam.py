"""Class activation maps: a layer's channels, weighted by what the score's gradient says there."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from attriboard.engine.errors import Unsupported
from attriboard.engine.methods.base import Method
from attriboard.engine.methods.gradient import at_point
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.sites import Layer, Neuron, observed
from attriboard.engine.tensors import Tensors


@dataclass(frozen=True)
class ChannelMap(Method):
    """What the maps share: (N, C, spatial) at a layer becomes (N, 1, spatial).

    Without places, (N, C) becomes (N, 1): what the channels add up to.

    With layout "tokens" the layer gives (N, L, D), as vision transformers do: the last dimension
    holds the channels, and the tokens that fill a square grid become (N, 1, side, side); leading
    ones, such as the class token, are left out.
    """

    family = "layer"
    uses_baseline = False
    places = ("layer",)

    relu_attributions: bool = param(False, "Keep only what speaks for the target.")
    sum_channels: bool = param(True, "One map; off keeps each channel's share apart.")
    layout: Literal["channels", "tokens"] = param(
        "channels", "Channels first (convolutions), or tokens with channels last (transformers)."
    )

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        assert layer is not None
        return replace(observed(self.reaching(probe), layer), finish=probe.finish)

    def __call__(self, probe: Probe) -> Tensors:
        read, gradients = at_point(probe)
        maps = []
        for a, g in zip(read, gradients, strict=True):
            if self.layout == "tokens":
                a, g = _grid(a), _grid(g)
            if a.ndim < 2:
                raise Unsupported(
                    f"{self.title} needs channels, but the layer gives one number a row: choose "
                    "a convolution."
                )
            bare = a.ndim == 2
            if bare:
                a, g = a[..., None], g[..., None]
            total = self.weights(a, g) * a
            total = total.sum(2, keepdim=True) if self.sum_channels else total
            total = total[..., 0] if bare else total
            maps.append(total.relu() if self.relu_attributions else total)
        return tuple(maps)

    @abstractmethod
    def weights(self, activations: Tensor, gradients: Tensor) -> Tensor:
        """Weights that broadcast over (T, N, C, spatial), from (N, C, ...) and (T, N, C, ...)."""


@dataclass(frozen=True)
class GradCam(ChannelMap):
    """Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391, equations 1 and 2."""

    title = "Grad-CAM"
    summary = "Where in a convolution the channels that matter for the target respond."
    formula = "sum_c mean_hw(df/da_c) * a_c"
    citation = "Selvaraju et al. 2017, arXiv:1610.02391"

    def weights(self, activations: Tensor, gradients: Tensor) -> Tensor:
        return gradients.mean(_places(gradients), keepdim=True)


@dataclass(frozen=True)
class GradCamPlusPlus(ChannelMap):
    """Chattopadhay et al. 2018, https://arxiv.org/abs/1710.11063, equations 5, 10 and 19."""

    title = "Grad-CAM++"
    summary = "Grad-CAM with places weighted too: better where an object appears several times."
    formula = "sum_c sum_hw(g^2 / (2 g^2 + g^3 sum_hw a_c)) relu(g) * a_c, g = df/da_c"
    citation = "Chattopadhay et al. 2018, arXiv:1710.11063"

    def weights(self, activations: Tensor, gradients: Tensor) -> Tensor:
        square = gradients.square()
        mass = activations.sum(_places(activations, batch=1), keepdim=True)
        below = 2 * square + square * gradients * mass
        alpha = torch.where(below != 0, square / torch.where(below != 0, below, 1), 0)
        return (alpha * gradients.relu()).sum(_places(gradients), keepdim=True)


@dataclass(frozen=True)
class LayerCam(ChannelMap):
    """Jiang et al. 2021, https://doi.org/10.1109/TIP.2021.3089943, equation 8."""

    title = "LayerCAM"
    summary = "Each place weighted by its own positive gradient: sharp also in early layers."
    formula = "sum_c relu(df/da_c) * a_c"
    citation = "Jiang et al. 2021, doi:10.1109/TIP.2021.3089943"

    def weights(self, activations: Tensor, gradients: Tensor) -> Tensor:
        return gradients.relu()


def _places(tensor: Tensor, batch: int = 2) -> tuple[int, ...]:
    """The spatial dimensions after `batch` leading ones and the channels."""
    return tuple(range(batch + 1, tensor.ndim))


def _grid(tensor: Tensor) -> Tensor:
    """(..., L, D) -> (..., D, side, side), leaving out leading tokens beyond the square."""
    if tensor.ndim < 3:
        raise Unsupported("The layer gives no tokens: choose one with (tokens, channels) a row.")
    side = math.isqrt(tensor.shape[-2])
    tokens = tensor[..., tensor.shape[-2] - side * side :, :]
    channels = tokens.transpose(-1, -2)
    return channels.reshape(*channels.shape[:-1], side, side)
