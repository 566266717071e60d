"""What a result says against itself."""

from __future__ import annotations

import torch
from torch import nn

from attriboard import engine


def _model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)).double()


X = torch.randn(5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_a_baseline_predicted_as_the_target_is_said():
    model = _model()
    winner = int(model(torch.zeros(1, 4).double()).argmax())
    method = engine.IntegratedGradients(n_steps=50)
    targets = torch.tensor([winner, (winner + 1) % 3, winner, winner, (winner + 1) % 3])
    found = engine.attribute(model, X, method, targets)
    said = ["baseline itself is predicted" in " ".join(d) for d in found.doubts]
    assert said == (targets == winner).tolist()
    assert sum("Example" in sentence for sentence in found.warnings) == 3


def test_a_gap_in_completeness_is_said():
    x = 6 * X
    rough = engine.attribute(_model(), x, engine.IntegratedGradients(n_steps=2), 1)
    exact = engine.attribute(_model(), x, engine.IntegratedGradients(n_steps=300), 1)
    assert any("miss" in sentence for sentence in rough.warnings)
    assert not any("miss" in sentence for sentence in exact.warnings)


def test_attributions_that_are_all_zero_are_said():
    dead = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)).double()
    with torch.no_grad():
        dead[0].bias -= 100
    found = engine.attribute(dead, X[:1], engine.Saliency(), 1)
    assert "zero" in found.warnings[0]
    assert engine.attribute(_model(), X[:1], engine.Saliency(), 1).warnings == ()
