"""What every question to the engine starts with: checked arguments, made into a probe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from attriboard.engine import baselines as baseline_forms
from attriboard.engine import targets
from attriboard.engine.baselines import Baselines
from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.methods.base import Method
from attriboard.engine.model_tree import Model, Prepared, unwrapped
from attriboard.engine.probe import Probe
from attriboard.engine.run import Run
from attriboard.engine.scoring import Scorer
from attriboard.engine.sites import SIDES, Layer, Neuron, Side, several
from attriboard.engine.targets import Target
from attriboard.engine.tensors import Tensors, take

Inputs = Tensor | tuple[Tensor, ...] | list[Tensor]
LayerName = nn.Module | str | Sequence[nn.Module | str] | None
"""A module of the model, its dotted name, or several of them as one."""


def unavailable(method: type[Method], model: Model) -> str | None:
    """Why `method` cannot run on `model` at all, or None if it may."""
    if method.needs_gradient and not isinstance(unwrapped(model), nn.Module):
        return (
            f"{method.title} needs gradients, and this model is a black box: "
            "use a perturbation method."
        )
    return None


def check_method(
    kind: type[Method],
    method: object,
    prepared: Prepared,
    layer: LayerName,
    neuron: Neuron | None,
) -> None:
    if not isinstance(method, Method):
        raise InvalidInput(
            f"`method` is {method!r}: give an instance such as engine.Saliency().", "method"
        )
    needs = method.wants_gradient() and not prepared.differentiable
    if needs and (reason := unavailable(kind, prepared.model)):
        raise Unsupported(reason)
    if neuron is not None and layer is None:
        raise InvalidInput("`neuron` needs the `layer` it belongs to.", "neuron")
    place = "input" if layer is None else "layer" if neuron is None else "neuron"
    if place not in kind.places:
        words = {"input": "the inputs", "layer": "a layer", "neuron": "a neuron"}
        allowed = " or ".join(words[name] for name in kind.places)
        raise InvalidInput(f"{kind.title} explains at {allowed}, not at {words[place]}.", "layer")


def checked(inputs: Tensors) -> Tensors:
    """The inputs, detached; raises InvalidInput unless all are tensors with one batch size."""
    for i, tensor in enumerate(inputs):
        if not isinstance(tensor, Tensor) or tensor.ndim == 0:
            raise InvalidInput(f"Input {i} is not a tensor with the batch first.", "inputs")
    sizes = {len(tensor) for tensor in inputs}
    if len(sizes) != 1:
        raise InvalidInput(
            f"The inputs have {sorted(sizes)} rows: every input needs one row per example.",
            "inputs",
        )
    return tuple(tensor.detach() for tensor in inputs)


def wanted_targets(
    prepared: Prepared,
    inputs: Tensors,
    extra: tuple[Any, ...],
    target: Target,
    several: Sequence[Target] | Literal["all"] | None,
) -> list[targets.Terms]:
    count = len(inputs[0])
    if several is None:
        return [targets.resolve(target, count)]
    if target is not None:
        raise InvalidInput("Give `target` or `targets`, not both.", "targets")
    if isinstance(several, str):
        several = _every(prepared, inputs, extra)
    if not several:
        raise InvalidInput("`targets` is empty: name at least one.", "targets")
    return [targets.resolve(each, count) for each in several]


def _every(prepared: Prepared, inputs: Tensors, extra: tuple[Any, ...]) -> Sequence[Target]:
    if len(inputs[0]) == 0:
        raise InvalidInput('targets="all" needs at least one example.', "targets")
    scorer = Scorer(prepared, (), extra, len(inputs[0]))
    first = torch.zeros(1, dtype=torch.long)
    with torch.no_grad(), prepared.running():
        return targets.all_of(scorer.output(take(inputs, first), first))


def input_probe(
    prepared: Prepared,
    inputs: Tensors,
    scorer: Scorer,
    baselines: Baselines,
    pooled: bool,
    seed: int,
    run: Run,
) -> Probe:
    """The scores of `scorer` at the inputs; `pooled` takes the baselines as a distribution."""
    pool = baseline_forms.resolve_pool(baselines, inputs) if pooled else None
    first = baseline_forms.resolve(None if pooled else baselines, inputs)
    return Probe(
        prepared=prepared,
        score=scorer,
        point=inputs,
        baseline=first,
        targets=len(scorer.targets),
        examples=torch.arange(len(inputs[0])),
        pool=pool,
        seed=seed,
        run=run,
    )


def output_probe(prepared: Prepared, inputs: Tensors, score: Any, run: Run) -> Probe:
    index = torch.arange(len(inputs[0]))
    return Probe(prepared, score, inputs, inputs, examples=index, run=run, place="outputs")


def layer_at(prepared: Prepared, layer: LayerName, side: Side) -> Layer | None:
    if side not in SIDES:
        raise InvalidInput(f"`layer_side` is {side!r}: give 'output' or 'input'.", "layer_side")
    if layer is None:
        return None
    if isinstance(layer, nn.Module | str):
        return _layer(prepared, layer, side)
    return several([_layer(prepared, part, side) for part in layer], side)


def _layer(prepared: Prepared, layer: nn.Module | str, side: Side) -> Layer:
    module = prepared.layer(layer)
    return Layer(module, side, prepared.name_of(module))
