"""`attribute`: any method, at any site, for any targets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor

from attriboard.engine import baselines as baseline_forms
from attriboard.engine import contributions, half, targets
from attriboard.engine import features as feature_forms
from attriboard.engine.baselines import Baselines
from attriboard.engine.contributions import ModalityShapley
from attriboard.engine.doubts import doubts
from attriboard.engine.ends import Ends, ends_of, known_ends
from attriboard.engine.errors import InvalidInput
from attriboard.engine.features import Features
from attriboard.engine.methods.base import Method
from attriboard.engine.model_tree import Model, Prepared, prepare
from attriboard.engine.probe import Probe
from attriboard.engine.run import Run
from attriboard.engine.scoring import Scorer, outputs
from attriboard.engine.setup import (
    Inputs,
    LayerName,
    check_method,
    checked,
    input_probe,
    layer_at,
    output_probe,
    wanted_targets,
)
from attriboard.engine.sites import Neuron, Side
from attriboard.engine.targets import Target
from attriboard.engine.tensors import Tensors, as_tuple, wide_float


@dataclass(frozen=True)
class Result:
    """Attributions of N examples to one target, and what they were made from.

    attributions: one tensor per input, each in its input's shape (integer ids: one number a
    token), or in the layer's shape. delta: (N,), their sum minus f(x) - f(baseline), where the
    method claims completeness. score, baseline_score: (N,), f(x) and f(baseline), likewise.
    remarks: sentences about the whole computation; doubts: about each of the N examples.
    sizes: per input (N or 1, ...), how many elements share each number: a feature's or window's.
    rows: rows that went through the model, over all targets of the call.
    """

    attributions: Tensors
    delta: Tensor | None
    remarks: tuple[str, ...]
    doubts: tuple[tuple[str, ...], ...]
    score: Tensor | None
    baseline_score: Tensor | None
    features: Features | None
    sizes: Tensors | None
    rows: int
    seconds: float

    @property
    def warnings(self) -> tuple[str, ...]:
        """All that should make a reader doubt the result, in sentences."""
        alone = len(self.doubts) == 1
        told = (
            sentence if alone else f"Example {i}: {sentence}"
            for i, sentences in enumerate(self.doubts)
            for sentence in sentences
        )
        return (*self.remarks, *told)


def attribute(
    model: Model,
    inputs: Inputs,
    method: Method,
    target: Target = None,
    *,
    targets: Sequence[Target] | Literal["all"] | None = None,
    baselines: Baselines = None,
    extra_args: tuple[Any, ...] | Any = (),
    layer: LayerName = None,
    layer_side: Side = "output",
    layer_baselines: Baselines = None,
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
    layer, layer_side, neuron: where attributions live, or which unit is explained. Several
        layers in a list are explained together, their tensors one after another.
    layer_baselines: baselines at the layer itself, instead of what it gives at `baselines`.
    seed: every random draw comes from it. run: progress, partial results, cancel, memory.

    Returns a Result, or a list of them where `targets` is given. Raises InvalidInput for what
    does not fit, Unsupported where the method means nothing here, ModelError when the model
    fails, Cancelled when the run's caller stops it. The user's model is never changed.
    """
    began = time.perf_counter()
    run = run or Run()
    prepared = prepare(model)
    check_method(type(method), method, prepared, layer, neuron)
    if layer_baselines is not None and (layer is None or neuron is not None):
        raise InvalidInput("`layer_baselines` needs a `layer` to live at.", "layer_baselines")
    tensors = checked(as_tuple(inputs))
    extra = extra_args if isinstance(extra_args, tuple) else (extra_args,)
    own_score = neuron is not None and "layer" in method.places  # the unit is what is explained
    wanted = [] if own_score else _wanted(prepared, tensors, extra, target, targets, method)
    scorer = Scorer(prepared, wanted, extra, len(tensors[0]))
    root = input_probe(prepared, tensors, scorer, baselines, method.pooled, seed, run)
    if layer is not None:
        root = replace(root, bare=root)
    probe = method.at(root, layer_at(prepared, layer, layer_side), neuron)
    if layer_baselines is not None:
        probe = replace(probe, baseline=baseline_forms.resolve(layer_baselines, probe.point))
    given = as_tuple(features) if features is not None and method.wants_features() else None
    groups = feature_forms.resolve(given, probe.point)
    error = _short_passes(method, run)
    # A model's scores are the same at its embeddings as at the ids.
    there = root if layer is None else probe
    there = there if error is None else replace(there, half=error)
    ends = _ends_first(method, there, scorer)
    known = ends.known if ends is not None else None
    tape = layer is None and not method.wants_gradient()
    probe = replace(probe, features=groups, known=known, tape=tape, half=error)
    with torch.no_grad():
        attributions = probe.finish(method(probe)) if probe.count else _nothing(probe)
    if ends is None and method.complete:
        ends = ends_of(there, scorer)
    if error is not None and error.rows:
        run.warn(error.sentence())
    told = _Told(method, probe, ends, scorer, time.perf_counter() - began)
    results = [told.result(attributions, t) for t in range(probe.targets)]
    return results[0] if targets is None else results


