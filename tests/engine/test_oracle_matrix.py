"""Captum's own matrix of configurations, all 288 rows, through the facade and the engine."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from captum.testing.attr.helpers.gen_test_utils import get_target_layer, parse_test_config
from captum.testing.attr.helpers.test_config import config

from attriboard import engine
from engine.oracle import Call, assert_agree, both, doubled

ROWS = [
    pytest.param(row, kind.__name__, id=f"{row['name']}-{kind.__name__}")
    for row in config
    for kind in row["algorithms"]
]
SINGLE = {"Lime": 1e-4, "KernelShap": 1e-4, "ShapleyValueSampling": 2e-6}
"""Captum computes these in float32 whatever the model's type."""

SCALED = "basic_multi_input", "basic_multi_input_multi_target", "basic_multi_input_multi_target_nt"
STACKED = "basic_multiple_tuple_target_nt"
SUMS_IN_LRP = {(name, "LRP") for name in (*SCALED, STACKED)}


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


@pytest.mark.parametrize(("row", "kind"), ROWS)
def test_in_double_precision(row: dict[str, Any], kind: str, monkeypatch: pytest.MonkeyPatch):
    call = _call(row, kind, True)
    if kind == "KernelShap" and row["name"] == "conv_with_perturbations_per_eval":
        with pytest.raises(engine.InvalidInput, match="at least as many samples as features"):
            call.ours()
        return
    ours, theirs = both(call, monkeypatch)
    if (row["name"], kind) in SUMS_IN_LRP:
        with pytest.raises(AssertionError):
            assert_agree(ours, theirs, 1e-2)
        return
    if kind == "NeuronConductance":  # the trapezoid's weights of n points
        points = call.args.get("n_steps", 50)
        theirs = (
            theirs * points / (points - 1)
            if torch.is_tensor(theirs)
            else tuple(t * points / (points - 1) for t in theirs)
        )
    assert_agree(ours, theirs, SINGLE.get(kind, 1e-6), floor=1e-9)
