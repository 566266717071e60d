"""Raw outputs of the models, remembered: another method or target asks for fewer passes, or none.

The ends of an explanation (the example and its baseline) are shared by every method. The rows of a
perturbation method are shared by every target, since a pass answers for all classes at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.jobs.keys import canonical
from attriboard.jobs.own_targets import OwnTargets
from attriboard.jobs.plan import Plan
from attriboard.jobs.recent import Recent
from attriboard.jobs.task import Prepared

BYTES = 1 << 28
"""Outputs are kept while they take less than this together."""

LARGEST = 1 << 26
"""Bytes of one part of one example above which it is not kept at all."""

Key = tuple[Hashable, ...]


class Heard:
    """What models answered, by content."""

    def __init__(self, own: OwnTargets, most: int = BYTES) -> None:
        self._own = own
        self._outputs: Recent[Key, Tensor] = Recent(most, lambda tensor: tensor.nbytes)

    def of(self, plan: Plan, batch: Sequence[Prepared], question: Hashable) -> Replay:
        """For `engine.Run`: what is known of a batch, for rows that follow from `question`."""
        return Replay(self, self._own, plan, tuple(batch), question)

    def get(self, key: Key) -> Tensor | None:
        """One example's outputs of one part, (K, 1, ...)."""
        return self._outputs.get(key)

    def put(self, key: Key, outputs: Tensor) -> None:
        """Keep one example's outputs of one part."""
        if outputs.nbytes <= LARGEST:
            self._outputs.put(key, outputs.clone())


@dataclass(frozen=True)
class Replay:
    """The outputs known of one batch. See `engine.run.Replay`."""

    heard: Heard
    own: OwnTargets
    plan: Plan
    batch: tuple[Prepared, ...]
    question: Hashable

    def get(self, part: str) -> Tensor | None:
        """The outputs of a part for the whole batch, (K, N, ...)."""
        found = []
        for entry in self.batch:
            outputs = self.heard.get(self._key(part, entry))
            if outputs is None and part == "point":
                outputs = self._predicted(entry)
            if outputs is None:
                return None
            found.append(outputs)
        alike = len({tensor.shape for tensor in found}) == 1
        return torch.cat(found, 1) if alike else None

    def put(self, part: str, outputs: Tensor) -> None:
        """Take the outputs of a part, (K, N, ...)."""
        for row, entry in enumerate(self.batch):
            self.heard.put(self._key(part, entry), outputs[:, row : row + 1])

    def _predicted(self, entry: Prepared) -> Tensor | None:
        row = self.own.output(self.plan.fingerprint, entry.task.index)
        return None if row is None else row[None]

    def _key(self, part: str, entry: Prepared) -> Key:
        plan, example = self.plan, entry.loaded.fingerprint
        if part == "point":
            return (plan.fingerprint, part, example)
        origin = (plan.fingerprint, part, example, canonical(plan.baseline), plan.seed)
        return origin if part == "baseline" else (*origin, self.question)


def question(plan: Plan, batch: Sequence[Prepared]) -> Hashable:
    """What the rows of the plan's method depend on, beside the example, its baseline and the seed.

    A method that compares examples with one another depends on all of them.
    """
    others: tuple[str, ...] = ()
    if plan.method.least_examples > 1:
        others = tuple(entry.loaded.fingerprint for entry in batch)
    method = batch[0].method.to_json()
    return (canonical({"method": method, "features": plan.features, **plan.site}), others)
