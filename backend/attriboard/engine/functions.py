"""Functions of torch operations, which gradients may be asked of though they are no modules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


class TorchFunction(nn.Module):
    """A function computed by torch throughout, such as a model with a softmax after it.

    A bare callable is a black box to the engine, since it may leave torch (arrays, a server). This
    says that it does not. The modules it reaches are the caller's own: they are run as they are,
    in the mode they are in, and hooks stand on them while a layer is read. `layers` are the ones
    that may be named as a `layer`. Use one in one thread at a time.
    """

    function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any], layers: Sequence[nn.Module] = ()) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        object.__setattr__(self, "function", function)  # not a submodule, even where it is one

    def forward(self, *args: Any) -> Any:
        output = self.function(*args)
        if isinstance(output, Tensor | tuple | list | dict):
            return output
        try:
            return torch.as_tensor(output)
        except (TypeError, ValueError, RuntimeError):
            return output