def predict(
    model: Model, inputs: Inputs, *, extra_args: tuple[Any, ...] = (), run: Run | None = None
) -> Tensor:
    """The model's raw output for every row, (N, ...), in eval mode and without gradients.

    Raises ModelError when the model fails or its output is not one tensor, batch first.
    """
    prepared = prepare(model)
    tensors = checked(as_tuple(inputs))
    scorer = Scorer(prepared, (), extra_args, len(tensors[0]))
    shape = torch.Size()

    def score(rows: Tensors, index: Tensor) -> Tensor:
        nonlocal shape
        output = outputs(scorer, rows, index)
        shape = output.shape[1:]
        return output.flatten(1) if output.ndim > 1 else output[:, None]

    probe = output_probe(prepared, tensors, score, run or Run())
    parts = [rows.reshape(rows.shape[0], *shape) for _, _, rows in probe.stream(probe.at_point, 1)]
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
    tensors = checked(as_tuple(inputs))
    wanted = [targets.resolve(target, len(tensors[0]))]
    scorer = Scorer(prepared, wanted, extra_args, len(tensors[0]))
    probe = input_probe(prepared, tensors, scorer, baselines, False, 0, run or Run())
    with torch.no_grad():
        known = ends_of(probe, scorer).known if probe.run.replay is not None else None
        return contributions.shapley(replace(probe, known=known, tape=True))


def _wanted(
    prepared: Prepared,
    inputs: Tensors,
    extra: tuple[Any, ...],
    target: Target,
    several: Sequence[Target] | Literal["all"] | None,
    method: Method,
) -> list[targets.Terms]:
    if target is None and several is None and not method.wants_target():
        return [()]  # nothing is read of the output, so it may be of any kind
    return wanted_targets(prepared, inputs, extra, target, several)


def _nothing(probe: Probe) -> Tensors:
    """The attributions of no examples."""
    shapes = ((probe.targets, *x.shape) for x in probe.point)
    return tuple(
        torch.zeros(shape, dtype=wide_float(x), device=x.device)
        for shape, x in zip(shapes, probe.point, strict=True)
    )


def _short_passes(method: Method, run: Run) -> half.Error | None:
    """Where the error is noted, if the passes are to run in bfloat16."""
    if run.precision == "usual":
        return None
    if method.wants_gradient():
        run.warn(
            f"{method.title} takes gradients, which need the usual precision: bfloat16 is for "
            "perturbation methods."
        )
        return None
    return half.Error()


def _ends_first(method: Method, probe: Probe, scorer: Scorer) -> Ends | None:
    """Both ends, where they are known or the method starts from them.

    Whoever keeps outputs gets them first too, so that a method's own rows are always the same.
    """
    kept = probe.run.replay is not None and probe.score is scorer
    if probe.count and (method.wants_ends() or (kept and not method.wants_gradient())):
        return ends_of(probe, scorer)
    return known_ends(probe, scorer)


@dataclass(frozen=True)
class _Told:
    """What the results for all targets have in common."""

    method: Method
    probe: Probe
    ends: Ends | None
    scorer: Scorer
    seconds: float

    def result(self, attributions: Tensors, t: int) -> Result:
        """The result for target `t`, from attributions (T, N, ...)."""
        own, probe, ends = tuple(a[t] for a in attributions), self.probe, self.ends
        sizes = self.method.sizes(probe.features, own)
        score = baseline = delta = change = same = None
        if ends is not None and self.method.complete:
            score, baseline = ends.score[:, t], ends.baseline[:, t]
            change, same = score - baseline, ends.baseline_wins(self.scorer, t)
            delta = contributions.totals(own, sizes).sum(1) - change
        return Result(
            attributions=own,
            delta=delta,
            remarks=tuple(probe.run.warnings),
            doubts=doubts(own, delta, change, same),
            score=score,
            baseline_score=baseline,
            features=probe.features,
            sizes=sizes,
            rows=probe.run.rows,
            seconds=self.seconds,
        )
