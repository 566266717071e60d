"""Attention rollout and attention x gradient, against loops and on every spelling of attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attriboard import engine
from engine.problems import by_name

BOTH = (engine.AttentionRollout(), engine.AttentionXGradient())
KINDS = ["rollout", "x gradient"]


def _draw(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


class Block(nn.Module):
    """One attention of two heads with a residual, spelled in one of several ways."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how
        self.q, self.k, self.v = (nn.Linear(6, 6) for _ in range(3))

    def maps(self, x: Tensor) -> Tensor:
        """(N, 2, L, L)."""
        q, k = (self._heads(f(x)) for f in (self.q, self.k))
        return ((q @ k.transpose(2, 3)) / 3**0.5).softmax(3)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (self._heads(f(x)) for f in (self.q, self.k, self.v))
        if self.how == "sdpa":
            mixed = F.scaled_dot_product_attention(q, k, v)
        elif self.how == "softmax":
            mixed = torch.softmax((q @ k.transpose(2, 3)) / 3**0.5, dim=-1) @ v
        elif self.how == "F.softmax":
            mixed = F.dropout(F.softmax(q @ k.mT / 3**0.5, 3), 0.1, False) @ v
        else:  # heads in the batch, as nn.MultiheadAttention has them
            q, k, v = (t.flatten(0, 1) for t in (q, k, v))
            mixed = torch.bmm(torch.bmm(q, k.mT).div_(3**0.5).softmax(-1), v)
            mixed = mixed.unflatten(0, (len(x), 2))
        return x + mixed.transpose(1, 2).flatten(2)

    def _heads(self, x: Tensor) -> Tensor:
        return x.unflatten(2, (2, 3)).transpose(1, 2)


class Tokens(nn.Module):
    def __init__(self, how: str = "softmax") -> None:
        super().__init__()
        self.one, self.two, self.head = Block(how), Block(how), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.tanh(self.two(self.one(x))).mean(1))


def _tokens(how: str = "softmax") -> Tokens:
    torch.manual_seed(0)
    return Tokens(how).double().eval()


def _rolled(model: Tokens, x: Tensor, residual: float, heads: str, discard: float) -> Tensor:
    """(N, L, L), one row and one query at a time."""
    maps = [model.one.maps(x).detach(), model.two.maps(model.one(x)).detach()]
    results = []
    for n in range(len(x)):
        total = torch.eye(x.shape[1], dtype=torch.float64)
        for layer in maps:
            one = getattr(torch.stack(list(layer[n])), {"mean": "mean"}.get(heads, f"a{heads}"))(0)
            for query in one:
                for key in query.argsort()[: int(discard * len(query))]:
                    query[key] = 0
                query /= query.sum()
            unit = torch.eye(len(one), dtype=torch.float64)
            total = (residual * unit + (1 - residual) * one) @ total
        results.append(total)
    return torch.stack(results)


@pytest.mark.parametrize("heads", ["mean", "max", "min"])
@pytest.mark.parametrize(("residual", "discard"), [(0.5, 0.0), (0.2, 0.5), (0.0, 0.3)])
def test_rollout_is_its_loop(heads: str, residual: float, discard: float):
    model, x = _tokens(), _draw(1, 3, 5, 6)
    expected = _rolled(model, x, residual, heads, discard)
    for row, want in (
        ("mean", expected.mean(1)),
        ("first", expected[:, 0]),
        ("last", expected[:, 4]),
    ):
        method = engine.AttentionRollout(row=row, residual=residual, heads=heads, discard=discard)
        found = engine.attribute(model, x, method, 1).attributions[0]
        assert torch.allclose(found, want, atol=1e-12)
        assert torch.allclose(found.sum(1), torch.ones(3, dtype=torch.float64))


