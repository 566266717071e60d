"""Gradients under a changed rule for the rectifier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor

from attriboard.engine.errors import Unsupported
from attriboard.engine.methods.base import Method, Place
from attriboard.engine.methods.cam import GradCam
from attriboard.engine.methods.gradient import at_point
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.rules.relu import Backward, ReluRules, deconvolution, guided
from attriboard.engine.sites import Layer, Neuron, observed
from attriboard.engine.tensors import Tensors


@dataclass(frozen=True)
class GuidedBackprop(Method):
    """Springenberg et al. 2014, https://arxiv.org/abs/1412.6806, section 3.4."""

    title = "Guided backprop"
    family = "rules"
    summary = "The gradient with every rectifier passing on only what is positive."
    formula = "df/dx, with relu' g replaced by [y > 0] relu(g)"
    citation = "Springenberg et al. 2014, arXiv:1412.6806"
    uses_baseline = False

    def __call__(self, probe: Probe) -> Tensors:
        return _under(probe, guided)


@dataclass(frozen=True)
class Deconvolution(Method):
    """Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901, section 2.1."""

    title = "Deconvolution"
    family = "rules"
    summary = "The gradient with every rectifier applied to the gradient, not to the input."
    formula = "df/dx, with relu' g replaced by relu(g)"
    citation = "Zeiler and Fergus 2013, arXiv:1311.2901"
    uses_baseline = False

    def __call__(self, probe: Probe) -> Tensors:
        return _under(probe, deconvolution)


@dataclass(frozen=True)
class GuidedGradCam(Method):
    """Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391, section 3.2.

    The layer says where, guided backprop says which pixels; attributions are at the inputs.
    Inputs without two or three spatial dimensions cannot be laid over the map and give zeros
    with a warning.
    """

    title = "Guided Grad-CAM"
    family = "rules"
    summary = "Guided backprop at the inputs, masked by where Grad-CAM finds the target."
    formula = "guided(x) * upsampled relu(Grad-CAM)"
    citation = "Selvaraju et al. 2017, arXiv:1610.02391"
    uses_baseline = False
    places: ClassVar[tuple[Place, ...]] = ("layer",)
    at_inputs = True

    interpolate_mode: str = param("nearest", "How the map is enlarged to the input.")

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        assert layer is not None
        return observed(self.reaching(probe), layer)

    def __call__(self, probe: Probe) -> Tensors:
        cam = GradCam(relu_attributions=True)(probe)[0]
        pixels = _under(replace(probe, site=None), guided)
        return tuple(self._masked(probe, p, cam) for p in pixels)

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return 2

    def _masked(self, probe: Probe, pixels: Tensor, cam: Tensor) -> Tensor:
        """(T, N, ...) pixels times the map (T, N, 1, spatial), enlarged."""
        if pixels.ndim != cam.ndim:
            probe.run.warn(
                f"Guided Grad-CAM: an input of shape {tuple(pixels.shape[2:])} has no places to "
                f"lay the layer's map of shape {tuple(cam.shape[3:])} over, and gets zeros."
            )
            return pixels.new_zeros(pixels.shape)
        size = pixels.shape[3:]
        large = F.interpolate(cam.flatten(0, 1), size=size, mode=self.interpolate_mode)
        return pixels * large.reshape(*pixels.shape[:2], *large.shape[1:])


def _under(probe: Probe, backward: Backward) -> Tensors:
    """Gradients with every rectifier's backward pass replaced; raises where there is none."""
    counts: list[int] = []
    _, gradients = at_point(replace(probe, rules=ReluRules(backward, counts.append)))
    if counts and not any(counts):
        raise Unsupported(
            "The model calls no ReLU that can be seen, so the rule would change nothing and the "
            "result would be the plain gradient: use Saliency."
        )
    return gradients
