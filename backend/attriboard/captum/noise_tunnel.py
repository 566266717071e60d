"""NoiseTunnel: any of the classes on noisy copies of the inputs."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor

from attriboard import engine
from attriboard.captum.arguments import tupled
from attriboard.captum.bases import Attribution
from attriboard.captum.classes import bound
from attriboard.captum.questions import Question, question, shaped
from attriboard.engine import InvalidInput
from attriboard.engine import baselines as baseline_forms
from attriboard.engine.methods.smoothing import Smoothed
from attriboard.engine.tensors import Tensors

TYPES: dict[str, type[Smoothed]] = {
    "smoothgrad": engine.SmoothGrad,
    "smoothgrad_sq": engine.SmoothGradSquare,
    "vargrad": engine.VarGrad,
}


class NoiseTunnel(Attribution):
    """SmoothGrad and its kin over another class. In the engine: SmoothGrad, VarGrad, ....

    All examples share their noise, so that one example alone gets what it gets in a batch; the
    delta is one number per example.
    """

    def __init__(self, attribution_method: Attribution) -> None:
        self.attribution_method = attribution_method
        self.forward_func = self.model = attribution_method.forward_func
        self.layer = attribution_method.layer
        self.is_delta_supported = attribution_method.has_convergence_delta()

    @property
    def multiplies_by_inputs(self) -> bool:
        """What the class inside says."""
        return self.attribution_method.multiplies_by_inputs

    def has_convergence_delta(self) -> bool:
        """What the class inside says."""
        return self.is_delta_supported

    def attribute(
        self,
        inputs: Tensor | tuple[Tensor, ...],
        nt_type: str = "smoothgrad",
        nt_samples: int = 5,
        nt_samples_batch_size: int | None = None,
        stdevs: float | tuple[float, ...] = 1.0,
        draw_baseline_from_distrib: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Attributions over noisy copies of the inputs.

        nt_type: their mean ("smoothgrad"), mean square ("smoothgrad_sq") or variance ("vargrad").
        nt_samples: noisy copies. nt_samples_batch_size: accepted; blocks fit the memory. stdevs:
        of the noise, one or one per input. draw_baseline_from_distrib: `baselines` are rows of a
        distribution, one drawn for each copy. kwargs: for `attribute` of the class inside.
        """
        if nt_type not in TYPES:
            raise InvalidInput(
                f"`nt_type` is {nt_type!r}: give one of {', '.join(TYPES)}.", "nt_type"
            )
        inner = self.attribution_method
        given = bound(inspect.signature(type(inner).attribute), inner, (inputs,), kwargs)
        asked = question(inner, given)
        asked.call["seed"] = int(torch.randint(1 << 62, ()))
        if draw_baseline_from_distrib:
            tensors = _drawn(asked, nt_type, nt_samples, tupled(stdevs))
        else:
            method = TYPES[nt_type](
                method=asked.method, n_samples=nt_samples, stdevs=tupled(stdevs)
            )
            tensors = asked.with_method(method).ask().attributions
        answer = shaped(inner, given, tensors)
        if given.get("return_convergence_delta") and self.is_delta_supported:
            return answer, self.delta(answer, given)
        return answer

    def delta(self, attributions: Any, given: dict[str, Any]) -> Any:
        """The class inside's, at the inputs without noise."""
        return self.attribution_method.delta(attributions, given)


def _drawn(question: Question, nt_type: str, samples: int, stdevs: Any) -> Tensors:
    """Each copy with a baseline drawn for it: the moments over all, from those of each baseline."""
    pool = baseline_forms.resolve_pool(question.call["baselines"], question.inputs)
    generator = torch.Generator().manual_seed(question.call["seed"])
    drawn = torch.randint(pool.count, (samples,), generator=generator)
    mean: list[Tensor] = []
    square: list[Tensor] = []
    for m, count in zip(*drawn.unique(return_counts=True), strict=True):
        rows = tuple(row[m : m + 1] for row in pool.rows)
        share, seed = float(count) / samples, question.call["seed"] + 1 + int(m)
        for total_so_far, kind in ((mean, engine.SmoothGrad), (square, engine.SmoothGradSquare)):
            method = kind(method=question.method, n_samples=int(count), stdevs=stdevs)
            asked = question.with_method(method, baselines=rows, seed=seed)
            _add(total_so_far, asked.ask().attributions, share)
    if nt_type == "smoothgrad":
        return tuple(mean)
    if nt_type == "smoothgrad_sq":
        return tuple(square)
    return tuple((s - a.square()).clamp(min=0) for a, s in zip(mean, square, strict=True))


def _add(sums: list[Tensor], more: Tensors, share: float) -> None:
    if not sums:
        sums.extend(share * tensor for tensor in more)
        return
    for i, tensor in enumerate(more):
        sums[i] = sums[i] + share * tensor
