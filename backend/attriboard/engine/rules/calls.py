"""Seeing every operation of a forward pass, one call at a time, by its normalised name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from types import FunctionType
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from attriboard.engine.rules.names import Function, body, is_composite, normalised
from attriboard.engine.tensors import Tensors

ATOMS = frozenset({"max_pool1d", "max_pool2d", "max_pool3d", "relu"})
"""Composites of torch that are one operation to a rule: their bodies are not entered."""

_HOLE = torch.empty(0, requires_grad=True)


@dataclass(frozen=True)
class Call:
    """One call of a torch operation, with what it was called with."""

    name: str
    function: Function
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    in_place: bool

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        """An argument by place or by name."""
        if len(self.args) > position:
            return self.args[position]
        return self.kwargs.get(name, default)

    def tensors(self) -> Tensors:
        """Every tensor among the arguments, in order, as often as it stands there."""
        return self._tensors

    def dependent(self) -> Tensors:
        """The tensors a gradient may flow into: they depend on what is explained."""
        return self._dependent

    @cached_property
    def _tensors(self) -> Tensors:
        return tuple(leaves((self.args, self.kwargs)))

    @cached_property
    def _dependent(self) -> Tensors:
        return tuple(tensor for tensor in self._tensors if tensor.requires_grad)

    def run(self) -> Any:
        """The call as the model made it."""
        return self.function(*self.args, **self.kwargs)

    def pure(self, *dependent: Tensor) -> Any:
        """The operation out of place on other values of its dependent tensors."""
        rest = iter(dependent)
        swap = iter([next(rest) if t.requires_grad else t for t in self.tensors()])
        args, kwargs = filled((self.args, self.kwargs), swap)
        function = self.function
        if self.in_place:
            kwargs = {key: value for key, value in kwargs.items() if key != "inplace"}
            args = args[:1] if self.name == "relu" else args
            function = _out_of_place(self.name, function)
        return function(*args, **kwargs)

    def hollow(self) -> Call:
        """The same call without its dependent tensors: whoever keeps it keeps no graph alive.

        `pure` works on it as before.
        """
        swap = iter([_HOLE if t.requires_grad else t for t in self.tensors()])
        args, kwargs = filled((self.args, self.kwargs), swap)
        return replace(self, args=args, kwargs=kwargs)

    def written(self, result: Tensor) -> Tensor:
        """`result` where the call was in place: in the tensor the model goes on with."""
        if not self.in_place:
            return result
        target: Tensor = self.args[0]
        target.copy_(result)
        return target


class CallMode(TorchFunctionMode, ABC):
    """Hands every dependent call under autograd to `seen`; composites are entered.

    needs_gradient: False hands over every call, dependent or not, under autograd or not.
    passed: names of calls that are run unseen, since no number comes out of them (`size`).
    """

    needs_gradient = True
    passed: ClassVar[frozenset[str]] = frozenset()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        off = self.needs_gradient and not torch.is_grad_enabled()
        if off or getattr(func, "__name__", "") == "__get__":
            return func(*args, **kwargs)
        name, in_place = normalised(func)
        if name in self.passed:
            return func(*args, **kwargs)
        if is_composite(func) and name not in ATOMS:
            with self:
                return body(func)(*args, **kwargs)
        call = Call(name, func, args, kwargs, in_place or _wants_in_place(name, args, kwargs))
        if self.needs_gradient and not call.dependent():
            return func(*args, **kwargs)
        return self.seen(call)

    @abstractmethod
    def seen(self, call: Call) -> Any:
        """What the call gives. The mode is off inside; `with self:` turns it on again."""


def _wants_in_place(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the `inplace` flag of a functional form is set; only relu's may come by place."""
    return kwargs.get("inplace") is True or (name == "relu" and args[1:2] == (True,))


def leaves(tree: Any) -> list[Tensor]:
    """Every tensor in nested tuples, lists and dicts, in order."""
    found: list[Tensor] = []
    _gather(tree, found)
    return found


def _gather(tree: Any, found: list[Tensor]) -> None:
    if isinstance(tree, Tensor):
        found.append(tree)
    elif isinstance(tree, tuple | list):
        for item in tree:
            _gather(item, found)
    elif isinstance(tree, dict):
        for item in tree.values():
            _gather(item, found)


def filled(tree: Any, values: Iterator[Tensor]) -> Any:
    """`tree` with its tensors replaced, in the order of `leaves`."""
    if isinstance(tree, Tensor):
        return next(values)
    if isinstance(tree, tuple | list):
        return type(tree)(filled(item, values) for item in tree)
    if isinstance(tree, dict):
        return {key: filled(item, values) for key, item in tree.items()}
    return tree


def _out_of_place(name: str, function: Function) -> Function:
    if isinstance(function, FunctionType):  # functional forms with an `inplace` flag
        return function
    homes = (Tensor, torch, torch.nn.functional)
    return next((getattr(home, name) for home in homes if hasattr(home, name)), function)
