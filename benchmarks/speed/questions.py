"""The methods that are timed, asked of both engines with the same parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import torch
from captum import attr as captum
from captum import metrics as captum_metrics

from attriboard import engine
from benchmarks.speed.cases import Case

Job = Callable[[], object]
"""One whole attribution, ready to be timed."""

STEPS = 50
SAMPLES = 200


@dataclass(frozen=True)
class Setting:
    """How Captum is run: rows a pass (None: its default), and the memory format of pictures."""

    rows: int | None = None
    channels_last: bool = False

    def __str__(self) -> str:
        rows = "default" if self.rows is None else f"{self.rows} rows"
        return f"{rows}, channels last" if self.channels_last else rows


@dataclass(frozen=True)
class Question:
    """A method: ours, Captum's, the rows it needs for one example, and what a row costs.

    batched: whether Captum has a setting for the rows of a pass.
    """

    ours: Callable[[Case], Job]
    theirs: Callable[[Case, Setting], Job]
    rows: Callable[[Case], int]
    gradient: bool = True
    batched: bool = True


def _ours(method: Callable[[Case], engine.Method], **site: Any) -> Callable[[Case], Job]:
    def job(case: Case) -> Job:
        asked = method(case)
        more: dict[str, Any] = {}
        if asked.uses_features:
            more["features"] = case.features
        if site:
            more["layer"] = case.layer
        return lambda: engine.attribute(case.model, case.inputs, asked, case.target, **more)

    return job


def _captum(case: Case, setting: Setting) -> tuple[Any, Any]:
    """The model and the input in the memory format asked for."""
    if not setting.channels_last:
        return case.model, case.inputs
    return case.laid_out, case.inputs.contiguous(memory_format=torch.channels_last)


def _rows(setting: Setting, name: str) -> dict[str, int]:
    return {} if setting.rows is None else {name: setting.rows}


def _integrated(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    more = _rows(setting, "internal_batch_size")
    method = captum.IntegratedGradients(model)
    return lambda: method.attribute(x, target=case.target, n_steps=STEPS, **more)


def _smooth(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    more = _rows(setting, "nt_samples_batch_size")
    method = captum.NoiseTunnel(captum.Saliency(model))
    return lambda: method.attribute(
        x, nt_type="smoothgrad", nt_samples=STEPS, stdevs=0.1, target=case.target, **more
    )


def _gradient_shap(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    method = captum.GradientShap(model)
    zero = torch.zeros_like(x[:1])
    return lambda: method.attribute(x, zero, n_samples=STEPS, stdevs=0.1, target=case.target)


def _deep_lift(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    return lambda: captum.DeepLift(model).attribute(x, target=case.target)


def _grouped(kind: Callable[[Any], Any], **fixed: Any) -> Callable[[Case, Setting], Job]:
    """A Captum method over features; `orders` stands for the case's number of orders."""

    def job(case: Case, setting: Setting) -> Job:
        model, x = _captum(case, setting)
        more = {**fixed, **_rows(setting, "perturbations_per_eval")}
        if "orders" in more:
            more["n_samples"] = more.pop("orders") and case.orders
        mask = case.features if case.groups != x[0].numel() else None
        method = kind(model)
        return lambda: method.attribute(x, target=case.target, feature_mask=mask, **more)

    return job


