"""Likely causes of a model's failure, read off the model and its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from attriboard.engine.tensors import Tensors, is_integer
from attriboard.inputs import Input


def hint(model: Any, inputs: Sequence[Input], tensors: Tensors) -> str:
    """A sentence about the likely cause and its mend, with a space in front; empty if none."""
    if not isinstance(model, nn.Module):
        return ""
    parameter = next((p for p in model.parameters() if p.is_floating_point()), None)
    found = _ids(model, inputs, tensors)
    if parameter is not None and found is None:
        found = _device(parameter, tensors) or _dtype(parameter, inputs, tensors)
    return "" if found is None else f" {found}"


def _device(parameter: Tensor, tensors: Tensors) -> str | None:
    place = parameter.device
    if place.type == "meta":
        return "Its parameters are on the meta device: load the weights first."
    if all(tensor.device == place for tensor in tensors):
        return None
    return (
        f"Its parameters are on {place}, the inputs on {tensors[0].device}: move the model there "
        f'with model.to("{tensors[0].device}").'
    )


def _dtype(parameter: Tensor, inputs: Sequence[Input], tensors: Tensors) -> str | None:
    for entry, tensor in zip(inputs, tensors, strict=True):
        if not is_integer(tensor) and tensor.dtype != parameter.dtype:
            return (
                f"Its parameters are {parameter.dtype}, but input {entry.name!r} gives "
                f"{tensor.dtype}: end the transform with .to({parameter.dtype}), or convert the "
                f"model with model.to({tensor.dtype})."
            )
    return None


def _ids(model: nn.Module, inputs: Sequence[Input], tensors: Tensors) -> str | None:
    tables = [
        (name, module)
        for name, module in model.named_modules()
        if isinstance(module, (nn.Embedding, nn.EmbeddingBag))
    ]
    tokens = [(entry, t) for entry, t in zip(inputs, tensors, strict=True) if is_integer(t)]
    if len(tables) != 1 or len(tokens) != 1:
        return None
    (name, table), (entry, ids) = tables[0], tokens[0]
    largest = int(ids.max()) if ids.numel() else 0
    if largest < table.num_embeddings:
        return None
    return (
        f"Input {entry.name!r} gives the id {largest}, but the embedding {name!r} has "
        f"{table.num_embeddings} rows: is this the tokenizer the model was trained with?"
    )
