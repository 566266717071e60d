"""Models as the rest of the board sees them: given ids, and answering with rows of numbers.

A text with an embedding of its own hands the model vectors; an output of a form of its own is read
into (N, F) rows; a further argument may be for the output alone. All of it happens here, so that
nothing else has to know.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.board.models import Model
from attriboard.engine.model_tree import unwrapped
from attriboard.inputs import Extra, Input, Text
from attriboard.outputs import Output


@dataclass(frozen=True)
class Adapter:
    """What is done before and after a pass.

    names: of the arguments, in order. embedded: by the argument's place, the name its embedding
    has among the modules. dropped: the places of arguments that the model is not given. output:
    what reads the answer, None where it is left as it is.
    """

    names: tuple[str, ...]
    embedded: Mapping[int, str] = field(default_factory=dict)
    dropped: frozenset[int] = frozenset()
    output: Output | None = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do."""
        return not self.embedded and not self.dropped and self.output is None

    def before(self, args: Sequence[Any], modules: Mapping[str, Any]) -> list[Any]:
        """The arguments that the model itself is given."""
        made = [
            modules[self.embedded[place]](argument) if place in self.embedded else argument
            for place, argument in enumerate(args)
        ]
        return [argument for place, argument in enumerate(made) if place not in self.dropped]

    def after(self, returned: Any, args: Sequence[Any]) -> Any:
        """What the model is taken to have returned."""
        if self.output is None:
            return returned
        return self.output.read(returned, dict(zip(self.names, args, strict=False)))

    def __deepcopy__(self, memo: dict[int, Any]) -> Adapter:
        return self  # the engine copies a model for each thread; the output learns from all


def adapter_of(inputs: Sequence[Input], output: Output) -> tuple[Adapter, dict[str, nn.Module]]:
    """What the models of a board need, and the embeddings that go with it, by name."""
    embeddings: dict[str, nn.Module] = {}
    embedded: dict[int, str] = {}
    dropped = set()
    for place, entry in enumerate(inputs):
        if isinstance(entry, Text) and entry.embedding is not None:
            embedded[place] = f"embedding_of_{entry.name.replace('.', '_')}"
            embeddings[embedded[place]] = entry.embedding
        if isinstance(entry, Extra) and not entry.passed:
            dropped.add(place)
    names = tuple(entry.name for entry in inputs)
    return Adapter(
        names, embedded, frozenset(dropped), output if output.reads else None
    ), embeddings


def adapted(model: Model, adapter: Adapter, embeddings: Mapping[str, nn.Module]) -> Model:
    """`model` with the adapter around it; its modules, their names and weights are the very same.

    A module becomes one of a class derived from its own, which shares all that it holds, so that
    a layer is named as before and weights that change are followed.
    """
    inner = unwrapped(model)
    if not isinstance(inner, nn.Module):
        return AdaptedCall(inner, adapter, embeddings)
    own = "forward" in inner.__dict__ or hasattr(type(inner), "__deepcopy__")
    if own or isinstance(inner, torch.jit.ScriptModule):
        return AdaptedModule(inner, adapter, embeddings)
    return _derived(inner, adapter, embeddings)


def _derived(model: nn.Module, adapter: Adapter, embeddings: Mapping[str, nn.Module]) -> nn.Module:
    kind = type(model)
    original = kind.forward

    @functools.wraps(original)
    def forward(self: nn.Module, *args: Any) -> Any:
        return adapter.after(original(self, *adapter.before(args, self._modules)), args)

    same = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    derived: Any = type(kind.__name__, (kind,), {"forward": forward, **same})
    twin: nn.Module = derived.__new__(derived)
    twin.__dict__.update(model.__dict__)
    if embeddings:
        twin.__dict__["_modules"] = {**model._modules, **embeddings}
    return twin


class AdaptedModule(nn.Module):
    """A module no class can be derived from, such as TorchScript: its layers lie in `model`."""

    def __init__(
        self, model: nn.Module, adapter: Adapter, embeddings: Mapping[str, nn.Module]
    ) -> None:
        super().__init__()
        self.model = model
        self.adapter = adapter
        for name, module in embeddings.items():
            self.add_module(name, module)
        self.training = model.training

    def forward(self, *args: Any) -> Any:
        given = self.adapter.before(args, self._modules)
        return self.adapter.after(self.model(*given), args)


class AdaptedCall:
    """A black box."""

    def __init__(
        self, function: Model, adapter: Adapter, embeddings: Mapping[str, nn.Module]
    ) -> None:
        self.function = function
        self.adapter = adapter
        self.embeddings = dict(embeddings)

    def __call__(self, *args: Any) -> Tensor | Any:
        with torch.no_grad():
            given = self.adapter.before(args, self.embeddings)
        return self.adapter.after(self.function(*given), args)
