"""Every attribution algorithm, one family a file. `METHODS` is the whole list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attriboard.engine.errors import InvalidInput
from attriboard.engine.methods.ablation import FeatureAblation, Occlusion
from attriboard.engine.methods.attention import AttentionRollout, AttentionXGradient
from attriboard.engine.methods.base import Method, build, params, schema
from attriboard.engine.methods.cam import GradCam, GradCamPlusPlus, LayerCam
from attriboard.engine.methods.deep_lift import DeepLift, DeepLiftShap
from attriboard.engine.methods.expected import GradientShap
from attriboard.engine.methods.gradient import InputXGradient, IntegratedGradients, Saliency
from attriboard.engine.methods.guided import Deconvolution, GuidedBackprop, GuidedGradCam
from attriboard.engine.methods.idgi import Idgi
from attriboard.engine.methods.layers import (
    InternalInfluence,
    LayerActivation,
    LayerConductance,
    LayerGradientXActivation,
    NeuronConductance,
)
from attriboard.engine.methods.lrp import LRP
from attriboard.engine.methods.permutation import FeaturePermutation
from attriboard.engine.methods.rise import Rise
from attriboard.engine.methods.shapley import ShapleyValues, ShapleyValueSampling
from attriboard.engine.methods.smoothing import SmoothGrad, SmoothGradSquare, VarGrad
from attriboard.engine.methods.surrogate import KernelShap, Lime

METHODS: dict[str, type[Method]] = {
    method.__name__: method
    for method in (
        Saliency,
        InputXGradient,
        IntegratedGradients,
        Idgi,
        GradientShap,
        DeepLift,
        DeepLiftShap,
        LRP,
        SmoothGrad,
        SmoothGradSquare,
        VarGrad,
        FeatureAblation,
        Occlusion,
        FeaturePermutation,
        ShapleyValues,
        ShapleyValueSampling,
        KernelShap,
        Lime,
        Rise,
        GuidedBackprop,
        Deconvolution,
        GuidedGradCam,
        GradCam,
        GradCamPlusPlus,
        LayerCam,
        LayerActivation,
        LayerGradientXActivation,
        InternalInfluence,
        LayerConductance,
        NeuronConductance,
        AttentionRollout,
        AttentionXGradient,
    )
}


def make(id: str, params: Mapping[str, Any] | None = None) -> Method:
    """The method called `id` with JSON parameters `params`.

    Raises InvalidInput for an unknown method, an unknown parameter, or a value out of range.
    """
    if id not in METHODS:
        raise InvalidInput(
            f"There is no method {id!r}. There are: {', '.join(METHODS)}.", "method.id"
        )
    given = {name: _nested(value) for name, value in (params or {}).items()}
    return build(METHODS[id], given)


def _nested(value: Any) -> Any:
    """A method within a method's parameters, which JSON carries as {id, params}."""
    if isinstance(value, Mapping) and "id" in value:
        return make(str(value["id"]), value.get("params"))
    return value


__all__ = [
    "LRP",
    "METHODS",
    "AttentionRollout",
    "AttentionXGradient",
    "Deconvolution",
    "DeepLift",
    "DeepLiftShap",
    "FeatureAblation",
    "FeaturePermutation",
    "GradCam",
    "GradCamPlusPlus",
    "GradientShap",
    "GuidedBackprop",
    "GuidedGradCam",
    "Idgi",
    "InputXGradient",
    "IntegratedGradients",
    "InternalInfluence",
    "KernelShap",
    "LayerActivation",
    "LayerCam",
    "LayerConductance",
    "LayerGradientXActivation",
    "Lime",
    "Method",
    "NeuronConductance",
    "Occlusion",
    "Rise",
    "Saliency",
    "ShapleyValueSampling",
    "ShapleyValues",
    "SmoothGrad",
    "SmoothGradSquare",
    "VarGrad",
    "make",
    "params",
    "schema",
]
