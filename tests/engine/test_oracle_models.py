"""Every class of the facade beside Captum's, on toy models and on real ones."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import captum.attr
import pytest
import torch

import attriboard.captum
from engine.oracle import Call, assert_agree, both, doubled
from engine.oracle_models import MODELS, Second, Text

CLASSES = sorted(
    name for name in attriboard.captum.__all__ if hasattr(getattr(attriboard.captum, name), "row")
)
SINGLE = {"Lime": 1e-4, "KernelShap": 1e-4, "ShapleyValueSampling": 2e-6, "ShapleyValues": 2e-6}
"""Captum computes these in float32 whatever the model's type."""

MODULES_ALONE = {"LRP", "LayerLRP"}  # Captum's rules stand on modules: a sum is none to it
RESCALED = {"DeepLift", "DeepLiftShap", "LayerDeepLift", "LayerDeepLiftShap"} | {
    "NeuronDeepLift",
    "NeuronDeepLiftShap",
}  # Captum misses functional calls: see docs/deviations.md
AFTER_POOLS = {"LayerDeepLift", "LayerDeepLiftShap"}
RELU = {"GuidedBackprop", "Deconvolution", "NeuronGuidedBackprop", "NeuronDeconvolution"}
MAPS = {"GuidedGradCam", "LayerGradCam"}
LEFT_OUT = {
    "residual": MODULES_ALONE | {"LayerGradientShap"},
    "plain": {"LayerGradientShap"} | RESCALED - AFTER_POOLS,  # its max-pool follows a ReLU
    "toy": MODULES_ALONE | RESCALED | {"LayerGradientShap"},  # a softmax, pools after ReLUs
    "encoder": MODULES_ALONE | RESCALED | RELU | MAPS | {"LayerGradientShap"},
    "fused": MODULES_ALONE | RESCALED | {"GuidedGradCam", "LayerGradientShap"},
}
ROWS = [(m, c) for m in MODELS for c in CLASSES if c not in LEFT_OUT[m]]


def _call(name: str, kind: str, double: bool = True) -> Call:
    model = MODELS[name]
    module = model.module()
    shown = inspect.signature(getattr(captum.attr, kind).attribute).parameters
    args: dict[str, Any] = {"inputs": model.inputs()}
    offered: dict[str, Any] = {
        "target": [0, 2, 1],
        "baselines": model.baselines(4 if kind.endswith("Shap") and kind != "KernelShap" else 3),
        "additional_forward_args": model.extras(),
        "neuron_selector": model.neuron,
        "feature_mask": model.masks(),
        "sliding_window_shapes": _windows(model.shapes),
        "n_steps": 6,
        "n_samples": 16,
    }
    args |= {key: value for key, value in offered.items() if key in shown}
    if "baselines" in args and kind.endswith("GradientShap"):
        args["baselines"] = model.baselines(1)
    if kind == "NeuronConductance":
        args["method"] = "gausslegendre"
    chosen = model.unit if kind.startswith("Neuron") and model.unit else model.layer
    layer = dict(module.named_modules())[chosen] if takes_layer(kind) else None
    if kind == "LayerFeaturePermutation":  # Captum's chooses the target twice, and fails
        module = Second(module)
        del args["target"]
    if double:
        module, args = module.double(), {key: doubled(value) for key, value in args.items()}
    return Call(kind, module, args, layer)


def takes_layer(kind: str) -> bool:
    return "layer" in inspect.signature(getattr(captum.attr, kind)).parameters


def _windows(shapes: tuple[tuple[int, ...], ...]) -> Any:
    each = tuple(tuple(min(2, side) for side in shape) for shape in shapes)
    return each if len(each) > 1 else each[0]


def test_every_class_has_rows():
    covered = {kind for _, kind in ROWS} | {"LayerGradientShap"}  # its draws: the matrix
    assert covered == set(CLASSES)
    assert len(CLASSES) == 38


@pytest.mark.parametrize(("model", "kind"), ROWS)
def test_in_double_precision(model: str, kind: str, monkeypatch: pytest.MonkeyPatch):
    ours, theirs = both(_call(model, kind), monkeypatch)
    assert_agree(ours, theirs, SINGLE.get(kind, 1e-6), floor=1e-9)


@pytest.mark.parametrize(("model", "kind"), [row for row in ROWS if row[1] not in SINGLE])
def test_in_single_precision(model: str, kind: str, monkeypatch: pytest.MonkeyPatch):
    ours, theirs = both(_call(model, kind, double=False), monkeypatch)
    assert_agree(ours, theirs, 1e-4, floor=1e-6)


TUNNELLED = ("Saliency", "IntegratedGradients", "DeepLift", "FeatureAblation", "NeuronGradient")
TUNNELLED += ("LayerGradCam", "LayerIntegratedGradients", "LayerActivation", "LayerConductance")


@pytest.mark.parametrize("nt_type", ["smoothgrad", "smoothgrad_sq", "vargrad"])
@pytest.mark.parametrize("kind", TUNNELLED)
def test_noise_tunnel(kind: str, nt_type: str, monkeypatch: pytest.MonkeyPatch):
    call = _call("residual", kind)
    call.args |= {"nt_type": nt_type, "nt_samples": 4, "stdevs": 0.2}
    ours, theirs = both(replace(call, tunnel=True), monkeypatch)
    assert_agree(ours, theirs, 1e-6, floor=1e-9)


@pytest.mark.parametrize("kind", ["GradientShap", "NeuronGradientShap"])
@pytest.mark.parametrize("model", ["residual", "fused"])
def test_gradient_shap_with_noise(model: str, kind: str, monkeypatch: pytest.MonkeyPatch):
    call = _call(model, kind)
    call.args["stdevs"] = 0.3 if model == "residual" else (0.3, 0.6)
    ours, theirs = both(call, monkeypatch)
    assert_agree(ours, theirs, 1e-6, floor=1e-9)


TEXT = (
    ("LayerIntegratedGradients", {"n_steps": 6, "target": 1}),
    ("LayerGradientXActivation", {"target": 1}),
    ("LayerActivation", {}),
    ("LayerFeatureAblation", {"target": 1, "layer_mask": torch.arange(7)[None, :, None]}),
    ("FeatureAblation", {"target": 1, "baselines": 3}),
    ("Occlusion", {"target": 1, "baselines": 3, "sliding_window_shapes": (2,)}),
    ("ShapleyValueSampling", {"target": 1, "n_samples": 5}),
    ("KernelShap", {"target": 1, "n_samples": 40}),
)


@pytest.mark.parametrize(("kind", "args"), TEXT, ids=[kind for kind, _ in TEXT])
def test_text(kind: str, args: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    torch.manual_seed(0)
    module = Text().double().eval()
    ids = torch.randint(1, 20, (3, 7), generator=torch.Generator().manual_seed(1))
    layer = module.embedding if kind.startswith("Layer") else None
    call = Call(kind, module, {"inputs": ids, **args}, layer)
    ours, theirs = both(call, monkeypatch)
    assert_agree(ours, theirs, SINGLE.get(kind, 1e-6), floor=1e-9)
