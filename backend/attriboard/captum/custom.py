"""DeepLIFT's multipliers in a function of the caller's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from attriboard import engine
from attriboard.captum.questions import Question
from attriboard.engine import baselines as baseline_forms
from attriboard.engine.tensors import Tensors, as_tuple


def attributions(question: Question, function: Callable[..., Any]) -> Tensors:
    """`function` of the multipliers, the point and the baseline; its mean over a distribution."""
    method = engine.DeepLift(multiply_by_inputs=False)
    given = question.call["baselines"]
    pool = baseline_forms.resolve_pool(given, question.inputs)
    draws = pool.count if question.method.pooled else 1
    takes = len(inspect.signature(function).parameters)
    total: list[torch.Tensor] = []
    for m in range(draws):
        own = tuple(row[m : m + 1] for row in pool.rows) if question.method.pooled else given
        asked = question.with_method(method, baselines=own)
        known = (asked.ask().attributions, _there(asked), _there(_at_baseline(asked)))
        part = as_tuple(function(*known[:takes]))
        total = [a + b for a, b in zip(total, part, strict=True)] if total else list(part)
    return tuple(tensor / draws for tensor in total)


def _at_baseline(question: Question) -> Question:
    rows = baseline_forms.resolve(question.call["baselines"], question.inputs)
    return replace(question, inputs=rows)


def _there(question: Question) -> Tensors:
    """The inputs, or what the layer makes of them where attributions live there."""
    if "layer" not in question.call or "neuron" in question.call:
        return question.inputs
    call = {k: v for k, v in question.call.items() if k in ("layer", "layer_side", "extra_args")}
    result = engine.attribute(question.model, question.inputs, engine.LayerActivation(), **call)
    return tuple(result.attributions)
