"""A model's layers in the order they run, with the shapes they give: where one may attribute to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from attriboard.engine.attribution import predict
from attriboard.engine.model_tree import Model, prepare
from attriboard.engine.run import Run
from attriboard.engine.setup import Inputs


@dataclass(frozen=True)
class LayerView:
    """One layer. shape: one example's output, or the first tensor of it where it has several."""

    name: str
    type: str
    shape: tuple[int, ...]


def layers(
    model: Model, inputs: Inputs, *, extra_args: tuple[Any, ...] = (), run: Run | None = None
) -> list[LayerView]:
    """The layers that run for `inputs`, by when they last end, found in one pass.

    Empty for a black box and for TorchScript, whose layers cannot be watched. A layer that gives
    no tensor is left out. Raises ModelError when the model fails.
    """
    prepared = prepare(model)
    if prepared.module is None or prepared.shared:
        return []
    seen: dict[str, LayerView] = {}
    named = [(name, module) for name, module in prepared.module.named_modules() if name]
    handles = [module.register_forward_hook(_noting(name, seen)) for name, module in named]
    try:
        predict(model, inputs, extra_args=extra_args, run=run)
    finally:
        for handle in handles:
            handle.remove()
    return list(seen.values())


def _noting(name: str, seen: dict[str, LayerView]) -> Callable[[nn.Module, Any, Any], None]:
    def note(module: nn.Module, args: Any, result: Any) -> None:
        parts = result if isinstance(result, tuple | list) else (result,)
        found = next((part for part in parts if isinstance(part, Tensor)), None)
        if found is not None:
            seen.pop(name, None)  # one that runs again ends later
            seen[name] = LayerView(name, type(module).__name__, tuple(found.shape[1:]))

    return note
