"""DeepLift: it adds up on every network, and says where it cannot."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine.planner import Planner
from attriboard.engine.rules.deep_lift.modes import BaselinePass
from engine.deep_lift_problems import EXTRA, Spelled, between
from engine.problems import PROBLEMS, Problem

EVERY = (*PROBLEMS, *EXTRA)


def _as(dtype: torch.dtype, tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(t.to(dtype) if t.is_floating_point() else t for t in tensors)


def _run(problem: Problem, method: Any = None, dtype: Any = torch.float64, **more: Any) -> Any:
    more.setdefault("baselines", _as(dtype, problem.baselines))
    return engine.attribute(
        problem.model().to(dtype),
        _as(dtype, problem.inputs),
        method or engine.DeepLift(),
        problem.target,
        **more,
    )


def _unruled(result: engine.Result) -> list[str]:
    return [sentence for sentence in result.remarks if "DeepLift" in sentence]


@pytest.mark.parametrize("problem", EVERY, ids=lambda p: p.name)
@pytest.mark.parametrize(("dtype", "most"), [(torch.float64, 1e-9), (torch.float32, 1e-4)])
def test_it_adds_up(problem: Problem, dtype: torch.dtype, most: float):
    result = _run(problem, dtype=dtype)
    change = (result.score - result.baseline_score).abs()
    assert (change > 0).all()
    assert (result.delta.abs() <= most * change).all()
    assert not _unruled(result)
    assert all(a.dtype == dtype for a in result.attributions)


@pytest.mark.parametrize("problem", EVERY, ids=lambda p: p.name)
def test_the_taped_pass_computes_what_the_model_does(problem: Problem):
    """Operations spelled out in simpler ones give what torch's own give."""
    model = problem.model().requires_grad_(False)
    expected = model(*problem.inputs)
    rows = tuple(x.clone().requires_grad_() if x.is_floating_point() else x for x in problem.inputs)
    with BaselinePass():
        ours = model(*(x * 1 for x in rows))
    assert torch.allclose(ours, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("problem", EVERY, ids=lambda p: p.name)
def test_an_input_that_did_not_change_gets_nothing(problem: Problem):
    inputs = tuple(x.clone() for x in problem.inputs)
    for x, b in zip(inputs, problem.baselines, strict=True):
        x[:, 0] = b[:, 0]
    changed = Problem(problem.name, problem.make, inputs, problem.baselines, problem.target)
    assert all(a[:, 0].abs().max() == 0 for a in _run(changed).attributions)


@pytest.mark.parametrize("problem", EVERY, ids=lambda p: p.name)
def test_no_change_at_all_gives_zero(problem: Problem):
    result = _run(problem, baselines=problem.inputs)
    assert all((a == 0).all() for a in result.attributions)


@pytest.mark.parametrize("problem", EVERY, ids=lambda p: p.name)
def test_a_row_alone_equals_itself_in_a_batch(problem: Problem):
    together = _run(problem).attributions
    alone = Problem(
        problem.name,
        problem.make,
        tuple(x[1:2] for x in problem.inputs),
        problem.baselines,
        problem.target,
    )
    for one, whole in zip(_run(alone).attributions, together, strict=True):
        assert (one - whole[1:2]).abs().max() <= 1e-10 * whole.abs().max()


@pytest.mark.parametrize("problem", EVERY, ids=lambda p: p.name)
def test_any_size_of_block_agrees(problem: Problem, monkeypatch: pytest.MonkeyPatch):
    expected = _run(problem).attributions
    for rows in (1, 2, 1000):
        monkeypatch.setattr(Planner, "size", lambda self, left, memory, r=rows: min(r, left))
        for ours, theirs in zip(_run(problem).attributions, expected, strict=True):
            assert (ours - theirs).abs().max() <= 1e-10 * theirs.abs().max()


def test_a_linear_model_gives_the_change_times_the_weight():
    model = nn.Linear(5, 3).double()
    x, b = torch.randn(4, 5).double(), torch.randn(1, 5).double()
    result = engine.attribute(model, x, engine.DeepLift(), 2, baselines=b)
    assert torch.allclose(result.attributions[0], (x - b) * model.weight[2])
    plain = engine.DeepLift(multiply_by_inputs=False)
    (multipliers,) = engine.attribute(model, x, plain, 2, baselines=b).attributions
    assert torch.allclose(multipliers, model.weight[2].expand_as(x))


def _by_hand(layers: list[nn.Module], x: Tensor, b: Tensor, target: int) -> Tensor:
    """The rescale rule of Shrikumar et al. 2017, module by module, number by number."""
    places = [(x, b)]
    for layer in layers:
        places.append((layer(places[-1][0]), layer(places[-1][1])))
    multipliers = torch.zeros(len(places[-1][0]), dtype=torch.float64)
    multipliers[target] = 1.0
    for layer, (a, c), (y, yb) in zip(
        reversed(layers), reversed(places[:-1]), reversed(places[1:]), strict=True
    ):
        below = torch.zeros(len(a), dtype=torch.float64)
        for i in range(len(a)):
            if isinstance(layer, nn.Linear):
                for j in range(len(y)):
                    below[i] += multipliers[j] * layer.weight[j, i]
            else:
                below[i] = multipliers[i] * (y[i] - yb[i]) / (a[i] - c[i])
        multipliers = below
    return multipliers * (x - b)


def test_it_equals_the_rescale_rule_by_hand():
    torch.manual_seed(3)
    layers = [nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 5)]
    layers += [nn.Sigmoid(), nn.Linear(5, 4), nn.GELU(), nn.Linear(4, 3)]
    model = nn.Sequential(*layers).double()
    x, b = torch.randn(3, 4).double(), torch.randn(1, 4).double()
    (ours,) = engine.attribute(model, x, engine.DeepLift(), 1, baselines=b).attributions
    with torch.no_grad():
        expected = torch.stack([_by_hand(layers, row, b[0], 1) for row in x])
    assert torch.allclose(ours, expected, atol=1e-12)


