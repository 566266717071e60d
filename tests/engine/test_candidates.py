"""Several baselines side by side, and one chosen."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from engine.problems import by_name


class Sum(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum(1)


X = torch.ones(3, 4)


def test_the_baseline_with_least_of_the_target_is_chosen_with_its_reason():
    candidates = {"same": X, "zero": 0, "low": -1.0, "row": torch.full((4,), 0.5)}
    chosen = engine.choose_baseline(Sum(), X, candidates)
    assert chosen.name == "low"
    assert chosen.baselines == -1.0
    assert chosen.scores == {"same": 4, "zero": 0, "low": -4, "row": 2}
    assert "least of the target" in chosen.reason
    assert "zero 0" in chosen.reason


def test_several_baselines_side_by_side():
    problem = by_name("words")
    candidates = {"pad": torch.zeros(1, 7, dtype=torch.long), "unk": 3}
    method = engine.IntegratedGradients(n_steps=20)
    found = engine.compare_baselines(problem.model(), problem.inputs, method, candidates, 1)
    for name, baselines in candidates.items():
        alone = engine.attribute(problem.model(), problem.inputs, method, 1, baselines=baselines)
        assert torch.allclose(found[name].attributions[0], alone.attributions[0], atol=1e-9)
    chosen = engine.choose_baseline(problem.model(), problem.inputs, candidates, 1)
    assert chosen.name == min(chosen.scores, key=lambda name: chosen.scores[name])


def test_no_candidate_is_an_error():
    with pytest.raises(engine.InvalidInput, match="at least one baseline"):
        engine.choose_baseline(Sum(), X, {})
