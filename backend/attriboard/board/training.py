"""Models handed over in training mode: what that changes, measured on a copy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from attriboard.board.models import Model
from attriboard.engine.model_tree import own_tree, unwrapped
from attriboard.engine.tensors import Tensors

RANDOM = (nn.modules.dropout._DropoutNd, nn.RReLU)
BATCHED = (nn.modules.batchnorm._BatchNorm,)
SHOWN = 4


def training_mode(begin: str, model: Model, batch: Tensors) -> list[str]:
    """A warning where training mode changes the outputs; the modules at fault are named."""
    source = unwrapped(model)
    if not isinstance(source, nn.Module) or isinstance(source, torch.jit.ScriptModule):
        return []
    on = [(name or "the model", m) for name, m in source.named_modules() if m.training]
    random = [name for name, module in on if _draws(module)]
    batched = [name for name, module in on if isinstance(module, BATCHED)]
    if not on or not _changes(source, batch):
        return []
    return [
        f"{begin} was handed over in training mode: {_effects(random, batched)}. The dashboard "
        "works on a copy in eval mode and leaves yours as it is; call model.eval() where your own "
        "outputs are to agree with it."
    ]


def _draws(module: nn.Module) -> bool:
    if isinstance(module, RANDOM):
        return True
    dropout = getattr(module, "dropout", 0.0)  # recurrent and attention modules hold a number
    return isinstance(dropout, (int, float)) and dropout > 0


def _changes(source: nn.Module, batch: Tensors) -> bool:
    """Whether the modes as they are give other outputs than eval mode."""
    tree = own_tree(source)
    calm = _outputs(tree, batch)
    for ours, theirs in zip(tree.modules(), source.modules(), strict=True):
        ours.training = theirs.training
    try:
        excited = _outputs(tree, batch)
    except Exception:  # batch norm refuses a single row in training mode, and more may go wrong
        return True
    return excited.shape != calm.shape or not torch.allclose(excited, calm, 1e-3, 1e-6, True)


def _outputs(tree: nn.Module, batch: Tensors) -> Tensor:
    with torch.no_grad():
        found = tree(*(tensor.clone() for tensor in batch))
    found = getattr(found, "logits", found)
    first: Tensor = found[0] if isinstance(found, (tuple, list)) else found
    return first


def _effects(random: Sequence[str], batched: Sequence[str]) -> str:
    effects = []
    if random:
        effects.append(
            f"dropout is on ({_listed(random)}), so the same example gives different outputs"
        )
    if batched:
        effects.append(
            f"batch norm ({_listed(batched)}) reads the batch, so the rows of a batch influence "
            "one another"
        )
    return " and ".join(effects) or "its outputs differ from those in eval mode"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