SAME: dict[str, tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = {
    "relu by a mask": (torch.relu, lambda x: x * (x > 0)),
    "relu by a clamp": (torch.relu, lambda x: x.clamp(min=0)),
    "leaky relu by where": (F.leaky_relu, lambda x: torch.where(x > 0, x, 0.01 * x)),
    "leaky relu by parts": (
        lambda x: F.leaky_relu(x, -0.3),
        lambda x: F.relu(x) + 0.3 * F.relu(-x),
    ),
    "relu6 by a clamp": (lambda x: F.relu6(9 * x), lambda x: (9 * x).clamp(0, 6)),
    "hardtanh by parts": (
        lambda x: F.hardtanh(x, -0.1, 0.2),
        lambda x: F.relu(x + 0.1) - F.relu(x - 0.2) - 0.1,
    ),
    "clamp from below and above": (
        lambda x: x.clamp(-0.1, 0.2),
        lambda x: x.clamp_min(-0.1).clamp_max(0.2),
    ),
    "square": (lambda x: x * x, lambda x: x**2),
    "maximum": (lambda x: x.amax(1, True), lambda x: F.max_pool1d(x[:, None], 6)[:, 0]),
    "silu": (F.silu, lambda x: x * x.sigmoid()),
    "layer norm": (
        lambda x: F.layer_norm(x, (6,)),
        lambda x: F.group_norm(x[:, :, None], 1)[:, :, 0],
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_two_spellings_of_a_function_give_the_same(name: str):
    results = []
    for function in SAME[name]:
        torch.manual_seed(0)
        model = between(lambda x, f=function: f(x).expand(-1, 6))().double()
        x = torch.randn(4, 6, generator=torch.Generator().manual_seed(2)).double()
        results.append(engine.attribute(model, x, engine.DeepLift(), 1).attributions[0])
    assert torch.allclose(*results, atol=1e-12)


@pytest.mark.parametrize("size", [1e-3, 1e-7, 1e-12, 0.0])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_small_steps_give_the_gradient(size: float, dtype: torch.dtype):
    """Delta out / delta in of a tiny step is rounding noise; the multipliers are not."""
    problem = next(p for p in EXTRA if p.name == "encoder of two layers, norm first")
    model, x = problem.model().to(dtype), problem.inputs[0].to(dtype)
    method = engine.DeepLift(multiply_by_inputs=False)
    (ours,) = engine.attribute(model, x, method, 1, baselines=x * (1 + size)).attributions
    (plain,) = engine.attribute(model, x, engine.Saliency(abs=False), 1).attributions
    floor = 1e-10 if dtype == torch.float64 else 1e-4
    assert (ours - plain).abs().max() <= max(20 * size, floor) * plain.abs().max()


def test_half_precision():
    model = between(F.gelu)()
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(2))
    (whole,) = engine.attribute(model, x, engine.DeepLift(), 1).attributions
    half = engine.attribute(model.bfloat16(), x.bfloat16(), engine.DeepLift(), 1)
    assert half.attributions[0].dtype == torch.bfloat16
    assert (half.attributions[0] - whole).abs().max() <= 0.05 * whole.abs().max()


def test_several_targets_neurons_and_layers():
    problem = next(p for p in PROBLEMS if p.name == "overlapping pools")
    model, (x,), (b,) = problem.model(), problem.inputs, problem.baselines
    several = engine.attribute(model, x, engine.DeepLift(), targets="all", baselines=b)
    for target, result in enumerate(several):
        alone = engine.attribute(model, x, engine.DeepLift(), target, baselines=b)
        assert torch.allclose(result.attributions[0], alone.attributions[0], atol=1e-13)
    for method in (engine.DeepLift(), engine.DeepLiftShap()):
        at_layer = engine.attribute(model, x, method, 1, baselines=b, layer="conv")
        assert at_layer.attributions[0].shape == (3, 4, 8, 8)
        assert at_layer.delta.abs().max() < 1e-12
        unit = engine.attribute(model, x, method, baselines=b, layer="norm", neuron=(1, 2, 3))
        assert unit.delta.abs().max() < 1e-12
    probability = engine.attribute(model, x, engine.DeepLift(), engine.Probability(1), baselines=b)
    assert probability.delta.abs().max() < 1e-12


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_deep_lift_shap_is_the_mean_over_its_baselines(problem: Problem):
    pool = tuple(
        torch.cat([b, x[:2]]) for x, b in zip(problem.inputs, problem.baselines, strict=True)
    )
    result = _run(problem, engine.DeepLiftShap(), baselines=pool)
    each = [_run(problem, baselines=tuple(p[m : m + 1] for p in pool)) for m in range(3)]
    for i, ours in enumerate(result.attributions):
        mean = torch.stack([r.attributions[i] for r in each]).mean(0)
        assert torch.allclose(ours, mean, atol=1e-12)
    assert torch.allclose(
        result.baseline_score, torch.stack([r.baseline_score for r in each]).mean(0)
    )
    assert result.delta.abs().max() < 1e-12


def test_deep_lift_shap_at_a_layer_takes_its_baselines_there():
    problem = next(p for p in PROBLEMS if p.name == "mlp")
    pool = torch.randn(4, 6).double()
    result = _run(problem, engine.DeepLiftShap(), baselines=pool, layer="first")
    each = [_run(problem, baselines=pool[m : m + 1], layer="first") for m in range(4)]
    mean = torch.stack([r.attributions[0] for r in each]).mean(0)
    assert torch.allclose(result.attributions[0], mean, atol=1e-13)
    assert result.delta.abs().max() < 1e-12


def _forks(self: Any, x: Tensor) -> Tensor:
    y = self.line(x)
    return self.head(y.relu() if bool(x.sum() > 0) else y.tanh().relu())


def _repeats(self: Any, x: Tensor) -> Tensor:
    y = self.line(x)
    for _ in range(1 + int(x.sum() > 0)):
        y = y.relu()
    return self.head(y)


def _grows(self: Any, x: Tensor) -> Tensor:
    y = self.line(x)[:, : 4 + 2 * int(x.sum() > 0)].relu()
    return self.head(F.pad(y, (0, 6 - y.shape[1])))


@pytest.mark.parametrize(
    ("run", "sign", "words"),
    [
        (_forks, 1, r"`relu` of \(1, 6\) for the input and `tanh` of \(1, 6\) for its baseline"),
        (_repeats, 1, r"input took a call that its baseline did not: `relu` of \(1, 6\)"),
        (_repeats, -1, r"baseline took a call that the input did not: `relu` of \(1, 6\)"),
        (_grows, 1, r"`relu` of \(1, 6\) for the input and `relu` of \(1, 4\) for its baseline"),
    ],
)
def test_a_path_that_depends_on_the_input_is_refused(run: Any, sign: int, words: str):
    model = Spelled(run, line=nn.Linear(6, 6), head=nn.Linear(6, 3))
    x = torch.ones(1, 6) * sign
    with pytest.raises(engine.Unsupported, match=words):
        engine.attribute(model, x, engine.DeepLift(), 1, baselines=-x)


class _Hidden(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return x.relu()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient * (ctx.saved_tensors[0] > 0)


SCRIPT = torch.jit.script(nn.Sequential(nn.Linear(6, 6), nn.ReLU()))

OUT_OF_SIGHT: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "custom function": (_Hidden.apply, "autograd function _Hidden"),
    "vmap": (lambda x: torch.func.vmap(torch.tanh)(x), "`tanh`"),
    "script": (lambda x: SCRIPT(x), "relu|TorchScript function"),
}


@pytest.mark.parametrize("name", OUT_OF_SIGHT)
def test_what_it_does_not_see_is_named(name: str):
    function, words = OUT_OF_SIGHT[name]
    model = between(lambda x: function(x).sigmoid())()
    result = engine.attribute(model, torch.randn(3, 6), engine.DeepLift(), 1)
    assert any(re.search(words, sentence) for sentence in result.remarks)


@pytest.mark.parametrize("name", OUT_OF_SIGHT)
def test_a_model_all_out_of_sight_is_refused(name: str):
    function, words = OUT_OF_SIGHT[name]
    with pytest.raises(engine.Unsupported, match=words):
        engine.attribute(between(function)(), torch.randn(3, 6), engine.DeepLift(), 1)


def test_an_exported_program_is_seen():
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.LayerNorm(8), nn.Linear(8, 3)).double()
    x, b = torch.randn(3, 6).double(), torch.randn(1, 6).double()
    rows = torch.export.Dim("rows", min=1, max=64)
    shapes = {"input": {0: rows}}
    exported = torch.export.export(model, (x,), dynamic_shapes=shapes).module()
    ours = engine.attribute(exported, x, engine.DeepLift(), 1, baselines=b)
    plain = engine.attribute(model, x, engine.DeepLift(), 1, baselines=b)
    assert torch.allclose(ours.attributions[0], plain.attributions[0], atol=1e-12)
    assert not ours.remarks


def test_an_operation_without_a_rule_is_measured():
    model = between(lambda x: x.sort(1).values)().double()
    result = engine.attribute(model, torch.randn(3, 6).double(), engine.DeepLift(), 1)
    assert any("no rule for `sort`" in sentence for sentence in result.remarks)


def test_a_detached_value_that_differs_is_named():
    model = between(lambda x: x + (x.round() - x).detach())()
    result = engine.attribute(model, 3 * torch.randn(3, 6), engine.DeepLift(), 1)
    assert any("`add` took" in sentence for sentence in result.remarks)


def test_a_baseline_without_spread_gives_no_giants():
    """At zeros a norm's slope is 1 / sqrt(eps); taken as it is, parts outgrow their sum by far."""
    problem = next(p for p in EXTRA if p.name == "encoder of two layers, norm first")
    result = _run(problem, baselines=torch.zeros(1, 5, 8), dtype=torch.float32)
    change = (result.score - result.baseline_score).abs()
    sizes = result.attributions[0].abs().flatten(1).sum(1)
    assert (sizes < 100 * (change + result.score.abs())).all()
    assert (result.delta.abs() <= 1e-4 * change).all()


def test_threads_on_one_model_do_not_disturb_each_other():
    chosen = [p for p in PROBLEMS if p.name in ("overlapping pools", "encoder, batch first")]
    models = {p.name: p.model() for p in chosen}

    def run(problem: Problem) -> Tensor:
        method = engine.DeepLift()
        (x,), (b,) = problem.inputs, problem.baselines
        model = models[problem.name]
        return engine.attribute(model, x, method, 1, baselines=b).attributions[0]

    expected = {p.name: run(p) for p in chosen}
    with ThreadPoolExecutor(8) as pool:
        runs = [(p, pool.submit(run, p)) for p in chosen * 20]
    for problem, future in runs:
        assert torch.allclose(future.result(), expected[problem.name], atol=1e-13)


def test_nothing_of_a_pass_is_kept_afterwards():
    """What a rule keeps must not hold the graph that holds the rule."""
    problem = next(p for p in EXTRA if p.name == "in-place calls on views")
    model, (x,), (b,) = problem.model(), problem.inputs, problem.baselines
    counts: list[int] = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(4):
            engine.attribute(model, x, engine.DeepLift(), 1, baselines=b)
            counts.append(sum(type(o) is Tensor for o in gc.get_objects()))
    finally:
        gc.enable()
    assert counts[-1] == counts[1]
