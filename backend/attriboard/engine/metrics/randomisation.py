"""The parameter-randomisation check: an attribution must change when the model forgets."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.engine.attribution import attribute
from attriboard.engine.baselines import Baselines
from attriboard.engine.errors import Unsupported
from attriboard.engine.methods.base import Method
from attriboard.engine.metrics.shape import flat, rank_agreement
from attriboard.engine.model_tree import Model, prepare
from attriboard.engine.run import Run
from attriboard.engine.setup import Inputs
from attriboard.engine.targets import Target
from attriboard.engine.tensors import Tensors


@dataclass(frozen=True)
class Randomisation:
    """How alike attributions stay as layers are randomised, from the output down.

    layers: the layer randomised last at each step, all above it being random too; similarity:
    (L, N), the rank correlation of absolute attributions with the trained model's.
    """

    layers: tuple[str, ...]
    similarity: Tensor


def randomisation(
    model: Model,
    inputs: Inputs,
    method: Method,
    target: Target = None,
    *,
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] = (),
    layer: str | None = None,
    features: Inputs | None = None,
    compared: Callable[[Tensors], Tensor] | None = None,
    seed: int = 0,
    run: Run | None = None,
) -> Randomisation:
    """Cascading randomisation from the last layer to the first, on a copy of the model.

    Adebayo et al. 2018, https://arxiv.org/abs/1810.03292, section 4. Each parameter is drawn
    anew with the mean and deviation of the trained one. `compared` says what is compared of the
    attributions, (N, D): all elements if left out. Elements of pictures can be alike whatever the
    weights, since max-pooling gives uniform parts the same pattern of zeros; sums over features
    are not. The other arguments are those of `attribute`. A method whose similarity stays near 1
    shows the input, not this model.

    Raises Unsupported for models whose weights cannot be copied and changed.
    """
    prepared = prepare(model)
    if prepared.module is None or isinstance(prepared.module, torch.jit.ScriptModule):
        raise Unsupported("The randomisation check needs a module whose weights can be changed.")

    def found() -> Tensor:
        result = attribute(
            twin,
            inputs,
            method,
            target,
            baselines=baselines,
            extra_args=extra_args,
            layer=layer,
            features=features,
            seed=seed,
            run=run,
        )
        return (compared or flat)(result.attributions).abs()

    twin = copy.deepcopy(prepared.module)
    layers: list[tuple[str, nn.Module]] = [(n, m) for n, m in twin.named_modules() if own(m)]
    before = found()
    similarity = []
    for i, (_, module) in enumerate(reversed(layers)):
        _forget(module, torch.Generator().manual_seed(seed * 1_000_003 + i))
        similarity.append(rank_agreement(before, found()))
    return Randomisation(tuple(name for name, _ in reversed(layers)), torch.stack(similarity))


def own(layer: nn.Module) -> list[nn.Parameter]:
    """The floating parameters a module holds itself."""
    return [p for p in layer.parameters(recurse=False) if p.is_floating_point()]


def _forget(layer: nn.Module, generator: torch.Generator) -> None:
    for name, parameter in list(layer._parameters.items()):
        if parameter is None or not parameter.is_floating_point():
            continue
        wide = parameter.detach().double().cpu()
        spread = wide.std() if wide.numel() > 1 else wide.abs().mean()
        drawn = torch.randn(wide.shape, generator=generator, dtype=torch.float64)
        fresh = (wide.mean() + spread * drawn).to(parameter)
        layer._parameters[name] = nn.Parameter(fresh, requires_grad=False)
    if isinstance(layer, nn.RNNBase):
        layer._flat_weights = [getattr(layer, name) for name in layer._flat_weights_names]