@pytest.mark.parametrize("target", [0, 2])
def test_attention_x_gradient_is_its_loop(target: int):
    model, x = _tokens(), _draw(1, 3, 5, 6)
    found = engine.attribute(model, x, engine.AttentionXGradient(row="first"), target)
    for n in range(3):
        row = x[n : n + 1]
        first = model.one.maps(row).requires_grad_()
        hidden = row + _mixed(model.one, row, first)
        second = model.two.maps(hidden)
        score = model.head(torch.tanh(hidden + _mixed(model.two, hidden, second)).mean(1))
        grads = torch.autograd.grad(score[0, target], (first, second))
        total = torch.eye(5, dtype=torch.float64)
        for weights, grad in zip((first, second), grads, strict=True):
            step = torch.zeros(5, 5, dtype=torch.float64)
            for head in range(2):
                step += (weights * grad)[0, head].detach().clamp(min=0) / 2
            total = total + step @ total
        want = (total - torch.eye(5))[0]
        assert torch.allclose(found.attributions[0][n], want, atol=1e-12)


def _mixed(block: Block, x: Tensor, maps: Tensor) -> Tensor:
    v = block.v(x).unflatten(2, (2, 3)).transpose(1, 2)
    return (maps @ v).transpose(1, 2).flatten(2)


@pytest.mark.parametrize("how", ["sdpa", "F.softmax", "bmm"])
@pytest.mark.parametrize("method", BOTH, ids=KINDS)
def test_every_spelling_gives_the_same(method: engine.Method, how: str):
    x = _draw(1, 3, 5, 6)
    want = engine.attribute(_tokens(), x, method, 1).attributions[0]
    found = engine.attribute(_tokens(how), x, method, 1).attributions[0]
    assert torch.allclose(found, want, atol=1e-12)


@pytest.mark.parametrize("method", BOTH, ids=KINDS)
def test_both_layouts_of_torchs_encoder_agree(method: engine.Method):
    first, other = (by_name(f"encoder, {name} first") for name in ("batch", "sequence"))
    want = engine.attribute(first.model(), first.inputs, method, 1).attributions[0]
    found = engine.attribute(other.model(), other.inputs, method, 1).attributions[0]
    assert want.shape == (3, 4)
    assert torch.allclose(found, want, atol=1e-12)


class HeadsFirst(nn.Module):
    """A map laid out (heads, N, L, L)."""

    def forward(self, x: Tensor) -> Tensor:
        q = x.unflatten(2, (2, 3)).permute(2, 0, 1, 3)
        return ((q @ q.mT).softmax(-1) @ q).permute(1, 2, 0, 3).flatten(2).sum(1)


@pytest.mark.parametrize("method", BOTH, ids=KINDS)
def test_the_batch_is_found_behind_the_heads(method: engine.Method):
    x = _draw(1, 3, 5, 6)
    together = engine.attribute(HeadsFirst(), x, method, 1).attributions[0]
    for n in range(3):
        alone = engine.attribute(HeadsFirst(), x[n : n + 1], method, 1).attributions[0]
        assert torch.allclose(alone, together[n : n + 1], atol=1e-12)


class Reader(nn.Module):
    """Token ids through an embedding and attention."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.body = nn.Embedding(9, 6), Tokens("sdpa")

    def forward(self, ids: Tensor) -> Tensor:
        return self.body(self.embedding(ids))


@pytest.mark.parametrize("method", BOTH, ids=KINDS)
def test_token_ids_get_one_number_each(method: engine.Method):
    torch.manual_seed(0)
    model = Reader().double()
    ids = torch.randint(9, (3, 5), generator=torch.Generator().manual_seed(2))
    found = engine.attribute(model, ids, method, 1)
    embedded = model.embedding(ids).detach()
    want = engine.attribute(model.body, embedded, method, 1).attributions[0]
    assert found.attributions[0].shape == ids.shape
    assert torch.allclose(found.attributions[0], want, atol=1e-12)
    assert not found.warnings


class Patches(nn.Module):
    """A vision transformer: nine patches and a class token in front."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = nn.Conv2d(2, 6, 2, stride=2)
        self.first = nn.Parameter(torch.randn(1, 1, 6))
        self.body, self.head = Block("sdpa"), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.cut(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.first.expand(len(x), 1, 6), tokens], 1)
        return self.head(self.body(tokens)[:, 0])


