"""One path through transformer layers and linear ones, the same and as fast in every pass."""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

_ROWS_FIRST = {F.linear: 1, F.multi_head_attention_forward: 3}
"""Calls whose first arguments, so many, are rows that are multiplied with weights."""


class PlainPath(TorchFunctionMode):
    """While it is active, transformer layers leave their fused fast path.

    A linear layer's rows are laid one after another: torch multiplies others step by step where
    the weights want no gradient, as the engine's do not, and needs half as long again for it.
    scattered: whether there were any.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scattered = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        count = _ROWS_FIRST.get(func, 0)
        if any(t.ndim > 2 and not t.is_contiguous() for t in args[:count]):
            self.scattered = True
            laid = {id(t): t.contiguous() for t in args[:count]}  # what is one tensor remains one
            args = (*(laid[id(t)] for t in args[:count]), *args[count:])
        return func(*args, **(kwargs or {}))
