"""Captum's own matrix of configurations, all 288 rows, through the facade and the engine."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from captum.testing.attr.helpers.gen_test_utils import get_target_layer, parse_test_config

from attriboard import engine
from engine.oracle import Call, assert_agree, both, doubled

torch.manual_seed(0)  # Captum draws the inputs of its matrix when this is imported
from captum.testing.attr.helpers.test_config import config  # noqa: E402

ROWS = [
    pytest.param(row, kind.__name__, id=f"{row['name']}-{kind.__name__}")
    for row in config
    for kind in row["algorithms"]
]
SINGLE = {"Lime": 1e-4, "KernelShap": 1e-4, "ShapleyValueSampling": 2e-6}
"""Captum computes these in float32 whatever the model's type."""

DEGENERATE = {("conv_layer_single_target", "LayerDeepLift"): 2e-3}
"""All logits move alike there, so that the true change is zero: what float32 leaves of terms that
cancel."""


def _call(row: dict[str, Any], kind: str, double: bool) -> Call:
    _, model, args, layer, tunnel, _ = parse_test_config(row)
    model = copy.deepcopy(model)
    if double:
        model = model.double()
        args = {name: doubled(value) for name, value in args.items()}
    chosen = get_target_layer(model, layer) if layer else None
    return Call(kind, model, dict(args), chosen, tunnel=tunnel)


def test_the_matrix_is_whole():
    assert len(ROWS) == 288


@pytest.mark.parametrize("double", [True, False], ids=["double", "single"])
@pytest.mark.parametrize(("row", "kind"), ROWS)
def test_row(row: dict[str, Any], kind: str, double: bool, monkeypatch: pytest.MonkeyPatch):
    call = _call(row, kind, double)
    if kind == "KernelShap" and row["name"] == "conv_with_perturbations_per_eval":
        with pytest.raises(engine.InvalidInput, match="at least as many samples as features"):
            call.ours()
        return
    ours, theirs = both(call, monkeypatch)
    theirs = _without_deviations(row["name"], call, theirs)
    if double:
        assert_agree(ours, theirs, SINGLE.get(kind, 1e-6), floor=1e-9)
    else:
        assert_agree(ours, theirs, 1e-4, floor=DEGENERATE.get((row["name"], kind), 1e-6))


def _without_deviations(name: str, call: Call, theirs: Any) -> Any:
    """Captum's answer with what docs/deviations.md says of it put right."""
    if call.kind == "NeuronConductance":  # the trapezoid's weights of n points
        return _scaled(theirs, 50 / 49)
    if call.kind != "LRP":
        return theirs
    if "multi_input" in name:  # relevance of scale * (x1 + x2 + x3) goes to each term whole
        extra, scale = call.args["additional_forward_args"]
        total = scale * (sum(call.args["inputs"]) + extra)
        pairs = zip(theirs, call.args["inputs"], strict=True)
        return tuple(t * x / total for t, x in pairs)
    if name == "basic_multiple_tuple_target_nt":  # and is multiplied by what scales the output
        factor = [2**a * 4**b for _, a, b in call.args["target"]]
        return theirs / torch.tensor(factor)[:, None]
    return theirs


def _scaled(tensors: Any, factor: float) -> Any:
    return tensors * factor if torch.is_tensor(tensors) else tuple(t * factor for t in tensors)
