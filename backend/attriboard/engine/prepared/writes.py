"""Whether a model writes into its own weights as it runs: copies of these would be out of date."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Writes(TorchDispatchMode):
    """Notes, while it is active, whether something writes into a parameter of `tree`.

    any: whether something did, or gave a parameter other memory.
    """

    def __init__(self, tree: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._parameters = [p for p in tree.parameters() if _has_memory(p)]
        self._addresses = [p.untyped_storage().data_ptr() for p in self._parameters]
        self._written = False

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled in here; True would import the compiler, which takes seconds."""
        return False

    @property
    def any(self) -> bool:
        now = [p.untyped_storage().data_ptr() for p in self._parameters]
        return self._written or now != self._addresses

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func._schema.is_mutable and not self._written:
            self._written = any(map(self._is_own, _written(func, args, kwargs)))
        return func(*args, **kwargs)

    def _is_own(self, tensor: Tensor) -> bool:
        return _has_memory(tensor) and tensor.untyped_storage().data_ptr() in self._addresses


def _written(func: Any, args: Any, kwargs: Any) -> list[Tensor]:
    """The tensors that a call of `func` writes into."""
    given = []
    for i, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[i] if i < len(args) else kwargs.get(argument.name)
            given += [leaf for leaf in tree_leaves(value) if isinstance(leaf, Tensor)]
    return given


def _has_memory(tensor: Tensor) -> bool:
    return tensor.layout is torch.strided and tensor.device.type != "meta"
