"""Hashes of content, so that what was computed once is found again and never mixed up."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any

import torch
from torch import Tensor, nn

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
SIZE = 16  # bytes of a fingerprint


def of_text(*parts: str) -> str:
    """The fingerprint of several texts."""
    digest = hashlib.blake2b(digest_size=SIZE)
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.hexdigest()


def of_json(value: Any) -> str:
    """The fingerprint of a JSON value; the order of keys does not matter."""
    return of_text(json.dumps(value, sort_keys=True, default=str))


def of_tensors(named: Iterable[tuple[str, Tensor]]) -> str:
    """The fingerprint of tensors: names, types, shapes and every byte."""
    digest = hashlib.blake2b(digest_size=SIZE)
    for name, tensor in named:
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)};".encode())
        digest.update(_bytes(tensor))
    return digest.hexdigest()


def of_module(module: nn.Module) -> str:
    """The fingerprint of a module: its code, its settings, its parameters and buffers."""
    kinds = sorted({type(part) for part in module.modules()}, key=name_of)
    code = [text for kind in kinds if not _is_torch(kind) for text in code_of(kind.forward)]
    settings = ADDRESS.sub("", repr(module))
    content = of_tensors([*state(module), *_constants(module)])
    return of_text("module", name_of(type(module)), settings, *code, _script(module), content)


def _script(module: nn.Module) -> str:
    return str(getattr(module, "code", "")) if isinstance(module, torch.jit.ScriptModule) else ""


def _constants(module: nn.Module) -> list[tuple[str, Tensor]]:
    """Tensors inside the code of TorchScript: a frozen module keeps its weights there."""
    if not isinstance(module, torch.jit.ScriptModule):
        return []
    try:
        held = module.code_with_constants[1].const_mapping
    except (AttributeError, RuntimeError):  # a module without a forward of its own
        return []
    return [(name, value) for name, value in sorted(held.items()) if isinstance(value, Tensor)]


def state(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Parameters and buffers by name, those left out of the state dict too."""
    yield from model.named_parameters()
    yield from model.named_buffers()


def trace(model: Any) -> tuple[Any, ...]:
    """A cheap sign of change: where a model's tensors lie, their versions, a few values of each.

    Fused optimisers and writes through `.data` leave the version alone, but not the values.
    """
    if not isinstance(model, nn.Module):
        return (id(model),)
    return tuple(
        (name, tensor.data_ptr(), tensor._version, tuple(tensor.shape), tensor.dtype, few(tensor))
        for name, tensor in state(model)
    )


def few(tensor: Tensor) -> bytes:
    """The bytes of up to 16 values, spread over the tensor."""
    if tensor.numel() == 0 or tensor.device.type == "meta":
        return b""
    flat = tensor.detach().reshape(-1) if tensor.is_contiguous() else tensor.detach().flatten()
    return _bytes(flat[:: max(1, len(flat) // 16)])


def _bytes(tensor: Tensor) -> bytes:
    if tensor.device.type == "meta":
        return b"meta"
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    if flat.is_quantized:
        flat = flat.int_repr()
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


def name_of(thing: Any) -> str:
    """The dotted name of a class or function."""
    return f"{thing.__module__}.{thing.__qualname__}"


def _is_torch(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "torch"


def code_of(function: Any) -> list[str]:
    """What a function does, as text: its byte code and constants. Empty for built-in ones."""
    target = inspect.unwrap(function)
    code = getattr(getattr(target, "__func__", target), "__code__", None)
    return [] if code is None else list(_code_texts(code))


def _code_texts(code: CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code_texts(constant)
        elif not isinstance(constant, frozenset):
            yield repr(constant)
        else:
            yield repr(sorted(map(repr, constant)))
