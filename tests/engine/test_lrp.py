"""LRP: against loops, against its own conservation, and on every kind of call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from attriboard import engine
from attriboard.engine.methods import lrp as lrp_method
from attriboard.engine.rules.lrp import COMPOSITES, RULES, Ledger
from engine import lrp_slow as slow
from engine.problems import PROBLEMS, Encoder, Problem, by_name

few = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 10_000)
OWN = [rule for rule in RULES if rule != "identity"]
SETTINGS: dict[str, Any] = {
    "epsilon": slow.EPSILON,
    "gamma": slow.GAMMA,
    "alpha": slow.ALPHA,
    "low": slow.LOW,
    "high": slow.HIGH,
}


def _draw(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _mlp(seed: int = 0, bias: bool = True, act: Callable[[], nn.Module] = nn.ReLU) -> nn.Sequential:
    torch.manual_seed(seed)
    layers = (nn.Linear(5, 7, bias), act(), nn.Linear(7, 6, bias), act(), nn.Linear(6, 3, bias))
    return nn.Sequential(*layers).double().eval()


def _cnn(seed: int = 0, bias: bool = True) -> nn.Sequential:
    torch.manual_seed(seed)
    return (
        nn.Sequential(
            nn.Conv2d(2, 3, 3, padding=1, bias=bias),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2, padding=1),
            nn.Conv2d(3, 4, 2, stride=1, bias=bias),
            nn.ReLU(),
            nn.AvgPool2d(2, stride=1),
            nn.Flatten(),
            nn.Linear(4, 3, bias=bias),
        )
        .double()
        .eval()
    )


def _relevance(model: nn.Module, x: Any, target: Any = 1, **params: Any) -> Tensor:
    found: Tensor = engine.attribute(model, x, engine.LRP(**params), target).attributions[0]
    return found


def _assert_close(ours: Tensor, theirs: Tensor, tolerance: float = 1e-9) -> None:
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().max() <= tolerance * theirs.abs().max().clamp(min=1e-12)


class Spy(Ledger):
    """The ledger of the last computation, for what it absorbed."""

    last: Spy

    def __init__(self) -> None:
        super().__init__()
        Spy.last = self


@pytest.fixture
def spied(monkeypatch: pytest.MonkeyPatch) -> type[Spy]:
    monkeypatch.setattr(lrp_method, "Ledger", Spy)
    return Spy


@pytest.mark.parametrize("rule", OWN)
@pytest.mark.parametrize(
    "net", [_mlp, lambda: _mlp(act=nn.Tanh), _cnn], ids=["relu", "tanh", "cnn"]
)
def test_each_rule_is_its_loop(net: Callable[[], nn.Sequential], rule: str):
    model = net()
    x = _draw(3, 2, *((5,) if isinstance(model[0], nn.Linear) else (2, 5, 5)))
    named = {n: rule for n, m in model.named_children() if isinstance(m, nn.Linear | nn.Conv2d)}
    expected = torch.stack([slow.relevance(model, row, 1, named) for row in x])
    _assert_close(_relevance(model, x, rule=rule, **SETTINGS), expected)


@pytest.mark.parametrize("composite", COMPOSITES)
def test_each_composite_is_its_loops(composite: str):
    model, x = _cnn(), _draw(4, 2, 2, 5, 5)
    preset = COMPOSITES[composite]
    rules = {"0": preset.first or preset.convolution, "3": preset.convolution, "7": preset.dense}
    expected = torch.stack([slow.relevance(model, row, 1, rules) for row in x])
    _assert_close(_relevance(model, x, composite=composite, **SETTINGS), expected)


def test_rules_by_layer_go_before_the_composite():
    model, x = _cnn(), _draw(4, 2, 2, 5, 5)
    expected = torch.stack(
        [slow.relevance(model, row, 1, {"0": "w_square", "3": "gamma", "7": "z_plus"}) for row in x]
    )
    given_rules = {"0": "w_square", "3": "gamma"}
    found = _relevance(model, x, rule="z_plus", layers=given_rules, **SETTINGS)
    _assert_close(found, expected)


@pytest.mark.parametrize("rule", ["epsilon", "gamma", "flat", "w_square"])
@few
@given(seed=seeds)
def test_relevance_is_conserved_without_biases(rule: str, seed: int):
    """Gamma's denominators keep off zero for what is positive alone: inputs, and a score."""
    nets = [(_mlp(seed, False), _draw(seed, 3, 5).abs(), "4")]
    if rule in ("epsilon", "gamma"):  # the others give relevance to pools of zeros, which lose it
        nets.append((_cnn(seed, False), _draw(seed, 3, 2, 5, 5).abs(), "7"))
    for model, x, last in nets:
        found = _relevance(model, x, rule=rule, layers={last: "epsilon"}).flatten(1).sum(1)
        score = model(x)[:, 1].detach()
        assert ((found - score).abs() <= 1e-6 * score.abs().clamp(min=1e-2)).all()


