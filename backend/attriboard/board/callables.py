"""The fingerprint of a black box: its code, and what it reaches (weights, arrays, settings)."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from attriboard.board import fingerprints

DEPTH = 5


def of_callable(function: Any) -> str:
    """A hash of a function or callable object, followed into closures, globals and attributes.

    What is reached through calls of other packages, a file or a network, it cannot see.
    """
    return fingerprints.of_text("callable", *_content(function, DEPTH, set()))


def _content(thing: Any, depth: int, seen: set[int]) -> Iterator[str]:
    if thing is None or isinstance(thing, (bool, int, float, complex, str, bytes)):
        yield repr(thing)
    elif isinstance(thing, nn.Module):
        yield fingerprints.of_module(thing)
    elif isinstance(thing, Tensor):
        yield fingerprints.of_tensors([("", thing)])
    elif isinstance(thing, np.ndarray) and thing.dtype.kind in "biufc":
        yield f"{thing.dtype} {thing.shape}"
        yield fingerprints.of_tensors([("", torch.from_numpy(thing.reshape(-1).view(np.uint8)))])
    elif depth and id(thing) not in seen:
        seen.add(id(thing))
        yield type(thing).__qualname__
        for name, part in _parts(thing):
            yield name
            yield from _content(part, depth - 1, seen)


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(thing, FunctionType):
        yield from _of_function(thing)
    elif isinstance(thing, MethodType):
        yield from (("function", thing.__func__), ("self", thing.__self__))
    elif isinstance(thing, functools.partial):
        yield from (("function", thing.func), ("args", thing.args), ("named", thing.keywords))
    elif isinstance(thing, Mapping):
        yield from ((str(key), value) for key, value in thing.items())
    elif isinstance(thing, (list, tuple)):
        yield from ((str(place), value) for place, value in enumerate(thing))
    elif isinstance(thing, (type, ModuleType)):
        yield getattr(thing, "__qualname__", thing.__name__), None
    else:
        call = getattr(type(thing), "__call__", None)  # noqa: B004
        yield from [("call", call)] if isinstance(call, FunctionType) else []
        yield from sorted(getattr(thing, "__dict__", {}).items())


def _of_function(function: FunctionType) -> Iterator[tuple[str, Any]]:
    yield "code", "".join(fingerprints.code_of(function))
    yield "defaults", (function.__defaults__, function.__kwdefaults__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name, _inside(cell)
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield name, function.__globals__[name]


def _inside(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a variable that is not set yet
        return None
