"""PyTorch's fused transformer layer: only without gradients, masks and onlookers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine.model_tree import prepare

WIDTH, TOKENS = 8, 6


class Encoder(nn.Module):
    """Two layers, and a head on the mean of all tokens, padded ones too."""

    def __init__(self, activation: str = "relu") -> None:
        super().__init__()
        torch.manual_seed(2)
        layer = nn.TransformerEncoderLayer(WIDTH, 2, 16, activation=activation, batch_first=True)
        self.body, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(WIDTH, 3)

    def mask(self, x: Tensor) -> dict[str, Tensor]:
        return {}

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x, **self.mask(x)).mean(1))


class Padded(Encoder):
    """Tokens whose first number is negative are padding."""

    def mask(self, x: Tensor) -> dict[str, Tensor]:
        padding = x[..., 0] < 0
        padding[:, 0] = False
        return {"src_key_padding_mask": padding}


class Causal(Encoder):
    def mask(self, x: Tensor) -> dict[str, Tensor]:
        return {"mask": nn.Transformer.generate_square_subsequent_mask(x.shape[1])}


def _rows(count: int = 3) -> Tensor:
    return torch.randn(count, TOKENS, WIDTH, generator=torch.Generator().manual_seed(0))


@contextmanager
def _fused(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many rows went through a fused layer at each call."""
    seen: list[int] = []
    real = torch._transformer_encoder_layer_fwd

    def noting(*args: Any, **kwargs: Any) -> Tensor:
        seen.append(len(args[0]))
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(torch, "_transformer_encoder_layer_fwd", noting)
        yield seen


def _differences(model: nn.Module, x: Tensor) -> Tensor:
    """What ablation is, by the model's own plain layers: one feature a token."""
    parameters = list(model.parameters())
    assert all(parameter.requires_grad for parameter in parameters)  # no fused form with gradients
    base = model(x)[:, 1].detach()
    columns = []
    for token in range(x.shape[1]):
        less = x.clone()
        less[:, token] = 0
        columns.append(base - model(less)[:, 1].detach())
    return torch.stack(columns, 1)


FEATURES = torch.arange(TOKENS).reshape(1, TOKENS, 1)


@pytest.mark.parametrize(("kind", "fuses"), [(Encoder, True), (Padded, False), (Causal, False)])
def test_scores_are_those_of_the_plain_layers(
    kind: type[Encoder], fuses: bool, monkeypatch: pytest.MonkeyPatch
):
    model = kind().eval()
    with _fused(monkeypatch) as seen:
        for _ in range(2):  # the first block of all is counted, and thus not fused
            found = engine.attribute(
                model, _rows(), engine.FeatureAblation(), 1, features=FEATURES
            ).attributions[0]
    assert bool(seen) == fuses
    expected = _differences(model, _rows())
    assert torch.allclose(found[..., 0], expected, atol=1e-5)
    assert found.abs().max() > 1e-3


def test_gradients_take_the_plain_layers(monkeypatch: pytest.MonkeyPatch):
    model = Encoder().eval()
    engine.attribute(model, _rows(), engine.FeatureAblation(), 1)
    with _fused(monkeypatch) as seen:
        engine.attribute(model, _rows(), engine.Saliency(), 1)
    assert not seen


def test_a_layer_that_is_read_inside_is_not_fused(monkeypatch: pytest.MonkeyPatch):
    model = Encoder().eval()
    engine.attribute(model, _rows(), engine.FeatureAblation(), 1)
    for name, layers in (("body.layers.0.linear1", 1), ("body.layers.0", 1), ("head", 2)):
        with _fused(monkeypatch) as seen:
            read = engine.attribute(model, _rows(), engine.LayerActivation(), 1, layer=name)
        own: list[Tensor] = []
        handle = model.get_submodule(name).register_forward_hook(
            lambda module, args, result, own=own: own.append(result.detach())
        )
        model(_rows())
        handle.remove()
        assert torch.allclose(read.attributions[0], own[0], atol=1e-6)
        assert len(seen) == layers  # the first row of three is counted, and thus plain


def test_the_users_model_keeps_its_own_layers():
    model = Encoder()
    engine.attribute(model, _rows(), engine.FeatureAblation(), 1)
    assert all("forward" not in vars(module) for module in model.modules())
    ours = prepare(model).module
    assert ours is not None
    assert any("forward" in vars(module) for module in ours.modules())


class Adapted(nn.Linear):
    """As adapters of low rank do it: more than the weight says."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


class OwnAttention(nn.TransformerEncoderLayer):
    def _sa_block(self, *args: Any, **kwargs: Any) -> Tensor:
        return 2 * super()._sa_block(*args, **kwargs)


def _adapted() -> Encoder:
    model = Encoder()
    model.body.layers[0].linear1 = Adapted(WIDTH, 16)
    return model


def _activated(act: Any) -> Encoder:
    model = Encoder()
    for layer in model.body.layers:
        layer.activation = act
    return model


def _attending() -> Encoder:
    model = Encoder()
    model.body = nn.TransformerEncoder(OwnAttention(WIDTH, 2, 16, batch_first=True), 1)
    return model


@pytest.mark.parametrize(
    ("build", "fused_layers"),
    [
        (_adapted, 1),
        (_attending, 0),
        (lambda: _activated(nn.functional.silu), 0),
        (lambda: _activated(nn.GELU(approximate="tanh")), 0),
        (lambda: _activated(nn.GELU()), 0),
        (lambda: Encoder("gelu"), 2),
    ],
    ids=["adapter", "attention", "silu", "tanh", "changed", "gelu"],
)
def test_a_layer_with_a_part_of_ones_own_is_left_alone(
    build: Any, fused_layers: int, monkeypatch: pytest.MonkeyPatch
):
    torch.manual_seed(3)
    model = build().eval()
    ask = engine.FeatureAblation()
    engine.attribute(model, _rows(), ask, 1, features=FEATURES)
    with _fused(monkeypatch) as seen:
        found = engine.attribute(model, _rows(), ask, 1, features=FEATURES).attributions[0]
    assert bool(seen) == bool(fused_layers)
    assert torch.allclose(found[..., 0], _differences(model, _rows()), atol=1e-5)


class Own(nn.TransformerEncoderLayer):
    """A layer that changes what its own kind does."""

    def forward(self, *args: Any, **kwargs: Any) -> Tensor:
        return 2 * super().forward(*args, **kwargs)


def test_a_layer_of_ones_own_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    torch.manual_seed(0)
    model = nn.Sequential(Own(WIDTH, 2, 16, batch_first=True), nn.Flatten(), nn.Linear(48, 3))
    with _fused(monkeypatch) as seen:
        for _ in range(2):
            found = engine.attribute(
                model, _rows(), engine.FeatureAblation(), 1, features=FEATURES
            ).attributions[0]
    assert not seen
    assert torch.allclose(found[..., 0], _differences(model.eval(), _rows()), atol=1e-5)
