"""The models of a board: named, told apart from black boxes, and asked what they take."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import nn

from attriboard.engine.errors import InvalidInput
from attriboard.engine.model_tree import unwrapped

Model: TypeAlias = Callable[..., Any]


def named(model: Model | Mapping[str, Model]) -> dict[str, Model]:
    """Models by name; a single one is called "model"."""
    given = dict(model) if isinstance(model, Mapping) else {"model": model}
    models = {name: _module_of(one) for name, one in given.items()}
    if not models:
        raise InvalidInput("The dict of models is empty. Give at least one model.", "model")
    for name, one in models.items():
        check_name(name)
        if not callable(one) or isinstance(one, type):
            found = f"the class {one.__name__}" if isinstance(one, type) else f"{one!r:.60}"
            raise InvalidInput(
                f"{sentence_name(name)} is {found}, which cannot be called on a batch. Give an "
                "instance of an nn.Module, a TorchScript module or a function.",
                "model",
            )
    return {name: _settled(one) for name, one in models.items()}


def check_name(name: Any) -> None:
    """Refuse what cannot name a model."""
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"A model's name must be a non-empty text, not {name!r}.", "model")


def _module_of(model: Any) -> Any:
    """The module of a `torch.export` program; anything else as it is."""
    return model.module() if isinstance(model, torch.export.ExportedProgram) else model


def _settled(model: Model) -> Model:
    """TorchScript in training mode as a copy in eval mode: the engine runs it as it is."""
    if not isinstance(model, torch.jit.ScriptModule):
        return model
    training = any(getattr(module, "training", False) for module in model.modules())
    return copy.deepcopy(model).eval() if training else model


def sentence_name(name: str) -> str:
    """How a sentence about a model begins."""
    return "The model" if name == "model" else f"The model {name!r}"


def is_black_box(model: Model) -> bool:
    """Whether gradients are out of reach: any callable that is no module."""
    return not isinstance(unwrapped(model), nn.Module)


def parameter_count(model: Model) -> int:
    """The number of trained values; 0 for a black box."""
    module = unwrapped(model)
    if not isinstance(module, nn.Module):
        return 0
    return sum(parameter.numel() for parameter in module.parameters())


def check_arity(name: str, model: Model, inputs: Sequence[str]) -> None:
    """Refuse a model that cannot be called with one argument an input."""
    signature = _signature(unwrapped(model))
    if signature is None:
        return
    try:
        signature.bind(*inputs)
    except TypeError:
        takes = [p.name for p in signature.parameters.values() if p.default is p.empty]
        several = "argument" if len(takes) == 1 else "arguments"
        count = "1 input" if len(inputs) == 1 else f"{len(inputs)} inputs"
        raise InvalidInput(
            f"{sentence_name(name)} takes {len(takes)} {several} ({', '.join(takes)}), but the "
            f"board has {count} ({', '.join(inputs)}). Give inputs= one entry for each argument, "
            "in the order of the arguments.",
            "inputs",
        ) from None


def _signature(model: Any) -> inspect.Signature | None:
    """What the model takes, where that can be known."""
    if isinstance(model, torch.jit.ScriptModule):
        return _script_signature(model)
    try:
        return inspect.signature(model.forward if isinstance(model, nn.Module) else model)
    except (TypeError, ValueError):
        return None


def _script_signature(model: torch.jit.ScriptModule) -> inspect.Signature | None:
    try:
        forward: Any = model.forward
        arguments = forward.schema.arguments[1:]
    except (AttributeError, RuntimeError):
        return None
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    empty = inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(a.name, kind, default=None if a.has_default_value() else empty)
            for a in arguments
        ]
    )
