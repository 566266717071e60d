"""From a call in Captum's words to a question to the engine, and from its result to the answer."""

from __future__ import annotations

import inspect
import threading
import warnings
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from attriboard import engine
from attriboard.captum.arguments import fields
from attriboard.captum.bases import Attribution, listed
from attriboard.captum.convergence import extra_of, tupled_baselines
from attriboard.captum.relevance import rules_of
from attriboard.captum.surrogates import surrogate_fields
from attriboard.engine import InvalidInput, Method, Result, TorchFunction
from attriboard.engine.sites import Side
from attriboard.engine.tensors import Tensors, as_tuple

_FUNCTIONS = threading.RLock()
"""A function is run with the caller's own modules, so one computation at a time."""

SHOWN = 3
"""Sentences in one warning: a batch may have as many doubts as examples."""


@dataclass(frozen=True)
class Question:
    """What the engine is asked: `engine.attribute(model, inputs, method, **call)`."""

    model: Any
    inputs: Tensors
    method: Method
    call: dict[str, Any]

    def ask(self) -> Result:
        """The engine's result; what should make a reader doubt it becomes Python warnings."""
        with _FUNCTIONS if isinstance(self.model, TorchFunction) else nullcontext():
            result: Result = engine.attribute(self.model, self.inputs, self.method, **self.call)
        if result.warnings:
            warnings.warn(_together(result.warnings), stacklevel=_callers())
        return result

    def with_method(self, method: Method, **call: Any) -> Question:
        """The same question of another method, with some arguments changed."""
        return replace(self, method=method, call=self.call | call)


def question(attribution: Attribution, given: dict[str, Any]) -> Question:
    """The question that `attribution.attribute` asks with the arguments `given`."""
    row = attribution.row
    inputs = as_tuple(given["inputs"])
    _refuse(attribution.settings, "perm_func", "the engine draws orders from its seed")
    call = {a.to or a.name: given[a.name] for a in row.call if a.goes == "call"}
    call["extra_args"] = extra_of(given)
    if "baselines" in call:
        call["baselines"] = given["baselines"] = _baselines(given["baselines"], given["inputs"])
    if "layer_baselines" in call and call["layer_baselines"] is None:
        call["layer_baselines"] = 0
    if attribution.layer is not None:
        call["layer"] = attribution.layer
        call["layer_side"] = "input" if _at_its_input(given) else "output"
    if row.random:
        call["seed"] = int(torch.randint(1 << 62, ()))
    return Question(attribution.asked(), inputs, _method(attribution, given), call)


def shaped(attribution: Attribution, given: dict[str, Any], tensors: Tensors) -> Any:
    """Attributions in Captum's form: a bare tensor for a bare tensor, a tuple for a tuple."""
    if attribution.row.at == "inputs":
        return tensors[0] if isinstance(given["inputs"], Tensor) else tensors
    if not isinstance(attribution.layer, list):
        return tensors[0] if len(tensors) == 1 else tensors
    parts, rest = [], list(tensors)
    for count in _tensors_of_layers(attribution, given):
        own, rest = tuple(rest[:count]), rest[count:]
        parts.append(own[0] if count == 1 else own)
    return parts


def _together(sentences: tuple[str, ...]) -> str:
    rest = len(sentences) - SHOWN
    return " ".join(sentences[:SHOWN]) + (f" And {rest} more." if rest > 0 else "")


def _callers() -> int:
    """How far up the caller's own line is, for a warning issued one function down."""
    level, frame = 1, inspect.currentframe()
    frame = frame.f_back if frame else None
    while frame is not None and frame.f_globals.get("__name__", "").startswith("attriboard."):
        level, frame = level + 1, frame.f_back
    return level


def _method(attribution: Attribution, given: dict[str, Any]) -> Method:
    row, settings = attribution.row, attribution.settings
    parameters = {**fields(row.init, settings), **fields(row.call, given), **row.fixed}
    if row.method is engine.Lime:
        parameters |= surrogate_fields(settings)
    if row.method is engine.LRP:
        parameters |= rules_of(attribution.forward_func)
    return row.method(**parameters)


def _baselines(baselines: Any, inputs: Any) -> Any:
    if callable(baselines) and not isinstance(baselines, Tensor):
        takes = inspect.signature(baselines).parameters
        baselines = baselines(inputs) if takes else baselines()
    return tupled_baselines(baselines)


def _at_its_input(given: dict[str, Any]) -> bool:
    return bool(given.get("attribute_to_layer_input") or given.get("attribute_to_neuron_input"))


def _tensors_of_layers(attribution: Attribution, given: dict[str, Any]) -> list[int]:
    """How many tensors each layer of a list gives."""
    side: Side = "input" if _at_its_input(given) else "output"
    model, inputs, extra = attribution.asked(), as_tuple(given["inputs"]), extra_of(given)
    counts = []
    for layer in listed(attribution.layer):
        read = engine.attribute(
            model,
            tuple(x[:1] for x in inputs),
            engine.LayerActivation(),
            extra_args=tuple(_first(argument, len(inputs[0])) for argument in extra),
            layer=layer,
            layer_side=side,
        )
        counts.append(len(read.attributions))
    return counts


def _first(argument: Any, count: int) -> Any:
    batched = isinstance(argument, Tensor) and argument.ndim and len(argument) == count
    return argument[:1] if batched else argument


def _refuse(settings: dict[str, Any], name: str, why: str) -> None:
    if settings.get(name) is not None:
        raise InvalidInput(f"`{name}` is not taken here: {why}. Leave it out.", name)
