"""Models whose outputs are read before anything else sees them: made to return (N, F) rows."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.board.models import Model
from attriboard.engine.model_tree import unwrapped
from attriboard.outputs import Output


@dataclass(frozen=True)
class Reader:
    """Turns what a model returned into rows. names: of the model's arguments, in order."""

    output: Output
    names: tuple[str, ...]

    def __call__(self, returned: Any, arguments: Sequence[Any]) -> Tensor:
        given = dict(zip(self.names, arguments, strict=False))
        return self.output.read(returned, given)

    def __deepcopy__(self, memo: dict[int, Any]) -> Reader:
        return self  # the engine copies a model for each thread; the output learns from all


def adapted(model: Model, reader: Reader) -> Model:
    """`model` with its output read; its modules, their names and weights are the very same.

    A module becomes one of a class derived from its own, which shares all that it holds, so that
    a layer is named as before and weights that change are followed.
    """
    inner = unwrapped(model)
    if not isinstance(inner, nn.Module):
        return AdaptedCall(inner, reader)
    own = "forward" in inner.__dict__ or hasattr(type(inner), "__deepcopy__")
    if own or isinstance(inner, torch.jit.ScriptModule):
        return AdaptedModule(inner, reader)
    return _derived(inner, reader)


def _derived(model: nn.Module, reader: Reader) -> nn.Module:
    kind = type(model)
    original = kind.forward

    @functools.wraps(original)
    def forward(self: nn.Module, *args: Any) -> Tensor:
        return reader(original(self, *args), args)

    same = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    derived: Any = type(kind.__name__, (kind,), {"forward": forward, **same})
    twin: nn.Module = derived.__new__(derived)
    twin.__dict__.update(model.__dict__)
    return twin


class AdaptedModule(nn.Module):
    """A module no class can be derived from, such as TorchScript: its layers lie in `model`."""

    def __init__(self, model: nn.Module, reader: Reader) -> None:
        super().__init__()
        self.model = model
        self.reader = reader
        self.train(model.training)

    def forward(self, *args: Any) -> Tensor:
        return self.reader(self.model(*args), args)


class AdaptedCall:
    """A black box."""

    def __init__(self, function: Model, reader: Reader) -> None:
        self.function = function
        self.reader = reader

    def __call__(self, *args: Any) -> Tensor:
        return self.reader(self.function(*args), args)
