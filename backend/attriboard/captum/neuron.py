"""The table, third part: attributions at the inputs, of one unit of a layer."""

from __future__ import annotations

from attriboard import engine
from attriboard.captum.arguments import (
    BASELINES,
    BATCH,
    CUSTOM,
    DEVICES,
    EXTRA,
    FORWARD,
    GRAD_KWARGS,
    INPUTS,
    LAYER,
    MASK,
    MODEL,
    MULTIPLY,
    NEURON,
    PER_EVAL,
    POOL,
    QUADRATURE,
    SAMPLES,
    STDEVS,
    STEPS,
    TARGET,
    TO_NEURON_INPUT,
)
from attriboard.captum.bases import (
    GradientAttribution,
    NeuronAttribution,
    PerturbationAttribution,
)
from attriboard.captum.classes import made
from attriboard.captum.rows import Row

PLAIN = (INPUTS, NEURON, EXTRA, TO_NEURON_INPUT)

NeuronGradient = made(
    Row(
        name="NeuronGradient",
        method=engine.Saliency,
        init=(FORWARD, LAYER, DEVICES),
        call=PLAIN,
        fixed={"abs": False},
    ),
    NeuronAttribution,
    GradientAttribution,
)
NeuronIntegratedGradients = made(
    Row(
        name="NeuronIntegratedGradients",
        method=engine.IntegratedGradients,
        init=(FORWARD, LAYER, DEVICES, MULTIPLY),
        call=(
            INPUTS,
            NEURON,
            BASELINES,
            EXTRA,
            STEPS,
            QUADRATURE,
            BATCH,
            TO_NEURON_INPUT,
        ),
    ),
    NeuronAttribution,
    GradientAttribution,
)
NeuronConductance = made(
    Row(
        name="NeuronConductance",
        method=engine.NeuronConductance,
        init=(FORWARD, LAYER, DEVICES, MULTIPLY),
        call=(
            INPUTS,
            NEURON,
            BASELINES,
            TARGET,
            EXTRA,
            STEPS,
            QUADRATURE.by_default("riemann_trapezoid"),
            BATCH,
            TO_NEURON_INPUT,
            GRAD_KWARGS,
        ),
        note="The trapezoid's weights sum to one; Captum's to (n - 1) / n.",
    ),
    NeuronAttribution,
    GradientAttribution,
)
NeuronDeepLift = made(
    Row(
        name="NeuronDeepLift",
        method=engine.DeepLift,
        init=(MODEL, LAYER, MULTIPLY),
        call=(INPUTS, NEURON, BASELINES, EXTRA, TO_NEURON_INPUT, CUSTOM),
    ),
    NeuronAttribution,
    GradientAttribution,
)
NeuronDeepLiftShap = made(
    Row(
        name="NeuronDeepLiftShap",
        method=engine.DeepLiftShap,
        init=(MODEL, LAYER, MULTIPLY),
        call=(INPUTS, NEURON, POOL, EXTRA, TO_NEURON_INPUT, CUSTOM),
    ),
    NeuronAttribution,
    GradientAttribution,
)
NeuronGradientShap = made(
    Row(
        name="NeuronGradientShap",
        method=engine.GradientShap,
        init=(FORWARD, LAYER, DEVICES, MULTIPLY),
        call=(
            INPUTS,
            NEURON,
            POOL,
            SAMPLES.by_default(5),
            STDEVS,
            EXTRA,
            TO_NEURON_INPUT,
        ),
        random=True,
    ),
    NeuronAttribution,
    GradientAttribution,
)
NeuronGuidedBackprop = made(
    Row(
        name="NeuronGuidedBackprop",
        method=engine.GuidedBackprop,
        init=(MODEL, LAYER, DEVICES),
        call=PLAIN,
    ),
    NeuronAttribution,
    GradientAttribution,
)
NeuronDeconvolution = made(
    Row(
        name="NeuronDeconvolution",
        method=engine.Deconvolution,
        init=(MODEL, LAYER, DEVICES),
        call=PLAIN,
    ),
    NeuronAttribution,
    GradientAttribution,
)
NeuronFeatureAblation = made(
    Row(
        name="NeuronFeatureAblation",
        method=engine.FeatureAblation,
        init=(FORWARD, LAYER, DEVICES),
        call=(INPUTS, NEURON, BASELINES, EXTRA, MASK, TO_NEURON_INPUT, PER_EVAL),
        multiplies=True,
    ),
    NeuronAttribution,
    PerturbationAttribution,
)