@few
@given(seed=seeds)
def test_what_is_missing_is_what_the_biases_absorbed(seed: int):
    """R_j b_j / z_j at every neuron, computed by hand."""
    model, x = _mlp(seed), _draw(seed, 2, 5)
    found = _relevance(model, x).sum(1)
    for i, row in enumerate(x):
        values = [row]
        for layer in model:
            values.append(layer(values[-1]))
        now = torch.zeros(3, dtype=torch.float64)
        now[1] = values[-1][1]
        absorbed = 0.0
        for at in (4, 2, 0):
            z = values[at + 1]
            below = z + torch.where(z >= 0, 1e-9, -1e-9)
            absorbed += float((now * model[at].bias / below).sum())
            now = values[at] * (model[at].weight.T @ (now / below))
        missing = float(values[-1][1] - found[i]) - absorbed
        assert abs(missing) <= 1e-6 * max(1e-2, float(values[-1][1].abs()))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize(
    "params", [{}, {"composite": "epsilon_plus_flat"}, {"softmax": "constant"}]
)
def test_every_loss_is_in_the_ledger(problem: Problem, params: dict[str, Any], spied: type[Spy]):
    result = engine.attribute(problem.model(), problem.inputs, engine.LRP(**params), problem.target)
    kept = sum(float(a.sum()) for a in result.attributions)
    score = float(spied.last.scores().sum())
    assert abs(kept + sum(spied.last.lost().values()) - score) <= 1e-6 * max(1e-2, abs(score))


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_every_problem_conserves_where_biases_take_nothing(problem: Problem, spied: type[Spy]):
    method = engine.LRP(absorb_bias=False, softmax="constant")
    result = engine.attribute(problem.model(), problem.inputs, method, problem.target)
    kept = sum(a.flatten(1).sum(1) for a in result.attributions)
    score = spied.last.scores()[:, 0]
    assert ((kept - score).abs() <= 1e-3 * score.abs().clamp(min=1e-3)).all()
    assert not result.warnings


def _unbiased(module: nn.Module) -> nn.Module:
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
    return module


@pytest.mark.parametrize("batch_first", [True, False])
def test_attention_conserves_relevance(batch_first: bool, spied: type[Spy]):
    torch.manual_seed(1)
    model = _unbiased(Encoder(batch_first)).double().eval()
    x = _draw(5, 3, 4, 8)
    score = model(x)[:, 1].detach()
    kept = _relevance(model, x, softmax="constant").flatten(1).sum(1)
    assert ((kept - score).abs() <= 1e-6 * score.abs().clamp(min=1e-2)).all()
    kept = _relevance(model, x).flatten(1).sum(1)
    absorbed = spied.last.lost()
    assert {k for k, v in absorbed.items() if abs(v) > 1e-6} == {"softmax"}
    assert abs(float(kept.sum()) + absorbed["softmax"] - float(score.sum())) <= 1e-6


def test_both_layouts_of_a_transformer_agree():
    first, other = (by_name(f"encoder, {name} first") for name in ("batch", "sequence"))
    ours = _relevance(first.model(), first.inputs)
    _assert_close(_relevance(other.model(), other.inputs), ours)


