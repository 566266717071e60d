"""Streams of scores from raw outputs that are known, and known from then on.

The model's output answers for every target, so that explaining another one by the same rows takes
no pass. The rows themselves are not kept: a method makes them from its seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from attriboard.engine.run import Replay
from attriboard.engine.scoring import Scorer
from attriboard.engine.targets import read_all

if TYPE_CHECKING:
    from attriboard.engine.probe import Probe

Stream = Iterator[tuple[Tensor, Tensor, Tensor]]

ROWS = 64
"""Rows of known scores handed on at once: a method may keep something of each in memory."""

LARGEST = 1 << 14
"""Numbers of one row's output above which none are kept."""


def taped(probe: Probe, count: int, fresh: Callable[[], Stream]) -> Stream:
    """The stream of `count` points of `probe`: as known, or `fresh` and known next time."""
    kept, scorer = probe.run.replay, probe.score
    if kept is None or not isinstance(scorer, Scorer) or count == 0 or probe.count == 0:
        return fresh()
    part = f"rows {count}"
    known = kept.get(part)
    if known is not None:
        return _known(probe, scorer, known)
    return _recorded(probe, scorer, kept, part, fresh())


def _known(probe: Probe, scorer: Scorer, outputs: Tensor) -> Stream:
    total, flat = len(outputs) * probe.count, outputs.flatten(0, 1)
    for start in range(0, total, ROWS):
        probe.run.check()
        end = min(start + ROWS, total)
        k, n = probe.pairs(start, end)
        yield k, n, read_all(scorer.targets, flat[start:end], probe.examples[n])


def _recorded(probe: Probe, scorer: Scorer, kept: Replay, part: str, fresh: Stream) -> Stream:
    heard: list[Tensor] | None = []
    for k, n, scores in fresh:
        latest = scorer.latest
        small = latest is not None and latest[0].numel() <= LARGEST
        if heard is None or latest is None or not small or len(latest) != len(n):
            heard = None
        else:
            heard.append(latest.clone())  # a model may write into what it gave before
        yield k, n, scores
    if heard:
        kept.put(part, torch.cat(heard).unflatten(0, (-1, probe.count)))
