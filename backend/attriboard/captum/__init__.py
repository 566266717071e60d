"""Captum's names and arguments over AttriBoard's engine.

Existing code runs after one changed import: `from attriboard.captum import IntegratedGradients`.
Everything here is made from one table (primary, layer, neuron): a row names the engine's method,
where its attributions live and its arguments. What differs is told in docs/coming-from-captum.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attriboard.captum.bases import (
    Attribution,
    GradientAttribution,
    InternalAttribution,
    LayerAttribution,
    NeuronAttribution,
    PerturbationAttribution,
)
from attriboard.captum.layer import (
    InternalInfluence,
    LayerActivation,
    LayerConductance,
    LayerDeepLift,
    LayerDeepLiftShap,
    LayerFeatureAblation,
    LayerFeaturePermutation,
    LayerGradCam,
    LayerGradientShap,
    LayerGradientXActivation,
    LayerIntegratedGradients,
    LayerLRP,
)
from attriboard.captum.metrics import (
    infidelity,
    infidelity_perturb_func_decorator,
    sensitivity_max,
)
from attriboard.captum.neuron import (
    NeuronConductance,
    NeuronDeconvolution,
    NeuronDeepLift,
    NeuronDeepLiftShap,
    NeuronFeatureAblation,
    NeuronGradient,
    NeuronGradientShap,
    NeuronGuidedBackprop,
    NeuronIntegratedGradients,
)
from attriboard.captum.noise_tunnel import NoiseTunnel
from attriboard.captum.primary import (
    LRP,
    Deconvolution,
    DeepLift,
    DeepLiftShap,
    FeatureAblation,
    FeaturePermutation,
    GradientShap,
    GuidedBackprop,
    GuidedGradCam,
    InputXGradient,
    IntegratedGradients,
    KernelShap,
    Lime,
    Occlusion,
    Saliency,
    ShapleyValues,
    ShapleyValueSampling,
)
from attriboard.captum.relevance import (
    Alpha1_Beta0_Rule,
    EpsilonRule,
    GammaRule,
    IdentityRule,
    PropagationRule,
)
from attriboard.captum.surrogates import (
    SkLearnLasso,
    SkLearnLinearRegression,
    SkLearnRidge,
    get_exp_kernel_similarity_function,
)
from attriboard.captum.tokens import TextTokenInput, TokenReferenceBase

if TYPE_CHECKING:
    from attriboard.captum.insights import (
        AttributionVisualizer,
        BaseFeature,
        Batch,
        EmptyFeature,
        GeneralFeature,
        ImageFeature,
        TextFeature,
    )

INSIGHTS = frozenset(
    {
        "AttributionVisualizer",
        "BaseFeature",
        "Batch",
        "EmptyFeature",
        "GeneralFeature",
        "ImageFeature",
        "TextFeature",
    }
)


def __getattr__(name: str) -> Any:
    """Insights' names bring the dashboard with them, so they are loaded when first asked for."""
    if name in INSIGHTS:
        from attriboard.captum import insights

        return getattr(insights, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "LRP",
    "Alpha1_Beta0_Rule",
    "Attribution",
    "AttributionVisualizer",
    "BaseFeature",
    "Batch",
    "Deconvolution",
    "DeepLift",
    "DeepLiftShap",
    "EmptyFeature",
    "EpsilonRule",
    "FeatureAblation",
    "FeaturePermutation",
    "GammaRule",
    "GeneralFeature",
    "GradientAttribution",
    "GradientShap",
    "GuidedBackprop",
    "GuidedGradCam",
    "IdentityRule",
    "ImageFeature",
    "InputXGradient",
    "IntegratedGradients",
    "InternalAttribution",
    "InternalInfluence",
    "KernelShap",
    "LayerActivation",
    "LayerAttribution",
    "LayerConductance",
    "LayerDeepLift",
    "LayerDeepLiftShap",
    "LayerFeatureAblation",
    "LayerFeaturePermutation",
    "LayerGradCam",
    "LayerGradientShap",
    "LayerGradientXActivation",
    "LayerIntegratedGradients",
    "LayerLRP",
    "Lime",
    "NeuronAttribution",
    "NeuronConductance",
    "NeuronDeconvolution",
    "NeuronDeepLift",
    "NeuronDeepLiftShap",
    "NeuronFeatureAblation",
    "NeuronGradient",
    "NeuronGradientShap",
    "NeuronGuidedBackprop",
    "NeuronIntegratedGradients",
    "NoiseTunnel",
    "Occlusion",
    "PerturbationAttribution",
    "PropagationRule",
    "Saliency",
    "ShapleyValueSampling",
    "ShapleyValues",
    "SkLearnLasso",
    "SkLearnLinearRegression",
    "SkLearnRidge",
    "TextFeature",
    "TextTokenInput",
    "TokenReferenceBase",
    "get_exp_kernel_similarity_function",
    "infidelity",
    "infidelity_perturb_func_decorator",
    "sensitivity_max",
]