def test_softmax_is_its_taylor_term():
    class Soft(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.softmax(1)

    x = _draw(1, 2, 4)
    s = x.softmax(1)
    expected = x * (-s * s[:, 1:2])
    expected[:, 1] += x[:, 1] * s[:, 1]
    _assert_close(_relevance(Soft(), x), expected)


def test_attention_follows_attnlrp():
    """Equations 13 and 14 of AttnLRP, written out for one head."""

    class Head(nn.Module):
        def forward(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            return F.scaled_dot_product_attention(q, k, v)[:, 0, 0]

    q, k, v = (_draw(i, 2, 3, 4) for i in range(3))
    found = engine.attribute(Head(), (q, k, v), engine.LRP()).attributions
    for n in range(2):
        z = q[n] @ k[n].T / 2
        s = z.softmax(1)
        out = float(s[0] @ v[n, :, 0])
        r_s = torch.tensor([float(s[0, j] * v[n, j, 0]) / out / 2 * out for j in range(3)])
        for j in range(3):
            assert float(found[2][n, j, 0]) == pytest.approx(float(r_s[j]), rel=1e-6)
        r_z = [float(z[0, j] * (r_s[j] - s[0, j] * r_s.sum())) for j in range(3)]
        for j in range(3):
            for d in range(4):
                part = float(q[n, 0, d] * k[n, j, d] / 2 / z[0, j]) * r_z[j] / 2
                assert float(found[1][n, j, d]) == pytest.approx(part, rel=1e-6)


class Gated(nn.Module):
    """sigmoid(a) * b, half and half."""

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return (torch.sigmoid(a) * b).sum(1)


def test_the_factors_of_a_product_share_equally():
    a, b = _draw(1, 2, 3), _draw(2, 2, 3)
    found = engine.attribute(Gated(), (a, b), engine.LRP()).attributions
    each = torch.sigmoid(a) * b / 2
    for part in found:
        _assert_close(part, each, 1e-6)


class HandNorm(nn.Module):
    """RMS norm, three ways."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how, self.out = how, nn.Linear(4, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        square = x.pow(2).mean(-1, keepdim=True) + 1e-6
        if self.how == "rsqrt":
            return self.out(x * torch.rsqrt(square))
        if self.how == "division":
            return self.out(x / square.sqrt())
        return self.out(F.rms_norm(x, (4,), eps=1e-6))


def test_a_norm_is_a_scale_however_it_is_written():
    x = _draw(6, 3, 4)
    found = []
    for how in ("rsqrt", "division", "function"):
        torch.manual_seed(0)
        model = HandNorm(how).double()
        found.append(_relevance(model, x))
        assert torch.allclose(found[-1].sum(1), model(x)[:, 1], rtol=1e-6)
    _assert_close(found[1], found[0], 1e-6)
    _assert_close(found[2], found[0], 1e-6)


class Residual(nn.Module):
    """A block used twice, an in-place sum, and an input that stays in use."""

    def __init__(self, in_place: bool) -> None:
        super().__init__()
        self.line, self.out, self.in_place = nn.Linear(4, 4), nn.Linear(4, 2), in_place

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(2):
            y = self.line(x)
            if self.in_place:
                y = y.relu_()
                y += x
                x = y
            else:
                x = F.relu(y) + x
        return self.out(x)


def test_in_place_calls_give_the_same():
    x = _draw(7, 3, 4)
    found = []
    for in_place in (False, True):
        torch.manual_seed(0)
        found.append(_relevance(Residual(in_place).double(), x))
    _assert_close(found[1], found[0], 1e-12)


def test_an_activation_written_over_is_not_forgotten():
    class Overwritten(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = nn.Linear(4, 4, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            x = x * 1.0
            y = self.line(x)
            x.mul_(0.0)
            return y + x

    torch.manual_seed(0)
    model, x = Overwritten().double(), _draw(2, 2, 4)
    expected = x * model.line.weight[1].detach()
    _assert_close(_relevance(model, x), expected, 1e-6)


def test_a_residual_sum_is_split_by_contribution():
    class Sum(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return a + 2 * b

    a, b = _draw(1, 3, 4), _draw(2, 3, 4)
    found = engine.attribute(Sum(), (a, b), engine.LRP(), 2).attributions
    assert torch.allclose(found[0][:, 2], a[:, 2], rtol=1e-6)
    assert torch.allclose(found[1][:, 2], 2 * b[:, 2], rtol=1e-6)
    assert float(found[0][:, :2].abs().max()) == 0


@pytest.mark.parametrize("params", [{}, {"rule": "z_plus"}, {"rule": "gamma"}])
def test_a_feature_without_weight_gets_nothing(params: dict[str, Any]):
    model, x = _mlp(), _draw(1, 4, 5)
    with torch.no_grad():
        model[0].weight[:, 3] = 0
    assert float(_relevance(model, x, **params)[:, 3].abs().max()) == 0


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
def test_a_row_alone_equals_its_row_in_a_batch(problem: Problem):
    model, target = problem.model(), problem.target
    together = engine.attribute(model, problem.inputs, engine.LRP(), target).attributions
    row = tuple(x[1:2] for x in problem.inputs)
    alone = engine.attribute(model, row, engine.LRP(), target).attributions
    for one, many in zip(alone, together, strict=True):
        _assert_close(one, many[1:2])


def test_all_targets_equal_each_alone():
    model, x = _cnn(), _draw(1, 3, 2, 5, 5)
    method = engine.LRP(composite="epsilon_gamma_box", low=-4.0, high=4.0)
    for target, result in enumerate(engine.attribute(model, x, method, targets="all")):
        alone = engine.attribute(model, x, method, target)
        _assert_close(result.attributions[0], alone.attributions[0], 1e-12)


def test_relevance_at_a_layer_is_what_flows_through_it():
    """Flowing on from there with the same rules gives the inputs' relevance."""
    model, x = _cnn(), _draw(1, 2, 2, 5, 5)
    rules = {"0": "z_plus", "3": "z_plus", "7": "epsilon"}
    method = engine.LRP(composite="epsilon_plus_flat", **SETTINGS)  # flat is for the inputs alone
    at = engine.attribute(model, x, method, 1, layer="2").attributions[0]
    for i, row in enumerate(x):
        inner = nn.Sequential(*list(model)[3:])
        named = {"0": rules["3"], "4": rules["7"]}
        expected = slow.relevance(inner, model[:3](row[None])[0], 1, named)
        _assert_close(at[i], expected, 1e-6)


class ClassToken(nn.Module):
    """A learned token before the others, whose relevance is nobody's."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.out = nn.Parameter(torch.randn(1, 1, 4)), nn.Linear(4, 3, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.cat([self.first.expand(len(x), 1, 4), x], 1).mean(1))


def test_what_a_class_token_keeps_is_in_the_ledger(spied: type[Spy]):
    torch.manual_seed(0)
    model, x = ClassToken().double(), _draw(1, 2, 5, 4)
    result = engine.attribute(model, x, engine.LRP(), 1)
    kept, score = float(result.attributions[0].sum()), float(model(x)[:, 1].sum())
    own = float(2 * model.out.weight[1] @ model.first[0, 0] / 6)
    assert kept == pytest.approx(score - own, rel=1e-6)
    assert spied.last.lost()["cat"] == pytest.approx(own, rel=1e-6)
    assert any("biases and constants" in sentence for sentence in result.warnings)


class Opaque(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient * 2


class Hidden(nn.Module):
    def __init__(self, inner: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.line, self.inner = nn.Linear(4, 4), inner

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(self.line(x))


def test_calls_out_of_sight_are_refused():
    scripted = torch.jit.trace(nn.Linear(4, 2), torch.zeros(1, 4))
    x = torch.randn(2, 4)
    for inner in (scripted, Opaque.apply):
        with pytest.raises(engine.Unsupported, match="cannot see all of this model's calls"):
            engine.attribute(Hidden(inner), x, engine.LRP(), 1)
    whole = torch.jit.trace(_mlp().float(), torch.zeros(1, 5))
    with pytest.raises(engine.Unsupported, match="cannot see"):
        engine.attribute(whole, torch.randn(2, 5), engine.LRP(), 1)


def test_a_checkpointed_block_is_followed():
    class Checkpointed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = _mlp()

        def forward(self, x: Tensor) -> Tensor:
            return checkpoint(self.body, x, use_reentrant=False)

    x = _draw(1, 2, 5)
    _assert_close(_relevance(Checkpointed(), x), _relevance(_mlp(), x), 1e-12)


def test_a_call_without_a_rule_is_named():
    model = Hidden(lambda y: torch.logsumexp(y, 1, keepdim=True)).double()
    found = engine.attribute(model, _draw(1, 2, 4), engine.LRP(), 0)
    assert any("no rule for logsumexp" in sentence for sentence in found.warnings)
    assert any("miss the score" in sentence for sentence in found.warnings)


def test_what_biases_absorb_is_told():
    (sentence,) = engine.attribute(_mlp(), _draw(1, 2, 5), engine.LRP(), 1).warnings
    assert "biases and constants" in sentence
    assert not engine.attribute(_mlp(bias=False), _draw(1, 2, 5), engine.LRP(), 1).warnings


def test_the_identity_rule_says_where_it_does_not_fit():
    model = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 2, bias=False)).double()
    x = _draw(1, 2, 4)
    result = engine.attribute(model, x, engine.LRP(rule="identity"), 1)
    assert any("does not fit 1," in sentence for sentence in result.warnings)
    expected = model[0](x).detach() * model[1].weight[1].detach()
    _assert_close(result.attributions[0], expected, 1e-6)


def test_half_precision_has_no_zero_denominator():
    model = _mlp().to(torch.float16)
    found = _relevance(model, _draw(1, 2, 5).to(torch.float16))
    assert found.dtype == torch.float16
    assert bool(found.isfinite().all())


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"rule": "omega"}, "rule"),
        ({"layers": {"0": "omega"}}, "layers"),
        ({"low": 1.0, "high": 0.0}, "high"),
        ({"alpha": 0.5}, "alpha"),
    ],
)
def test_wrong_parameters_are_named(params: dict[str, Any], field: str):
    with pytest.raises(engine.InvalidInput) as caught:
        engine.make("LRP", params)
    assert caught.value.field == f"method.params.{field}"


def test_a_rule_for_a_layer_that_is_not_there_is_refused():
    with pytest.raises(engine.InvalidInput, match="no such module"):
        _relevance(_mlp(), _draw(1, 2, 5), layers={"nowhere": "flat"})


def test_parameters_survive_json():
    method = engine.LRP(composite="epsilon_plus", layers={"0": "flat"})
    assert engine.make("LRP", engine.params(method)) == method
