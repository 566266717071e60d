"""PyTorch's own fused transformer layer, for passes that want no gradient and have no mask.

A layer of `nn.TransformerEncoder` has a fused form that takes a fifth less time. It works without
gradients only, gives zeros at padded tokens where the layer itself gives numbers, and reads the
weights of the layer's parts, whatever these parts do. So it is taken where nothing is masked, where
all parts are PyTorch's own, and where nobody looks inside the layer.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear
from torch.overrides import _get_current_function_mode_stack
from torch.utils._python_dispatch import _get_current_dispatch_mode

from attriboard.engine.prepared.plain_path import PlainPath

_PARTS = {
    "self_attn": nn.MultiheadAttention,
    "self_attn.out_proj": NonDynamicallyQuantizableLinear,
    "linear1": nn.Linear,
    "linear2": nn.Linear,
    "norm1": nn.LayerNorm,
    "norm2": nn.LayerNorm,
    "dropout": nn.Dropout,
    "dropout1": nn.Dropout,
    "dropout2": nn.Dropout,
}
"""What a layer is made of, unless somebody replaced a part of it."""


def fuse_layers(tree: nn.Module) -> None:
    """Let the transformer layers of `tree`, which is the engine's own, take their fused form."""
    for module in tree.modules():
        if type(module) is nn.TransformerEncoderLayer and _usual(module):
            module.forward = _Forward(module)  # type: ignore[method-assign]


class _Forward:
    """The forward pass of one layer, fused where that gives what the plain one does."""

    def __init__(self, layer: nn.Module) -> None:
        self._plain = layer.forward

    def __call__(self, src: Any, *args: Any, **kwargs: Any) -> Any:
        if not _may_fuse(src, (*args, *kwargs.values())):
            return self._plain(src, *args, **kwargs)
        with torch._C.DisableTorchFunction():  # a mode keeps PyTorch from fusing
            return self._plain(src, *args, **kwargs)


def _usual(layer: nn.TransformerEncoderLayer) -> bool:
    """Whether the fused form does what `layer` does: no part of it is anybody else's."""
    parts = {name: part for name, part in layer.named_modules() if name}
    act = parts.pop("activation", layer.activation)
    gelu = act is F.gelu or (type(act) is nn.GELU and act.approximate == "none")
    known = 2 if gelu else 1 if act is F.relu or type(act) is nn.ReLU else 0
    return bool(
        known == layer.activation_relu_or_gelu != 0  # what it was built with, and is fused as
        and {name: type(part) for name, part in parts.items()} == _PARTS
        and not any("forward" in vars(part) for part in layer.modules())
        and all(type(parameter) is nn.Parameter for parameter in layer.parameters())
        and layer.self_attn.batch_first
        and layer.self_attn.num_heads % 2 == 0
    )


def _may_fuse(src: Any, others: tuple[Any, ...]) -> bool:
    """Whether a pass wants no gradient, masks nothing, and is watched by nobody."""
    return (
        not torch.is_grad_enabled()
        and type(src) is Tensor
        and not any(isinstance(other, Tensor) for other in others)
        and all(type(mode) is PlainPath for mode in _get_current_function_mode_stack())
        and _get_current_dispatch_mode() is None
    )
