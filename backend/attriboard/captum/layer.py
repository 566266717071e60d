"""The table, second part: attributions at a layer."""

from __future__ import annotations

from attriboard import engine
from attriboard.captum.arguments import (
    BASELINES,
    BATCH,
    CUSTOM,
    DELTA,
    DEVICES,
    EXTRA,
    FORWARD,
    GRAD_KWARGS,
    INPUTS,
    LAYER,
    LAYER_BASELINES,
    LAYER_MASK,
    MEMORY,
    MODEL,
    MULTIPLY,
    PER_EVAL,
    POOL,
    QUADRATURE,
    RELU,
    SAMPLES,
    STDEVS,
    STEPS,
    SUM_CHANNELS,
    TARGET,
    TO_LAYER_INPUT,
    VERBOSE,
)
from attriboard.captum.bases import (
    GradientAttribution,
    LayerAttribution,
    PerturbationAttribution,
)
from attriboard.captum.classes import made
from attriboard.captum.primary import LRP, DeepLift, DeepLiftShap, FeaturePermutation
from attriboard.captum.rows import Row

PATH = (INPUTS, BASELINES, TARGET, EXTRA, STEPS, QUADRATURE, BATCH)

LayerActivation = made(
    Row(
        name="LayerActivation",
        method=engine.LayerActivation,
        init=(FORWARD, LAYER, DEVICES),
        call=(INPUTS, EXTRA, TO_LAYER_INPUT),
        at="layer",
        multiplies=True,
    ),
    LayerAttribution,
)
LayerGradientXActivation = made(
    Row(
        name="LayerGradientXActivation",
        method=engine.LayerGradientXActivation,
        init=(FORWARD, LAYER, DEVICES, MULTIPLY, MEMORY),
        call=(INPUTS, TARGET, EXTRA, TO_LAYER_INPUT, GRAD_KWARGS),
        at="layer",
    ),
    LayerAttribution,
    GradientAttribution,
)
LayerConductance = made(
    Row(
        name="LayerConductance",
        method=engine.LayerConductance,
        init=(FORWARD, LAYER, DEVICES),
        call=(*PATH, DELTA, TO_LAYER_INPUT, GRAD_KWARGS),
        at="layer",
        multiplies=True,
    ),
    LayerAttribution,
    GradientAttribution,
)
InternalInfluence = made(
    Row(
        name="InternalInfluence",
        method=engine.InternalInfluence,
        init=(FORWARD, LAYER, DEVICES),
        call=(*PATH, TO_LAYER_INPUT, GRAD_KWARGS),
        at="layer",
    ),
    LayerAttribution,
    GradientAttribution,
)
LayerIntegratedGradients = made(
    Row(
        name="LayerIntegratedGradients",
        method=engine.IntegratedGradients,
        init=(FORWARD, LAYER, DEVICES, MULTIPLY),
        call=(*PATH, DELTA, TO_LAYER_INPUT, GRAD_KWARGS),
        at="layer",
    ),
    LayerAttribution,
    GradientAttribution,
)
LayerDeepLift = made(
    Row(
        name="LayerDeepLift",
        method=engine.DeepLift,
        init=(MODEL, LAYER, MULTIPLY),
        call=(INPUTS, BASELINES, TARGET, EXTRA, DELTA, TO_LAYER_INPUT, CUSTOM, GRAD_KWARGS),
        at="layer",
    ),
    LayerAttribution,
    DeepLift,
)
LayerDeepLiftShap = made(
    Row(
        name="LayerDeepLiftShap",
        method=engine.DeepLiftShap,
        init=(MODEL, LAYER, MULTIPLY),
        call=(INPUTS, POOL, TARGET, EXTRA, DELTA, TO_LAYER_INPUT, CUSTOM),
        at="layer",
    ),
    LayerDeepLift,
    DeepLiftShap,
)
LayerGradientShap = made(
    Row(
        name="LayerGradientShap",
        method=engine.GradientShap,
        init=(FORWARD, LAYER, DEVICES, MULTIPLY),
        call=(INPUTS, POOL, SAMPLES.by_default(5), STDEVS, TARGET, EXTRA, DELTA, TO_LAYER_INPUT),
        at="layer",
        random=True,
        note="The path runs in the layer's own space, so that attributions add up on average.",
    ),
    LayerAttribution,
    GradientAttribution,
)
LayerGradCam = made(
    Row(
        name="LayerGradCam",
        method=engine.GradCam,
        init=(FORWARD, LAYER, DEVICES),
        call=(INPUTS, TARGET, EXTRA, TO_LAYER_INPUT, RELU, SUM_CHANNELS, GRAD_KWARGS),
        at="layer",
    ),
    LayerAttribution,
    GradientAttribution,
)
LayerLRP = made(
    Row(
        name="LayerLRP",
        method=engine.LRP,
        init=(MODEL, LAYER),
        call=(INPUTS, TARGET, EXTRA, DELTA, TO_LAYER_INPUT, VERBOSE),
        at="layer",
        multiplies=True,
    ),
    LRP,
    LayerAttribution,
)
LayerFeatureAblation = made(
    Row(
        name="LayerFeatureAblation",
        method=engine.FeatureAblation,
        init=(FORWARD, LAYER, DEVICES),
        call=(INPUTS, LAYER_BASELINES, TARGET, EXTRA, LAYER_MASK, TO_LAYER_INPUT, PER_EVAL),
        at="layer",
        multiplies=True,
    ),
    LayerAttribution,
    PerturbationAttribution,
)
LayerFeaturePermutation = made(
    Row(
        name="LayerFeaturePermutation",
        method=engine.FeaturePermutation,
        init=(FORWARD, LAYER, DEVICES),
        call=(INPUTS, TARGET, EXTRA, LAYER_MASK, PER_EVAL),
        at="layer",
        multiplies=True,
        random=True,
    ),
    LayerAttribution,
    FeaturePermutation,
)
