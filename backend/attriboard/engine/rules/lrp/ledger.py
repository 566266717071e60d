"""What became of the relevance: how much each kind of call kept, and what no rule covered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

NOTABLE = 1e-3
"""The share of a score whose loss is told."""

_NAMES = {
    "softmax": "the softmax, which is not linear",
    "log_softmax": "the log-softmax, which is not linear",
    "alpha_beta": "outputs without a positive or a negative part",
}


class Ledger:
    """Sums over one computation, signed: relevance that came to a call less what it passed on."""

    def __init__(self) -> None:
        self._lost: dict[str, list[Tensor]] = defaultdict(list)
        self._unruled: dict[str, list[Tensor]] = defaultdict(list)
        self._scores: list[Tensor] = []
        self.not_applied: set[str] = set()

    def seeded(self, scores: Tensor) -> None:
        """Note scores (R, T) whose relevance is about to flow."""
        self._scores.append(scores)

    def passed(self, kind: str, before: Tensor, after: Iterable[Tensor | None]) -> None:
        """Note a call that got the relevance `before` and passed `after` on."""
        kept = sum(_total(tensor) for tensor in after if tensor is not None)
        self._lost[kind].append(_total(before) - kept)

    def unruled(self, name: str, relevance: Tensor) -> None:
        """Note relevance that came to a call no rule is written for."""
        self._unruled[name].append(_total(relevance.abs()))

    def lost(self) -> dict[str, float]:
        """Relevance absorbed by kind of call, summed over examples and targets, signed."""
        return {kind: float(sum(parts)) for kind, parts in self._lost.items()}

    def scores(self) -> Tensor:
        """The scores explained, (N, T)."""
        return torch.cat(self._scores)

    def sentences(self, sums: Tensor) -> list[str]:
        """What a reader should know; `sums` (N, T) are the attributions' sums."""
        found = [
            f"LRP: there is no rule for {name}, whose relevance follows input x gradient."
            for name, parts in self._unruled.items()
            if float(sum(parts)) > 0
        ]
        found += [
            f"LRP: the identity rule does not fit {kind}, which changes shapes: it took epsilon."
            for kind in sorted(self.not_applied)
        ]
        scores = self.scores()
        if len(scores) != len(sums) or scores.numel() == 0:
            return found  # a block that ran out of memory was seeded twice
        gap = (sums - scores).abs() / scores.abs().clamp(min=torch.finfo(scores.dtype).tiny)
        if float(gap.median()) > NOTABLE or float(gap.max()) > 10 * NOTABLE:
            found.append(_gap(gap, self.lost(), float(scores.double().abs().sum())))
        return found


def _gap(gap: Tensor, lost: dict[str, float], scale: float) -> str:
    shares: dict[str, float] = defaultdict(float)
    for kind, value in lost.items():
        shares[_NAMES.get(kind, "biases and constants")] += value / scale
    told = [
        f"{name} ({abs(share):.2g} of the scores)"
        for name, share in sorted(shares.items(), key=lambda item: -abs(item[1]))
        if abs(share) > NOTABLE
    ]
    by = f" Absorbed by {' and '.join(told)}." if told else ""
    return (
        f"LRP: the attributions miss the score by {float(gap.median()):.2g} of it at the median "
        f"example, at most {float(gap.max()):.2g}.{by}"
    )


def _total(tensor: Tensor | Sequence[Tensor]) -> Tensor:
    assert isinstance(tensor, Tensor)
    return tensor.sum().double()