@pytest.mark.parametrize("method", BOTH, ids=KINDS)
def test_a_picture_gives_the_tokens_the_model_makes(method: engine.Method):
    torch.manual_seed(0)
    found = engine.attribute(Patches().double(), _draw(1, 2, 2, 6, 6), method, 1)
    assert found.attributions[0].shape == (2, 10)
    assert any("10 tokens, which the model makes" in sentence for sentence in found.warnings)


class Pooled(nn.Module):
    """Self-attention, then one learned query that pools the tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.query, self.head = (
            Block("sdpa"),
            nn.Parameter(torch.randn(1, 6)),
            nn.Linear(6, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.body(x)
        return self.head(((self.query @ x.mT).softmax(-1) @ x)[:, 0])


def test_a_pooling_query_ends_the_chain():
    torch.manual_seed(0)
    model, x = Pooled().double(), _draw(1, 2, 5, 6)
    found = engine.attribute(model, x, engine.AttentionRollout(), 1).attributions[0]
    inner = model.body.maps(x).mean(1).detach()
    pool = (model.query @ model.body(x).mT).softmax(-1).detach()
    want = pool @ (0.5 * torch.eye(5, dtype=torch.float64) + 0.5 * inner)
    assert torch.allclose(found, want[:, 0], atol=1e-12)
    assert bool((engine.attribute(model, x, BOTH[1], 1).attributions[0] >= 0).all())


class Towers(nn.Module):
    """Two inputs with tokens of their own, and one without any."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right, self.head = Block("sdpa"), Block("softmax"), nn.Linear(6, 3)

    def forward(self, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
        return self.head(self.left(a).mean(1) + self.right(b).mean(1) + c)


@pytest.mark.parametrize("method", BOTH, ids=KINDS)
def test_each_input_gets_its_own_tokens(method: engine.Method):
    torch.manual_seed(0)
    model = Towers().double()
    inputs = (_draw(1, 2, 5, 6), _draw(2, 2, 4, 6), _draw(3, 2, 6))
    found = engine.attribute(model, inputs, method, 1)
    assert [a.shape for a in found.attributions] == [(2, 5), (2, 4), (2, 6)]
    assert float(found.attributions[2].abs().max()) == 0
    assert any("input 2" in sentence for sentence in found.warnings)


def test_rollout_is_the_same_for_all_targets_and_the_other_is_not():
    model, x = _tokens(), _draw(1, 2, 5, 6)
    same, other = (
        [r.attributions[0] for r in engine.attribute(model, x, method, targets="all")]
        for method in BOTH
    )
    assert torch.equal(same[0], same[2])
    assert not torch.allclose(other[0], other[2])


def test_a_target_nothing_speaks_for_gets_nothing():
    model, x = _tokens(), _draw(1, 2, 5, 6)
    with torch.no_grad():
        model.head.weight[1] = 0
    found = engine.attribute(model, x, engine.AttentionXGradient(), 1).attributions[0]
    assert float(found.abs().max()) == 0


def _windows(x: Tensor) -> Tensor:
    parts = x.reshape(-1, 1, 2, 6)  # two windows of two tokens in each row
    return ((parts @ parts.mT).softmax(-1) @ parts).reshape(x.shape).sum(1)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(24, 3)), "No attention was seen"),
        (lambda: _Function(_windows), "cannot be rolled out"),
        (lambda: torch.jit.trace(Tokens().eval(), torch.zeros(1, 4, 6)), "No attention was seen"),
    ],
    ids=["none", "windows", "scripted"],
)
@pytest.mark.parametrize("method", BOTH, ids=KINDS)
def test_where_it_means_nothing_it_says_why(
    method: engine.Method, model: Callable[[], nn.Module], reason: str
):
    with pytest.raises(engine.Unsupported, match=reason):
        engine.attribute(model(), torch.randn(2, 4, 6), method, 1)


class _Function(nn.Module):
    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def test_rollout_sees_into_any_callable_of_torch():
    model, x = _tokens(), _draw(1, 2, 5, 6)

    def black_box(rows: Tensor) -> Any:
        return model(rows).detach()

    want = engine.attribute(model, x, engine.AttentionRollout(), 1).attributions[0]
    found = engine.attribute(black_box, x, engine.AttentionRollout(), 1).attributions[0]
    assert torch.allclose(found, want, atol=1e-12)
