"""One batch with each of its inputs present or replaced by its baseline, in every combination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attriboard import engine
from attriboard.engine import ModalityShapley
from attriboard.jobs.target import Target, for_engine, own
from attriboard.outputs import Output

Tensors = tuple[Tensor, ...]


@dataclass(frozen=True)
class CoalitionPass:
    """What a model answers to N examples with inputs replaced.

    outputs: (2^M, N, ...), raw, in the order of `engine.coalitions_of`: nothing kept comes first,
    everything last. targets: what each example's scores are of.
    """

    outputs: Tensor
    targets: list[Target]
    shapley: ModalityShapley

    def without(self, place: int) -> int:
        """The coalition that keeps every input but the one at `place`."""
        count = len(self.outputs)
        return count - 1 - (count >> (place + 1))


def coalition_pass(
    predict: Callable[[Tensors], Tensor],
    inputs: Tensors,
    baselines: Tensors,
    target: Target | None,
    output: Output,
) -> CoalitionPass:
    """2^M rows an example. `inputs` and `baselines`: (N, ...) each; None: each one's own target.

    predict: the model's raw output for any number of rows.
    """
    count, kept = len(inputs[0]), engine.coalitions_of(len(inputs))
    rows = tuple(
        torch.cat([(x if keeps else b) for keeps in kept[:, place].tolist()])
        for place, (x, b) in enumerate(zip(inputs, baselines, strict=True))
    )
    found = predict(rows)
    outputs = found.reshape(len(kept), count, *found.shape[1:])
    targets = [own(row, output) if target is None else target for row in outputs[-1]]
    scores = torch.stack([engine.score(each, for_engine(targets)) for each in outputs])
    return CoalitionPass(outputs, targets, engine.from_coalitions(scores))


def changed(found: CoalitionPass, place: int, output: Output) -> list[float]:
    """1 for each example whose prediction is another one without the input at `place`."""
    whole = output.predictions(found.outputs[-1]).predicted
    part = output.predictions(found.outputs[found.without(place)]).predicted
    return [float(a != b) for a, b in zip(whole, part, strict=True)]


def right(
    found: CoalitionPass, place: int, output: Output, labels: Sequence[Any]
) -> list[float | None]:
    """1 for each example that is answered right without the input; None without a label."""
    said = output.predictions(found.outputs[found.without(place)]).correct(labels)
    return [None if each is None else float(each) for each in said]
