"""Models that write into memory they gave away before, and results that lie in nobody else's."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from attriboard import engine

X = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))


class Cubes(torch.autograd.Function):
    """sum x^3, whose gradient is always written into the same memory."""

    kept: Tensor = torch.zeros(1 << 14, 4)

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return (x**3).sum(1, keepdim=True)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return Cubes.kept[: len(x)].copy_(gradient * 3 * x**2)


class KeepsGradients(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return Cubes.apply(self.inner(x))


class KeepsOutputs(nn.Module):
    """Writes its answer into the same memory each time."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear, self.kept = nn.Linear(4, 3), [torch.zeros(4096, 3)]

    def forward(self, x: Tensor) -> Tensor:
        return self.kept[0][: len(x)].copy_(self.linear(x))


class Tape:
    def __init__(self) -> None:
        self.parts: dict[str, Tensor] = {}

    def get(self, part: str) -> Tensor | None:
        return self.parts.get(part)

    def put(self, part: str, outputs: Tensor) -> None:
        self.parts[part] = outputs


def test_gradients_that_a_model_keeps_are_read_before_it_runs_again():
    for method, expected in (
        (engine.Saliency(abs=False), 3 * X**2),
        (engine.InputXGradient(), 3 * X**3),
        (engine.IntegratedGradients(), X**3),
    ):
        found = engine.attribute(KeepsGradients(), X, method, 0).attributions[0]
        assert torch.allclose(found, expected, atol=1e-4)
    flow = engine.attribute(
        KeepsGradients(), X, engine.LayerConductance(n_steps=200), 0, layer="inner"
    )
    assert torch.allclose(flow.attributions[0], X**3, atol=0.05 * float((X**3).abs().max()))
    found = engine.attribute(KeepsGradients(), X, engine.Saliency(abs=False), 0).attributions[0]
    before = found.clone()
    Cubes.kept.zero_()
    assert torch.equal(found, before)


def test_outputs_that_a_model_keeps_are_known_as_they_were():
    model, tape = KeepsOutputs(), Tape()
    with torch.no_grad():
        expected = model.linear(X[:2])
    for _ in range(3):  # blocks grow with what was learned
        tape.parts.clear()
        run = engine.Run(replay=tape)
        result = engine.attribute(model, X[:2], engine.ShapleyValues(), 1, run=run)
        assert torch.allclose(tape.parts["point"][0], expected)
        assert torch.allclose(result.score, expected[:, 1])


def test_predictions_that_a_model_keeps_are_all_there():
    model = KeepsOutputs()
    with torch.no_grad():
        expected = model.linear(X)
    assert torch.allclose(engine.predict(model, X), expected, atol=1e-6)
    assert torch.allclose(engine.predict(model, X), expected, atol=1e-6)


def test_a_score_keeps_no_output_alive_and_changes_none():
    tape = Tape()
    run = engine.Run(replay=tape)
    model = nn.Linear(4, 1000)
    result = engine.attribute(model, X[:2], engine.ShapleyValues(), 1, run=run)
    before = tape.parts["point"].clone()
    assert result.score.untyped_storage().nbytes() < 1000
    result.score.zero_()
    assert torch.equal(tape.parts["point"], before)
    output = torch.ones(2, 3)
    engine.score(output, 1).zero_()
    assert bool((output == 1).all())
