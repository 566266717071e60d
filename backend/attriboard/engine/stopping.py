"""Stopping early: a method's points in stages, after each of which examples may be done.

Stages end at fixed counts of points, and each example is judged alone, so that neither the size of
blocks nor an example's companions decide what it gets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, lift

ERROR = "the standard error"
"""What a tolerance of a random method is about."""

STAGE = 8
"""Points between two looks."""

LOOKS = 64
"""The most looks at one example: of many points, more lie between two."""


def tolerance_param(what: str) -> float | None:
    """The parameter every method has that can stop early. `what` is to be small enough."""
    help = f"Stop early once {what} is at most this share; empty never stops early."
    found: float | None = param(None, help, minimum=0)
    return found


@dataclass(frozen=True)
class Stage:
    """The points `start` to `start + steps - 1`, for the examples that still need them.

    probe: of these examples alone; `examples` are their numbers in the whole probe.
    """

    probe: Probe
    examples: Tensor
    start: int
    steps: int

    def done(self, k: Tensor, n: Tensor) -> int:
        """Points finished for every example after a block that ends with (k, n)."""
        return self.start + int(k[-1]) + (int(n[-1]) + 1 == self.probe.count)

    @property
    def end(self) -> int:
        """Points that every one of its examples has had once it is over."""
        return self.start + self.steps


@dataclass
class Stopping:
    """`total` points of `probe`, in stages where there is a tolerance; all at once where not.

    what: what the tolerance is about, as the remarks name it. cost: passes a point.
    first: the points without which there is nothing to judge.
    """

    probe: Probe
    tolerance: float | None
    total: int
    what: str
    cost: int = 1
    first: int = STAGE
    _needed: Tensor = field(init=False, repr=False)
    _within: Tensor = field(init=False, repr=False)
    _kept: list[Tensor] = field(default_factory=list, init=False, repr=False)
    _open: Tensor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._open = torch.arange(self.probe.count)
        if self.wanted:
            self._needed = torch.full((self.probe.count,), self.total)
            self._within = torch.zeros(self.probe.targets, self.probe.count, dtype=torch.bool)

    @property
    def wanted(self) -> bool:
        """Whether anything is judged at all."""
        return self.tolerance is not None

    def stages(self) -> Iterator[Stage]:
        """One stage after another; `judge` is called at the end of each."""
        if not self.wanted:
            yield Stage(self.probe, self._open, 0, self.total)
            return
        reserves = not self.probe.quiet
        if reserves:
            self.probe.run.reserve(self.total * self.probe.count * self.cost)
        start = 0
        while start < self.total and len(self._open):
            end = min(self.total, max(self.first, start + self._stride))
            yield Stage(self._of_open(), self._open, start, end - start)
            start = end
        if reserves:
            self.probe.run.release()
            self._remark()

    def judge(self, stage: Stage, errors: Tensor, value: Callable[[], Tensors]) -> None:
        """`errors`, (T, N), of the attributions so far, `value()`, each (T, N, ...)."""
        if self.tolerance is None:
            return
        over = torch.zeros_like(self._within)
        over[:, self._open] = True
        fresh = (errors.cpu() <= self.tolerance) & over & ~self._within
        if stage.end >= self.total:
            self._open = (~(self._within | fresh).all(0)).nonzero().flatten()
            return
        if bool(fresh.any()):
            self._keep(fresh, value())
            done = self._within.all(0)
            self._needed[self._open[done[self._open]]] = stage.end
            self._open = (~done).nonzero().flatten()

    def _keep(self, fresh: Tensor, found: Tensors) -> None:
        if not self._kept:
            self._kept = [torch.zeros_like(tensor) for tensor in found]
        for kept, tensor in zip(self._kept, found, strict=True):
            mask = fresh.to(tensor.device)
            kept[mask] = tensor[mask]
        self._within |= fresh

    def result(self, value: Tensors) -> Tensors:
        """`value` at the end, but for what was good enough before."""
        if not self._kept:
            return value
        return tuple(
            torch.where(_lift(self._within.to(tensor.device), tensor), kept, tensor)
            for kept, tensor in zip(self._kept, value, strict=True)
        )

    @property
    def _stride(self) -> int:
        looks = -(-self.total // LOOKS)
        return STAGE * -(-looks // STAGE)

    def _of_open(self) -> Probe:
        if len(self._open) == self.probe.count:
            return replace(self.probe, quiet=True, tape=False)
        index = self._open
        point = tuple(x.index_select(0, index.to(x.device)) for x in self.probe.point)
        return self.probe.moved(point, index)

    def _remark(self) -> None:
        saved = int((self.total - self._needed).sum()) * self.cost
        share = f"{self.tolerance:.3g}"
        if saved:
            low, high = (int(end) for end in self._needed.aminmax())
            steps = str(low) if low == high else f"{low} to {high}"
            whole = self.total * self.probe.count * self.cost
            self.probe.run.warn(
                f"Stopped early: after {steps} of {self.total} points {self.what} was at most "
                f"{share}, which saved {saved} of {whole} passes."
            )
        left = len(self._open)
        if left:
            self.probe.run.warn(
                f"After all {self.total} points {self.what} was still more than {share} for "
                f"{left} of {self.probe.count} examples."
            )


def _lift(mask: Tensor, like: Tensor) -> Tensor:
    """A mask (T, N), made to broadcast over (T, N, ...)."""
    return mask.reshape(mask.shape + (1,) * (like.ndim - 2))


class Spread:
    """The standard error of a mean, from the means of its stages (batch means).

    Stages hold equally many draws, so that the values of theirs are draws of one distribution.
    """

    def __init__(self, probe: Probe) -> None:
        self._shape = (probe.targets, probe.count)
        self._count = torch.zeros(probe.count, dtype=torch.float64)
        self._sums: list[Tensor] = []
        self._squares: list[Tensor] = []

    def add(self, values: Tensors, examples: Tensor) -> None:
        """The values of one stage, each (T, A, ...), for A examples."""
        if not self._sums:
            wide = [(*self._shape, *value.shape[2:]) for value in values]
            self._sums = [v.new_zeros(w) for v, w in zip(values, wide, strict=True)]
            self._squares = [v.new_zeros(w) for v, w in zip(values, wide, strict=True)]
        self._count[examples] += 1
        for total, square, value in zip(self._sums, self._squares, values, strict=True):
            total.index_add_(1, examples.to(value.device), value)
            square.index_add_(1, examples.to(value.device), value.square())

    def errors(self) -> Tensor:
        """(T, N): the standard error's size, of the mean's size; infinite after one stage."""
        many = self._count > 1
        count = self._count.clamp(min=2)
        error = torch.zeros(self._shape, dtype=torch.float64)
        size = torch.zeros(self._shape, dtype=torch.float64)
        for total, square in zip(self._sums, self._squares, strict=True):
            m = lift(count.to(total), total[0])
            mean = total / m
            variance = ((square / m - mean.square()) / (m - 1)).clamp(min=0)
            error += variance.flatten(2).sum(2).double().cpu()
            size += mean.square().flatten(2).sum(2).double().cpu()
        ratio = (error / size).sqrt().nan_to_num(nan=0.0)
        return torch.where(many, ratio, torch.inf)
