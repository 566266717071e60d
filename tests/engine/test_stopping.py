"""Stopping early: within the tolerance, honest about what it saved, whatever the blocks."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
import torch

from attriboard import engine
from attriboard.engine.methods import smoothing
from attriboard.engine.planner import Planner
from attriboard.engine.stopping import Spread
from engine.cases import inputs, patches, picture

SAMPLED: dict[str, dict[str, Any]] = {
    "GradientShap": {"n_samples": 400, "stdevs": 0.05},
    "SmoothGrad": {"n_samples": 400, "stdevs": 0.05},
    "SmoothGradSquare": {"n_samples": 400, "stdevs": 0.05},
    "ShapleyValueSampling": {"n_samples": 400},
    "KernelShap": {"n_samples": 400},
    "Rise": {"n_samples": 800, "cells": 3},
}
TOLERANCE = {"KernelShap": 0.1, "ShapleyValueSampling": 0.1, "Rise": 0.5}
EVERY = {"IntegratedGradients": {"n_steps": 200}, **SAMPLED}


def _asked(name: str, **more: Any) -> engine.Method:
    return engine.make(name, {**EVERY[name], **more})


def _run(method: engine.Method, x: torch.Tensor, target: Any = 1, **more: Any) -> Any:
    features = patches() if method.uses_features and not isinstance(method, engine.Rise) else None
    return engine.attribute(
        picture(), x, method, target, baselines=0.1 if method.uses_baseline else None,
        features=features, **more,
    )  # fmt: skip


def _tolerance(name: str) -> float:
    return TOLERANCE.get(name, 0.05)


def test_every_method_that_draws_or_integrates_can_stop_early():
    able = {
        name
        for name, kind in engine.METHODS.items()
        if any(field.name == "tolerance" for field in dataclasses.fields(kind))
    }
    assert able == {*EVERY, "VarGrad"}
    assert all(engine.make(name).tolerance is None for name in able)


@pytest.mark.parametrize("name", EVERY)
def test_fewer_passes_are_enough_and_the_result_says_so(name: str):
    whole = _run(_asked(name), inputs())
    early = _run(_asked(name, tolerance=_tolerance(name)), inputs())
    assert early.rows < whole.rows
    (remark,) = [text for text in early.remarks if "Stopped early" in text]
    saved, total = (int(n) for n in re.search(r"saved (\d+) of (\d+) passes", remark).groups())
    assert 0 < saved < total
    assert abs((whole.rows - early.rows) - saved) <= 1
    assert not any("Stopped early" in text for text in whole.remarks)
    size = whole.attributions[0].norm()
    assert (early.attributions[0] - whole.attributions[0]).norm() <= 3 * _tolerance(name) * size


@pytest.mark.parametrize("name", EVERY)
def test_the_size_of_blocks_and_companions_decide_nothing(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    method, x = _asked(name, tolerance=_tolerance(name)), inputs(4)
    expected = _run(method, x)
    for rows in (1, 7, 1000):
        monkeypatch.setattr(Planner, "size", lambda self, left, memory, r=rows: min(r, left))
        again = _run(method, x)
        assert again.rows == expected.rows
        assert torch.allclose(again.attributions[0], expected.attributions[0], atol=1e-6)
    for i in range(4):
        alone = _run(method, x[i : i + 1])
        assert torch.allclose(alone.attributions[0], expected.attributions[0][i : i + 1], atol=1e-6)


@pytest.mark.parametrize("name", EVERY)
def test_a_target_among_several_gets_what_it_gets_alone(name: str):
    method, x = _asked(name, tolerance=_tolerance(name)), inputs(2)
    together = _run(method, x, None, targets=[0, 1, 2])
    for target, result in enumerate(together):
        alone = _run(method, x, target).attributions[0]
        assert torch.allclose(result.attributions[0], alone, atol=1e-6)


def test_the_gap_of_integrated_gradients_is_below_the_tolerance():
    method = _asked("IntegratedGradients", tolerance=0.01)
    result = _run(method, inputs(4))
    change = (result.score - result.baseline_score).abs()
    assert bool((result.delta.abs() <= 0.0101 * change).all())


def test_a_standard_error_is_what_repeated_runs_show():
    """Over seeds, results of 64 draws lie as far apart as the spread of one run's stages says."""
    seen: list[float] = []
    add = Spread.add

    def noted(self: Spread, values: Any, examples: Any) -> None:
        add(self, values, examples)
        seen.append(float(self.errors()[0, 0]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Spread, "add", noted)
        method = engine.GradientShap(n_samples=64, stdevs=0.3, tolerance=0.0)
        runs = [_run(method, inputs(1), seed=seed).attributions[0] for seed in range(30)]
    told = torch.tensor(seen[7::8]).square().mean().sqrt()
    stack = torch.stack(runs)
    real = stack.std(0).norm() / stack.mean(0).norm()
    assert 0.7 < float(told / real) < 1.4


def test_a_tolerance_out_of_reach_is_said_and_costs_nothing():
    method = engine.SmoothGrad(n_samples=20, stdevs=1.0, tolerance=1e-9)
    whole = _run(engine.SmoothGrad(n_samples=20, stdevs=1.0), inputs(2))
    result = _run(method, inputs(2))
    assert result.rows == whole.rows
    assert torch.allclose(result.attributions[0], whole.attributions[0], atol=1e-6)
    (remark,) = result.remarks
    assert "2 of 2 examples" in remark


@pytest.mark.parametrize("name", ["GradientShap", "SmoothGrad", "SmoothGradSquare", "VarGrad"])
def test_many_examples_that_never_stop_get_what_they_get_without_a_tolerance(name: str):
    """So many that the draws of one stage do not fit into memory together."""
    more = {"n_samples": 12, "stdevs": 0.3}
    x = inputs(smoothing.ROWS // 4)
    whole = _run(engine.make(name, more), x).attributions[0]
    told = _run(engine.make(name, {**more, "tolerance": 0.0}), x).attributions[0]
    assert torch.allclose(told, whole, atol=1e-6 * float(whole.abs().max()))


def test_progress_ends_with_what_was_planned():
    told: list[tuple[int, int]] = []
    run = engine.Run(progress=lambda done, planned: told.append((done, planned)))
    _run(_asked("IntegratedGradients", tolerance=0.05), inputs(2), run=run)
    assert max(planned for _, planned in told) >= 400
    assert run.planned == run.rows < 400


PROGRESSIVE = [name for name, kind in engine.METHODS.items() if kind.progressive]


@pytest.mark.parametrize("name", PROGRESSIVE)
def test_progressive_methods_show_what_they_have(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Planner, "size", lambda self, left, memory: min(3, left))
    monkeypatch.setattr(smoothing, "SECONDS", 0.0)  # as if the model were slow
    kind = engine.METHODS[name]
    samples = {f.name for f in dataclasses.fields(kind)} & {"n_steps", "n_samples"}
    method = engine.make(name, dict.fromkeys(samples, 40))
    site: dict[str, Any] = {}
    if "input" not in kind.places:
        site = {"layer": "conv"} | ({"neuron": (1, 2, 2)} if kind.places == ("neuron",) else {})
    if kind.pooled:
        site["baselines"] = 0.1 * torch.randn(8, 2, 6, 6)
    if kind.uses_features:
        site["features"] = patches()
    shown: list[tuple[Any, int, int]] = []
    run = engine.Run(partial=lambda parts, done, steps: shown.append((parts, done, steps)))
    result = engine.attribute(picture(), inputs(1), method, 1, run=run, **site)
    assert len(shown) >= 2
    parts, done, steps = shown[-1]
    assert 0 < done < steps
    assert parts[0].shape == (1, *result.attributions[0].shape)
    last = parts[0][0].flatten() - result.attributions[0].flatten()
    first = shown[0][0][0][0].flatten() - result.attributions[0].flatten()
    assert last.norm() <= first.norm()
