"""The table, first part: attributions at the inputs, of the model's output."""

from __future__ import annotations

from attriboard import engine
from attriboard.captum.arguments import (
    ABS,
    BASELINES,
    BATCH,
    CUSTOM,
    DELTA,
    DEVICES,
    EPS,
    EXTRA,
    FORWARD,
    INPUT_SHAPE,
    INPUTS,
    INTERPOLATE,
    LAYER,
    MASK,
    MODEL,
    MULTIPLY,
    PER_EVAL,
    PERMUTE,
    PERTURB,
    POOL,
    PROGRESS,
    QUADRATURE,
    SAMPLES,
    SIMILARITY,
    STDEVS,
    STEPS,
    STRIDES,
    SURROGATE,
    TARGET,
    TO_LAYER_INPUT,
    VERBOSE,
    WINDOWS,
)
from attriboard.captum.bases import (
    GradientAttribution,
    PerturbationAttribution,
    RelevanceAttribution,
)
from attriboard.captum.classes import made
from attriboard.captum.rows import Row

DRAWS = SAMPLES.by_default(25)

IntegratedGradients = made(
    Row(
        name="IntegratedGradients",
        method=engine.IntegratedGradients,
        init=(FORWARD, MULTIPLY),
        call=(INPUTS, BASELINES, TARGET, EXTRA, STEPS, QUADRATURE, BATCH, DELTA),
        note="The trapezoid's weights sum to one; Captum's to (n - 1) / n.",
    ),
    GradientAttribution,
)
Saliency = made(
    Row(
        name="Saliency",
        method=engine.Saliency,
        init=(FORWARD,),
        call=(INPUTS, TARGET, ABS, EXTRA),
    ),
    GradientAttribution,
)
InputXGradient = made(
    Row(
        name="InputXGradient",
        method=engine.InputXGradient,
        init=(FORWARD,),
        call=(INPUTS, TARGET, EXTRA),
        multiplies=True,
    ),
    GradientAttribution,
)
DeepLift = made(
    Row(
        name="DeepLift",
        method=engine.DeepLift,
        init=(MODEL, MULTIPLY, EPS),
        call=(INPUTS, BASELINES, TARGET, EXTRA, DELTA, CUSTOM),
        note="Adds up on functional calls, modules used twice, softmax and overlapping pools too.",
    ),
    GradientAttribution,
)
DeepLiftShap = made(
    Row(
        name="DeepLiftShap",
        method=engine.DeepLiftShap,
        init=(MODEL, MULTIPLY),
        call=(INPUTS, POOL, TARGET, EXTRA, DELTA, CUSTOM),
        note="The delta is one number per example: the mean of Captum's over the baselines.",
    ),
    DeepLift,
)
GradientShap = made(
    Row(
        name="GradientShap",
        method=engine.GradientShap,
        init=(FORWARD, MULTIPLY),
        call=(INPUTS, POOL, SAMPLES.by_default(5), STDEVS, TARGET, EXTRA, DELTA),
        random=True,
        note="Baselines are drawn jointly for all inputs; the delta is one number per example.",
    ),
    GradientAttribution,
)
GuidedBackprop = made(
    Row(
        name="GuidedBackprop",
        method=engine.GuidedBackprop,
        init=(MODEL,),
        call=(INPUTS, TARGET, EXTRA),
        note="Every ReLU follows the rule, functional and in-place calls included.",
    ),
    GradientAttribution,
)
Deconvolution = made(
    Row(
        name="Deconvolution",
        method=engine.Deconvolution,
        init=(MODEL,),
        call=(INPUTS, TARGET, EXTRA),
        note="Every ReLU follows the rule, functional and in-place calls included.",
    ),
    GradientAttribution,
)
GuidedGradCam = made(
    Row(
        name="GuidedGradCam",
        method=engine.GuidedGradCam,
        init=(MODEL, LAYER, DEVICES),
        call=(INPUTS, TARGET, EXTRA, INTERPOLATE, TO_LAYER_INPUT),
        note="An input the layer's map cannot be laid over gets zeros and a warning.",
    ),
    GradientAttribution,
)
LRP = made(
    Row(
        name="LRP",
        method=engine.LRP,
        init=(MODEL,),
        call=(INPUTS, TARGET, EXTRA, DELTA, VERBOSE),
        multiplies=True,
        note="Rules set as `module.rule` are read, and stay there.",
    ),
    RelevanceAttribution,
)
FeatureAblation = made(
    Row(
        name="FeatureAblation",
        method=engine.FeatureAblation,
        init=(FORWARD,),
        call=(INPUTS, BASELINES, TARGET, EXTRA, MASK, PER_EVAL, PROGRESS),
        multiplies=True,
    ),
    PerturbationAttribution,
)
Occlusion = made(
    Row(
        name="Occlusion",
        method=engine.Occlusion,
        init=(FORWARD,),
        call=(INPUTS, WINDOWS, STRIDES, BASELINES, TARGET, EXTRA, PER_EVAL, PROGRESS),
        multiplies=True,
    ),
    FeatureAblation,
)
FeaturePermutation = made(
    Row(
        name="FeaturePermutation",
        method=engine.FeaturePermutation,
        init=(FORWARD, PERMUTE),
        call=(INPUTS, TARGET, EXTRA, MASK, PER_EVAL, PROGRESS),
        multiplies=True,
        random=True,
        note="A feature that spans inputs is shuffled in one order through all of them.",
    ),
    FeatureAblation,
)
ShapleyValueSampling = made(
    Row(
        name="ShapleyValueSampling",
        method=engine.ShapleyValueSampling,
        init=(FORWARD,),
        call=(INPUTS, BASELINES, TARGET, EXTRA, MASK, DRAWS, PER_EVAL, PROGRESS),
        multiplies=True,
        random=True,
    ),
    PerturbationAttribution,
)
ShapleyValues = made(
    Row(
        name="ShapleyValues",
        method=engine.ShapleyValues,
        init=(FORWARD,),
        call=(INPUTS, BASELINES, TARGET, EXTRA, MASK, PER_EVAL, PROGRESS),
        multiplies=True,
        note="From 2^G coalitions, not G! orders.",
    ),
    ShapleyValueSampling,
)
Lime = made(
    Row(
        name="Lime",
        method=engine.Lime,
        init=(FORWARD, SURROGATE, SIMILARITY, PERTURB),
        call=(
            INPUTS,
            BASELINES,
            TARGET,
            EXTRA,
            MASK,
            DRAWS,
            PER_EVAL,
            INPUT_SHAPE,
            PROGRESS,
        ),
        random=True,
        note="All examples share their coalitions.",
    ),
    PerturbationAttribution,
)
KernelShap = made(
    Row(
        name="KernelShap",
        method=engine.KernelShap,
        init=(FORWARD,),
        call=(
            INPUTS,
            BASELINES,
            TARGET,
            EXTRA,
            MASK,
            DRAWS,
            PER_EVAL,
            INPUT_SHAPE,
            PROGRESS,
        ),
        random=True,
        note="Exact where all coalitions are few enough; fewer samples than features are refused.",
    ),
    Lime,
)
