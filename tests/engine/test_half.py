"""Passes in bfloat16: off unless asked for, close, and honest about how close."""

from __future__ import annotations

import re

import pytest
import torch

from attriboard import engine
from engine.cases import inputs, patches, picture

METHODS = [
    engine.FeatureAblation(),
    engine.KernelShap(n_samples=60),
    engine.ShapleyValueSampling(n_samples=4),
    engine.Occlusion(sliding_window_shapes=(2, 2, 2), strides=2),
    engine.Rise(n_samples=40, cells=3),
]


def _run(method: engine.Method, run: engine.Run | None = None) -> engine.Result:
    features = patches() if method.uses_features else None
    result: engine.Result = engine.attribute(
        picture(), inputs(2), method, 1, baselines=0.1, features=features, run=run
    )
    return result


@pytest.mark.parametrize("method", METHODS, ids=lambda m: type(m).__name__)
def test_results_are_close_and_say_how_close_the_scores_are(method: engine.Method):
    usual, short = _run(method), _run(method, engine.Run(precision="bfloat16"))
    a, b = usual.attributions[0], short.attributions[0]
    assert not torch.equal(a, b)
    assert a.dtype == b.dtype
    assert (a - b).norm() <= 0.2 * a.norm()
    (remark,) = short.remarks
    found = re.search(r"first (\d+) rows scores were at most (\S+) from", remark)
    assert found
    assert int(found[1]) == 8
    assert 0 < float(found[2]) < 0.05
    assert usual.remarks == ()


def test_gradients_keep_their_precision_and_say_so():
    usual = _run(engine.Saliency())
    short = _run(engine.Saliency(), engine.Run(precision="bfloat16"))
    assert torch.equal(usual.attributions[0], short.attributions[0])
    assert "bfloat16 is for perturbation methods" in short.remarks[0]
