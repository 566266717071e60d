"""Methods that read a transformer's own attention: rolled out, or weighted by its gradient."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import ClassVar

import torch
from torch import Tensor

from attriboard.engine.errors import Unsupported
from attriboard.engine.methods.base import Method, Place
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.rules.attention import AttentionMaps
from attriboard.engine.rules.rollout import (
    Heads,
    Layout,
    Row,
    chains,
    fused,
    heads_first,
    layout,
    without_lowest,
)
from attriboard.engine.sites import Layer, Neuron
from attriboard.engine.tensors import Tensors, take

NO_ATTENTION = (
    "No attention was seen: the model runs no softmax over keys, of shape (..., queries, keys), "
    "or runs it where calls cannot be seen (TorchScript). Use a gradient method or Occlusion."
)


@dataclass(frozen=True)
class TokenMethod(Method):
    """What the two share: attributions are one number a token, (N, L), for every kind of input.

    For token ids (N, L) and embedded tokens (N, L, D) these are the input's own tokens. Where the
    model makes its tokens itself (patches of a picture, a class token in front) L is the number
    it made, and a warning says so. An input whose length no attention has gets zeros.
    """

    family = "attention"
    uses_baseline = False
    places: ClassVar[tuple[Place, ...]] = ("input",)

    row: Row = param(
        "mean", "Whose attention counts: all queries' mean, the first (CLS), the last."
    )
    heads: Heads = param("mean", "How the heads of a layer become one map.")

    def at(self, probe: Probe, layer: Layer | None, neuron: Neuron | None) -> Probe:
        return probe  # maps have gradients where token ids have none

    def __call__(self, probe: Probe) -> Tensors:
        parts = list(self.rows(probe))
        if not parts:
            return tuple(x.new_zeros(probe.targets, *x.shape[:2]).float() for x in probe.point)
        lengths = [tokens.shape[-1] for tokens in parts[0]]
        joined = [torch.cat([part[i] for part in parts], 1) for i in range(len(lengths))]
        return _placed(probe, self.title, joined)

    @abstractmethod
    def rows(self, probe: Probe) -> Iterator[Tensors]:
        """Block by block, what each chain of attention gives its tokens, each (T, R, L)."""


@dataclass(frozen=True)
class AttentionRollout(TokenMethod):
    """Abnar and Zuidema 2020, https://arxiv.org/abs/2005.00928, equation 1.

    The same for every target: it says where the model looked, not what it looked for.
    """

    title = "Attention rollout"
    summary = "The layers' attention maps multiplied out: which tokens could reach the output."
    formula = "prod_l (r I + (1 - r) mean_h A_lh)"
    citation = "Abnar and Zuidema 2020, arXiv:2005.00928"
    needs_gradient = False

    residual: float = param(
        0.5, "Share of each token that skips a layer's attention.", minimum=0, maximum=1
    )
    discard: float = param(
        0.0, "Share of each query's lowest weights left out.", minimum=0, maximum=0.99
    )

    def rows(self, probe: Probe) -> Iterator[Tensors]:
        parts: list[Tensors] = []
        heads = _heads_first(probe)

        def score(rows: Tensors, index: Tensor) -> Tensor:
            maps = heads(_seen(probe, rows, index)[0])
            rolled = chains([self._fused(m) for m in maps], self._step)
            parts.append(tuple(chain.row(self.row) for chain in rolled))
            return torch.zeros(len(index), 1)

        place = (probe.place, "attention")
        reading = replace(probe, score=score, targets=1, place=place, steady=True)
        for _ in reading.stream(reading.at_point, 1):
            yield tuple(t.expand(probe.targets, *t.shape) for t in parts.pop())

    def _fused(self, attention: Tensor) -> Tensor:
        one = fused(attention.detach(), self.heads)
        return _normalised(without_lowest(one, self.discard))

    def _step(self, attention: Tensor, matrix: Tensor) -> Tensor:
        if attention.shape[1] != attention.shape[2]:
            return attention @ matrix
        return self.residual * matrix + (1 - self.residual) * (attention @ matrix)


@dataclass(frozen=True)
class AttentionXGradient(TokenMethod):
    """Chefer et al. 2021, https://arxiv.org/abs/2103.15679, equations 5 and 6.

    What a token is by itself, before any attention, is left out, so that a target nothing speaks
    for gets zeros.
    """

    title = "Attention x gradient"
    summary = "Attention that speaks for the target, layer upon layer: class-specific rollout."
    formula = "R <- R + mean_h relu(dS/dA_h * A_h) R"
    citation = "Chefer et al. 2021, arXiv:2103.15679"

    def rows(self, probe: Probe) -> Iterator[Tensors]:
        site = _Seen()
        heads = _heads_first(probe)

        def score(rows: Tensors, index: Tensor) -> Tensor:
            site.maps[:], scores = _seen(probe, rows, index)
            return scores

        place = (probe.place, "attention")
        for seen in replace(probe, score=score, site=site, place=place).observe(probe.at_point, 1):
            pairs = list(zip(seen.activations, seen.gradients, strict=True))
            columns = [
                self._rolled(heads([(m * g[t]).relu() for m, g in pairs]))
                for t in range(probe.targets)
            ]
            numbers = range(len(columns[0]))
            yield tuple(torch.stack([column[i] for column in columns]) for i in numbers)

    def _rolled(self, maps: list[Tensor]) -> Tensors:
        rolled = chains([fused(m, self.heads) for m in maps], _added)
        return tuple(chain.gained(self.row) for chain in rolled)


@dataclass(frozen=True)
class _Seen:
    """A site whose activations are the maps of the pass just run."""

    maps: list[Tensor] = field(default_factory=list)

    @contextmanager
    def captured(self) -> Iterator[list[Tensor]]:
        self.maps.clear()
        yield self.maps


def _added(attention: Tensor, matrix: Tensor) -> Tensor:
    if attention.shape[1] != attention.shape[2]:
        return attention @ matrix
    return matrix + attention @ matrix


def _seen(probe: Probe, rows: Tensors, index: Tensor) -> tuple[list[Tensor], Tensor]:
    """The attention maps of one pass, and its scores. Raises Unsupported where there are none."""
    with AttentionMaps().captured() as maps:
        scores = probe.score(rows, index)
    kept = [m for m in maps if m.shape[-1] > 1]
    if not kept:
        raise Unsupported(NO_ATTENTION)
    return kept, scores


def _heads_first(probe: Probe) -> Callable[[Sequence[Tensor]], list[Tensor]]:
    """What brings a pass's maps into the form (R, H, Lq, Lk); learned from one and two rows."""
    key = ("attention", tuple((x.shape[1:], x.dtype) for x in probe.point))
    notes = probe.prepared.learned.notes
    if key not in notes:
        seen: list[list[Tensor]] = []

        def score(rows: Tensors, index: Tensor) -> Tensor:
            maps, scores = _seen(probe, rows, index)
            seen.append(maps)
            return scores

        with torch.no_grad():
            for count in (1, 2):
                n = torch.zeros(count, dtype=torch.long)
                replace(probe, score=score).forward(take(probe.point, n), n)
        _check_count(*seen)
        notes[key] = [layout(one, two) for one, two in zip(*seen, strict=True)]
    layouts: list[Layout] = notes[key]

    def brought(maps: Sequence[Tensor]) -> list[Tensor]:
        _check_count(maps, layouts)
        return [heads_first(m, at) for m, at in zip(maps, layouts, strict=True)]

    return brought


