"""The two ends of every explanation: the score at the example, and at its baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from attriboard.engine.probe import Probe
from attriboard.engine.run import Replay
from attriboard.engine.scoring import Scorer
from attriboard.engine.targets import read_all
from attriboard.engine.tensors import Points, Tensors, look


@dataclass(frozen=True)
class Ends:
    """score, baseline: (N, T), f(x) and f(b), the mean over b for a distribution.

    leaders: (N,), the class predicted at the baseline, where there is one baseline and the
    model's output is one row of classes; else None.
    """

    score: Tensor
    baseline: Tensor
    leaders: Tensor | None

    def baseline_wins(self, scorer: Scorer, t: int) -> Tensor | None:
        """(N,): whether target t, where it is a class, is what the baseline is predicted as."""
        index = scorer.class_of(t)
        return None if index is None or self.leaders is None else self.leaders == index

    @property
    def known(self) -> Tensor:
        """(2, N, T), as `Probe.known` has them."""
        return torch.stack([self.baseline, self.score])


def ends_of(probe: Probe, scorer: Scorer) -> Ends:
    """Both ends for every example and target, in 1 + M rows each (M baselines) at most.

    What the run's caller knows of them costs no pass, and it is told what these passes gave.
    """
    draws = probe.pool.count if probe.pool is not None else 1
    kept = _kept(probe, scorer)
    if kept is None:
        return _fresh(probe, scorer, draws)
    here, there = kept.get("point"), kept.get("baseline")
    if here is None or there is None:
        first, last = int(here is not None), 1 if there is not None else 1 + draws
        _, raw = _run(probe, scorer, first, last, Tensor.clone)  # which may be the model's own
        if raw is None:  # what the model gives is no tensor that could be known
            return _fresh(probe, scorer, draws)
        here = raw[:1] if here is None else here
        there = raw[1 - first :] if there is None else there
        kept.put("point", here)
        kept.put("baseline", there)
    score, baseline = (_read(scorer, raw, probe.examples) for raw in (here, there))
    return Ends(score[0], baseline.mean(0), _leaders(there))


def _fresh(probe: Probe, scorer: Scorer, draws: int) -> Ends:
    """By passes alone. Of the outputs no more is kept than the class that leads."""
    scores, leaders = _run(probe, scorer, 0, 1 + draws, _leading)
    leader = leaders[1].cpu() if leaders is not None and draws == 1 else None
    return Ends(scores[0], scores[1] if draws == 1 else scores[1:].mean(0), leader)


def known_ends(probe: Probe, scorer: Scorer) -> Ends | None:
    """Both ends where the run's caller knows them, without a pass."""
    kept = _kept(probe, scorer)
    if kept is None or kept.get("point") is None or kept.get("baseline") is None:
        return None
    return ends_of(probe, scorer)


def _kept(probe: Probe, scorer: Scorer) -> Replay | None:
    """What is known of the model's outputs, where the scores are read straight from them."""
    return probe.run.replay if probe.score is scorer and probe.count else None


def _run(
    probe: Probe, scorer: Scorer, first: int, last: int, note: Callable[[Tensor], Tensor | None]
) -> tuple[Tensor, Tensor | None]:
    """Scores (K, N, T) of the ends `first` to `last - 1`, and what `note` makes of their outputs.

    note: (R, ...) -> (R, ...), or None where it makes nothing of them; what is noted is
    (K, N, ...), or None unless it is whole.
    """
    points, shape = _points(probe), (last - first, probe.count)
    scores: list[Tensor] = []
    noted: list[Tensor] = []
    steady = replace(probe, steady=True, tape=False)
    for _, _, part in steady.stream(lambda k, n: points(k + first, n), shape[0]):
        scores.append(part)
        found = None if scorer.latest is None else note(scorer.latest)
        noted += [] if found is None else [found]
    if not scores:
        return torch.zeros(*shape, probe.targets), None
    whole = len(noted) == len(scores) and sum(map(len, noted)) == shape[0] * shape[1]
    return _by_end(scores, shape), _by_end(noted, shape) if whole else None


def _by_end(parts: list[Tensor], shape: tuple[int, int]) -> Tensor:
    """Blocks of K * N rows as (K, N, ...)."""
    rows = parts[0] if len(parts) == 1 else torch.cat(parts)
    return rows.reshape(*shape, *rows.shape[1:])


def _points(probe: Probe) -> Points:
    """Point 0 is the example, point m its baseline m - 1."""
    pool = probe.pool

    def points(k: Tensor, n: Tensor) -> Tensors:
        here, there = look(probe.point, n), look(probe.baseline, n)
        if pool is not None:
            there = pool.take((k - 1).clamp(min=0), n)
        at_point = k == 0
        return tuple(
            torch.where(at_point.reshape(-1, *(1,) * (x.ndim - 1)).to(x.device), x, b)
            for x, b in zip(here, there, strict=True)
        )

    return points


def _read(scorer: Scorer, outputs: Tensor, examples: Tensor) -> Tensor:
    """(K, N, ...) raw outputs -> (K, N, T)."""
    flat, index = outputs.flatten(0, 1), examples.repeat(len(outputs))
    scores: Tensor = read_all(scorer.targets, flat, index).unflatten(0, outputs.shape[:2])
    return scores


def _leading(outputs: Tensor) -> Tensor | None:
    """(R,), the class of the largest number in each row, where there are rows of classes."""
    return outputs.argmax(1) if outputs.ndim == 2 else None


def _leaders(outputs: Tensor) -> Tensor | None:
    """(N,), from the raw outputs (M, N, ...) at the baselines."""
    found = _leading(outputs[0]) if len(outputs) == 1 else None
    return None if found is None else found.cpu()
