"""What no method may depend on: blocks, companions, threads, other runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from attriboard import engine
from attriboard.engine.model_tree import prepare
from attriboard.engine.planner import Planner
from engine.cases import Case, attribute, cases, inputs, picture

EVERY = cases()
ALONE = [case for case in EVERY if type(case.method).__name__ != "FeaturePermutation"]


def _close(a: tuple[torch.Tensor, ...], b: tuple[torch.Tensor, ...]) -> None:
    for x, y in zip(a, b, strict=True):
        assert torch.allclose(x, y, rtol=1e-4, atol=1e-5 * float(y.abs().max()) + 1e-8)


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_any_size_of_block_agrees(case: Case, monkeypatch: pytest.MonkeyPatch):
    model, x = picture(), inputs()
    expected = attribute(model, case, x).attributions
    for rows in (1, 2, 5, 1000):
        monkeypatch.setattr(Planner, "size", lambda self, left, memory, r=rows: min(r, left))
        _close(attribute(model, case, x).attributions, expected)


@pytest.mark.parametrize("case", ALONE, ids=str)
def test_a_batch_of_one_equals_its_row(case: Case):
    model, x = picture(), inputs(4)
    together = attribute(model, case, x).attributions
    alone = attribute(model, case, x[2:3]).attributions
    _close(alone, tuple(a[2:3] for a in together))


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_a_seed_repeats_to_the_bit(case: Case, monkeypatch: pytest.MonkeyPatch):
    model, x = picture(), inputs()
    monkeypatch.setattr(Planner, "size", lambda self, left, memory: min(4, left))
    attribute(model, case, x)  # what is learned in a first run measures bytes, and no more
    torch.manual_seed(1)
    first = attribute(model, case, x, seed=5).attributions
    torch.manual_seed(2)
    second = attribute(model, case, x, seed=5).attributions
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_another_seed_draws_otherwise():
    model, x = picture(), inputs()
    case = next(c for c in EVERY if str(c) == "GradientShap")
    first, second = (attribute(model, case, x, seed=s).attributions[0] for s in (0, 1))
    assert not torch.allclose(first, second)


@pytest.mark.parametrize("case", EVERY, ids=str)
def test_several_targets_equal_each_alone(case: Case):
    model, x = picture(), inputs()
    more = {"baselines": 0.1} if case.method.uses_baseline else {}
    together = engine.attribute(model, x, case.method, targets="all", **case.site, **more)
    assert len(together) == 3
    for target, result in enumerate(together):
        alone = engine.attribute(model, x, case.method, target, **case.site, **more)
        _close(result.attributions, alone.attributions)


def test_perturbation_for_every_class_costs_the_passes_of_one():
    model, x = picture(), inputs()
    case = next(c for c in EVERY if str(c) == "KernelShap")
    one = attribute(model, case, x)
    every = engine.attribute(model, x, case.method, targets="all", baselines=0.1, **case.site)
    assert every[0].rows == one.rows


def test_threads_on_one_model_do_not_disturb_each_other():
    """160 interleaved runs of methods that change the backward pass or hook layers."""
    model, x = picture(), inputs()
    names = ("GuidedBackprop", "Saliency", "GradCam", "LayerConductance")
    chosen = [case for case in EVERY if str(case) in names]
    expected = {str(case): attribute(model, case, x).attributions for case in chosen}
    with ThreadPoolExecutor(8) as pool:
        runs = [(case, pool.submit(attribute, model, case, x)) for case in chosen * 40]
    assert len(runs) == 160
    for case, run in runs:
        _close(run.result().attributions, expected[str(case)])


def test_the_engines_tree_follows_the_users_weights():
    model, x = picture(), inputs()
    before = attribute(model, EVERY[0], x).attributions[0]
    with torch.no_grad():
        model.head.weight.mul_(2.0)
    assert torch.allclose(attribute(model, EVERY[0], x).attributions[0], 2 * before, rtol=1e-5)
    model.norm.running_mean += 1.0
    assert prepare(model).module is not None
    moved = attribute(model, EVERY[0], x).attributions[0]
    assert not torch.allclose(moved, 2 * before)
    model.head = torch.nn.Linear(36, 3)
    replaced = attribute(model, EVERY[0], x).attributions[0]
    assert not torch.allclose(replaced, moved)