def _check_count(one: Sequence[object], other: Sequence[object]) -> None:
    if len(one) != len(other):
        raise Unsupported(
            f"The model attends {len(one)} times for some rows and {len(other)} times for others, "
            "so maps cannot be rolled out."
        )


def _normalised(attention: Tensor) -> Tensor:
    total = attention.sum(-1, keepdim=True)
    return attention / total.clamp(min=torch.finfo(attention.dtype).tiny)


def _placed(probe: Probe, title: str, found: list[Tensor]) -> Tensors:
    """The chains' tokens (T, N, L) at the inputs they are tokens of."""
    if len(probe.point) == 1:
        return (_only(probe, title, found),)
    waiting = list(found)
    placed = []
    for i, x in enumerate(probe.point):
        own = next((t for t in waiting if x.ndim > 1 and t.shape[2] == x.shape[1]), None)
        if own is None:
            probe.run.warn(f"{title}: no attention has input {i}'s tokens, which gets zeros.")
            placed.append(found[0].new_zeros(probe.targets, *x.shape))
        else:
            waiting = [t for t in waiting if t is not own]
            placed.append(own)
    if len(waiting) == len(found):
        lengths = " and ".join(str(t.shape[2]) for t in found)
        raise Unsupported(f"The model attends to {lengths} tokens, which no input has.")
    return tuple(placed)


def _only(probe: Probe, title: str, found: list[Tensor]) -> Tensor:
    x = probe.point[0]
    own = [t for t in found if x.ndim > 1 and t.shape[2] == x.shape[1]]
    if not own:
        probe.run.warn(
            f"{title}: the attributions are those of {found[-1].shape[2]} tokens, which the model "
            f"makes from an input of shape {tuple(x.shape[1:])}."
        )
    return own[-1] if own else found[-1]
