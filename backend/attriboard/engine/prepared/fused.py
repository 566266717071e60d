"""PyTorch's own fused transformer layer, for passes that want no gradient and have no mask.

A layer of `nn.TransformerEncoder` has a fused form that takes a fifth less time. It works without
gradients only, and gives zeros at padded tokens where the layer itself gives numbers. So it is
taken where nothing is masked, and where nobody looks inside the layer.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import _get_current_function_mode_stack
from torch.utils._python_dispatch import _get_current_dispatch_mode

from attriboard.engine.prepared.plain_path import PlainPath


def fuse_layers(tree: nn.Module) -> None:
    """Let the transformer layers of `tree`, which is the engine's own, take their fused form."""
    for module in tree.modules():
        if getattr(type(module), "forward", None) is nn.TransformerEncoderLayer.forward:
            module.forward = _Forward(module)


class _Forward:
    """The forward pass of one layer, fused where that gives what the plain one does."""

    def __init__(self, layer: nn.Module) -> None:
        self._plain = layer.forward

    def __call__(self, src: Any, *args: Any, **kwargs: Any) -> Any:
        if not _may_fuse(src, (*args, *kwargs.values())):
            return self._plain(src, *args, **kwargs)
        with torch._C.DisableTorchFunction():  # a mode keeps PyTorch from fusing
            return self._plain(src, *args, **kwargs)


def _may_fuse(src: Any, others: tuple[Any, ...]) -> bool:
    """Whether a pass wants no gradient, masks nothing, and is watched by nobody."""
    return (
        not torch.is_grad_enabled()
        and type(src) is Tensor
        and not any(isinstance(other, Tensor) for other in others)
        and all(type(mode) is PlainPath for mode in _get_current_function_mode_stack())
        and _get_current_dispatch_mode() is None
    )
