"""`attribute`: any method, at any site, for any targets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor, nn

from attriboard.engine import baselines as baseline_forms
from attriboard.engine import contributions, targets
from attriboard.engine import features as feature_forms
from attriboard.engine.baselines import Baselines
from attriboard.engine.contributions import ModalityShapley
from attriboard.engine.errors import InvalidInput, Unsupported
from attriboard.engine.features import Features
from attriboard.engine.methods.base import Method
from attriboard.engine.model_tree import Model, Prepared, prepare, unwrapped
from attriboard.engine.probe import Probe
from attriboard.engine.run import Run
from attriboard.engine.scoring import Scorer, outputs
from attriboard.engine.sites import SIDES, Layer, Neuron, Side
from attriboard.engine.targets import Target
from attriboard.engine.tensors import Tensors, as_tuple, take, wide_float

Inputs = Tensor | tuple[Tensor, ...] | list[Tensor]


@dataclass(frozen=True)
class Result:
    """Attributions of N examples to one target, and what they were made from.

    attributions: one tensor per input, each in its input's shape (integer ids: one number a
    token), or in the layer's shape. delta: (N,), their sum minus f(x) - f(baseline), where the
    method claims completeness. score, baseline_score: (N,), f(x) and f(baseline), likewise.
    rows: rows that went through the model, over all targets of the call.
    """

    attributions: Tensors
    delta: Tensor | None
    warnings: tuple[str, ...]
    score: Tensor | None
    baseline_score: Tensor | None
    features: Features | None
    rows: int
    seconds: float


def attribute(
    model: Model,
    inputs: Inputs,
    method: Method,
    target: Target = None,
    *,
    targets: Sequence[Target] | Literal["all"] | None = None,
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] | Any = (),
    layer: nn.Module | str | None = None,
    layer_side: Side = "output",
    neuron: Neuron | None = None,
    features: Inputs | None = None,
    seed: int = 0,
    run: Run | None = None,
) -> Any:
    """Which elements of `inputs` drove the model's output, by `method`.

    inputs: a tensor or tuple of them, batch first, (N, ...); integers are token ids.
    target: which number of the output is explained (see `engine.targets`); `targets` asks for
        several at once, or "all", and gives a list of results from shared passes.
    baselines: per input a tensor, a number or None (zeros); rows of a distribution where the
        method takes one. features: per input integer group ids, (1 or N, ...).
    layer, layer_side, neuron: where attributions live, or which unit is explained.
    seed: every random draw comes from it. run: progress, partial results, cancel, memory.

    Returns a Result, or a list of them where `targets` is given. Raises InvalidInput for what
    does not fit, Unsupported where the method means nothing here, ModelError when the model
    fails, Cancelled when the run's caller stops it. The user's model is never changed.
    """
    began = time.perf_counter()
    run = run or Run()
    prepared = prepare(model)
    _check_method(type(method), method, prepared, layer, neuron)
    tensors = _checked(as_tuple(inputs))
    extra = extra_args if isinstance(extra_args, tuple) else (extra_args,)
    own_score = neuron is not None and "layer" in method.places  # the unit is what is explained
    wanted = [] if own_score else _wanted(prepared, tensors, extra, target, targets)
    probe = _probe(prepared, tensors, extra, wanted, baselines, method.pooled, seed, run)
    place = _layer(prepared, layer, layer_side)
    probe = method.at(probe, place, neuron)
    given = None if features is None else as_tuple(features)
    groups = feature_forms.resolve(given, probe.point)
    probe = replace(probe, features=groups)
    with torch.no_grad():
        attributions = probe.finish(method(probe)) if probe.count else _nothing(probe)
    ends = _ends(probe) if method.complete else None
    seconds = time.perf_counter() - began
    results = [_result(attributions, t, ends, groups, run, seconds) for t in range(probe.targets)]
    return results[0] if targets is None else results


def predict(
    model: Model, inputs: Inputs, *, extra_args: tuple[Any, ...] = (), run: Run | None = None
) -> Tensor:
    """The model's raw output for every row, (N, ...), in eval mode and without gradients.

    Raises ModelError when the model fails or its output is not one tensor, batch first.
    """
    prepared = prepare(model)
    tensors = _checked(as_tuple(inputs))
    scorer = Scorer(prepared, (), extra_args, len(tensors[0]))
    parts: list[Tensor] = []

    def score(rows: Tensors, index: Tensor) -> Tensor:
        output = outputs(scorer, rows, index)
        parts.append(output.detach())
        return output.flatten(1) if output.ndim > 1 else output[:, None]

    probe = _bare(prepared, tensors, score, run or Run())
    probe.values(probe.at_point, 1)
    return torch.cat(parts) if parts else torch.zeros(0)


def shapley(
    model: Model,
    inputs: Inputs,
    target: Target = None,
    *,
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] = (),
    run: Run | None = None,
) -> ModalityShapley:
    """The exact Shapley values of the inputs as wholes: who decides, the picture or the words?"""
    prepared = prepare(model)
    tensors = _checked(as_tuple(inputs))
    wanted = [targets.resolve(target, len(tensors[0]))]
    probe = _probe(prepared, tensors, extra_args, wanted, baselines, False, 0, run or Run())
    with torch.no_grad():
        return contributions.shapley(probe)


def unavailable(method: type[Method], model: Model) -> str | None:
    """Why `method` cannot run on `model` at all, or None if it may."""
    if method.needs_gradient and not isinstance(unwrapped(model), nn.Module):
        return (
            f"{method.title} needs gradients, and this model is a black box: "
            "use a perturbation method."
        )
    return None


def _check_method(
    kind: type[Method],
    method: object,
    prepared: Prepared,
    layer: nn.Module | str | None,
    neuron: Neuron | None,
) -> None:
    if not isinstance(method, Method):
        raise InvalidInput(
            f"`method` is {method!r}: give an instance such as engine.Saliency().", "method"
        )
    reason = unavailable(kind, prepared.model)
    if reason and method.wants_gradient():
        raise Unsupported(reason)
    if neuron is not None and layer is None:
        raise InvalidInput("`neuron` needs the `layer` it belongs to.", "neuron")
    place = "input" if layer is None else "layer" if neuron is None else "neuron"
    if place not in kind.places:
        words = {"input": "the inputs", "layer": "a layer", "neuron": "a neuron"}
        allowed = " or ".join(words[name] for name in kind.places)
        raise InvalidInput(f"{kind.title} explains at {allowed}, not at {words[place]}.", "layer")


def _checked(inputs: Tensors) -> Tensors:
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


def _wanted(
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


def _probe(
    prepared: Prepared,
    inputs: Tensors,
    extra: tuple[Any, ...],
    wanted: list[targets.Terms],
    baselines: Baselines,
    pooled: bool,
    seed: int,
    run: Run,
) -> Probe:
    pool = baseline_forms.resolve_pool(baselines, inputs) if pooled else None
    first = baseline_forms.resolve(None if pooled else baselines, inputs)
    return Probe(
        prepared=prepared,
        score=Scorer(prepared, wanted, extra, len(inputs[0])),
        point=inputs,
        baseline=first,
        targets=len(wanted),
        examples=torch.arange(len(inputs[0])),
        pool=pool,
        seed=seed,
        run=run,
    )


def _bare(prepared: Prepared, inputs: Tensors, score: Any, run: Run) -> Probe:
    index = torch.arange(len(inputs[0]))
    return Probe(prepared, score, inputs, inputs, examples=index, run=run, place="outputs")


def _layer(prepared: Prepared, layer: nn.Module | str | None, side: Side) -> Layer | None:
    if side not in SIDES:
        raise InvalidInput(f"`layer_side` is {side!r}: give 'output' or 'input'.", "layer_side")
    if layer is None:
        return None
    module = prepared.layer(layer)
    return Layer(module, side, prepared.name_of(module))


def _nothing(probe: Probe) -> Tensors:
    """The attributions of no examples."""
    shapes = ((probe.targets, *x.shape) for x in probe.point)
    return tuple(
        torch.zeros(shape, dtype=wide_float(x), device=x.device)
        for shape, x in zip(shapes, probe.point, strict=True)
    )


def _ends(probe: Probe) -> Tensor:
    """f at the point and at the baseline, (2, N, T)."""

    def points(k: Tensor, n: Tensor) -> Tensors:
        both = zip(take(probe.point, n), take(probe.baseline, n), strict=True)
        here = k == 0
        return tuple(
            torch.where(here.reshape(-1, *(1,) * (x.ndim - 1)).to(x.device), x, b) for x, b in both
        )

    return probe.values(points, 2)


def _result(
    attributions: Tensors,
    t: int,
    ends: Tensor | None,
    groups: Features | None,
    run: Run,
    seconds: float,
) -> Result:
    own = tuple(a[t] for a in attributions)
    score = baseline_score = delta = None
    if ends is not None:
        score, baseline_score = ends[0, :, t], ends[1, :, t]
        sums = contributions.totals(own, groups).sum(1)
        delta = sums - (score - baseline_score)
    return Result(own, delta, tuple(run.warnings), score, baseline_score, groups, run.rows, seconds)