def _occluded(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    more = _rows(setting, "perturbations_per_eval")
    method = captum.Occlusion(model)
    return lambda: method.attribute(x, case.window, strides=case.window, target=case.target, **more)


def _infidelity(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    more = _rows(setting, "max_examples_per_batch")
    share = torch.randn(case.inputs.shape)

    def perturb(rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        noise = 0.1 * torch.randn_like(rows)
        return noise, rows - noise

    return lambda: captum_metrics.infidelity(
        model, perturb, x, share, target=case.target, n_perturb_samples=STEPS, **more
    )


def _our_infidelity(case: Case) -> Job:
    share = torch.randn(case.inputs.shape)
    metrics = import_module("attriboard.engine.metrics")
    return lambda: metrics.infidelity(
        case.model, case.inputs, share, case.target, form="local", n_samples=STEPS
    )


SCALE = 0.02
NOISY = 10


def _sensitivity(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    more = _rows(setting, "max_examples_per_batch")
    method = captum.Saliency(model)
    return lambda: captum_metrics.sensitivity_max(
        method.attribute, x, perturb_radius=SCALE, n_perturb_samples=NOISY, target=case.target,
        **more,
    )  # fmt: skip


def _our_sensitivity(case: Case) -> Job:
    metrics = import_module("attriboard.engine.metrics")
    return lambda: metrics.sensitivity_max(
        case.model, case.inputs, engine.Saliency(), case.target, radius=SCALE, n_samples=NOISY
    )


def _conductance(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    more = _rows(setting, "internal_batch_size")
    method = captum.LayerConductance(model, model.get_submodule(case.layer))
    return lambda: method.attribute(x, target=case.target, n_steps=STEPS, **more)


def _grad_cam(case: Case, setting: Setting) -> Job:
    model, x = _captum(case, setting)
    method = captum.LayerGradCam(model, model.get_submodule(case.layer))
    return lambda: method.attribute(x, target=case.target)


def _windows(case: Case) -> int:
    method = engine.Occlusion(sliding_window_shapes=case.window, strides=case.window)
    return 1 + sum(w.count for w in method.windows((case.inputs.shape[1:],)))


QUESTIONS: dict[str, Question] = {
    "ig": Question(
        _ours(lambda case: engine.IntegratedGradients(n_steps=STEPS)),
        _integrated,
        lambda case: STEPS,
    ),
    "smoothgrad": Question(
        _ours(lambda case: engine.SmoothGrad(n_samples=STEPS)), _smooth, lambda case: STEPS
    ),
    "gradientshap": Question(
        _ours(lambda case: engine.GradientShap(n_samples=STEPS, stdevs=0.1)),
        _gradient_shap,
        lambda case: STEPS,
        batched=False,
    ),
    "deeplift": Question(
        _ours(lambda case: engine.DeepLift()), _deep_lift, lambda case: 2, batched=False
    ),
    "ablation": Question(
        _ours(lambda case: engine.FeatureAblation()),
        _grouped(captum.FeatureAblation),
        lambda case: 1 + case.groups,
        gradient=False,
    ),
    "occlusion": Question(
        _ours(
            lambda case: engine.Occlusion(sliding_window_shapes=case.window, strides=case.window)
        ),
        _occluded,
        _windows,
        gradient=False,
    ),
    "kernelshap": Question(
        _ours(lambda case: engine.KernelShap(n_samples=SAMPLES)),
        _grouped(captum.KernelShap, n_samples=SAMPLES),
        lambda case: 2 + SAMPLES,
        gradient=False,
    ),
    "lime": Question(
        _ours(lambda case: engine.Lime(n_samples=SAMPLES)),
        _grouped(captum.Lime, n_samples=SAMPLES),
        lambda case: SAMPLES,
        gradient=False,
    ),
    "shapley": Question(
        _ours(lambda case: engine.ShapleyValueSampling(n_samples=case.orders)),
        _grouped(captum.ShapleyValueSampling, orders=True),
        lambda case: 2 + case.orders * (case.groups - 1),
        gradient=False,
    ),
    "infidelity": Question(_our_infidelity, _infidelity, lambda case: 1 + STEPS, gradient=False),
    "sensitivity": Question(_our_sensitivity, _sensitivity, lambda case: 1 + NOISY),
    "conductance": Question(
        _ours(lambda case: engine.LayerConductance(n_steps=STEPS), layer=True),
        _conductance,
        lambda case: 1 + STEPS,
    ),
    "gradcam": Question(
        _ours(lambda case: engine.GradCam(), layer=True),
        _grad_cam,
        lambda case: 1,
        batched=False,
    ),
}
