"""A probe: the scores explained, as a function of a point, and the only loops over the model."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from attriboard.engine import half
from attriboard.engine.errors import AttriboardError, ModelError, Unsupported
from attriboard.engine.features import Features
from attriboard.engine.gradients import gradients_of
from attriboard.engine.model_tree import Prepared, refresh_buffers
from attriboard.engine.places import WHOLE, by_hooks
from attriboard.engine.planner import (
    SHARE,
    LiveBytes,
    Planner,
    Stopwatch,
    free_memory,
)
from attriboard.engine.pools import Pool
from attriboard.engine.prepared.fast import FEW, Fast
from attriboard.engine.prepared.halts import Doubt, out_of_memory
from attriboard.engine.prepared.layout import channels_last, suits_few
from attriboard.engine.run import Run
from attriboard.engine.tapes import taped
from attriboard.engine.tensors import (
    Points,
    Score,
    Tensors,
    copied,
    is_integer,
    lift,
    look,
    take,
    tracked,
)

T = TypeVar("T")
Work = Callable[[Tensor, Tensor, bool], T]
"""(k, n, channels last) -> what a block of rows gave."""

ALIKE = 0.01
"""How far two memory formats may lead apart, as a share of the result's size."""


class Rules(Protocol):
    """A changed backward pass, active while a block of rows goes through the model."""

    def active(
        self, forward: Callable[[Tensors], Tensor], reference: Tensors
    ) -> AbstractContextManager[object]:
        """The context around one pass. `forward` runs the scores on other rows (a baseline's)."""
        ...


class Site(Protocol):
    """A place inside the model whose activations and gradients are read."""

    def captured(self) -> AbstractContextManager[list[Tensor]]:
        """A context in which a pass leaves its activations in the list."""
        ...


@dataclass(frozen=True)
class Observation:
    """What one block saw: rows of points `k` of examples `n`.

    activations: each (R, ...) at the site; gradients: each (T, R, ...), one per score explained.
    Nobody may write into either, and both are good until the model runs again: they may lie in
    memory that it keeps.
    """

    k: Tensor
    n: Tensor
    activations: Tensors
    gradients: Tensors


@dataclass(frozen=True)
class Probe:
    """A score per row, as a function of the tensors `point` lives in.

    point, baseline: each (N, ...); `pool` is a distribution of baselines.
    examples: (N,), the user's example each row of `point` stems from.
    targets: how many scores are explained at once (T).
    place: names the space `point` lives in, for what is learned about its rows.
    finish: makes attributions at this site what the caller is given (partial ones too).
    quiet: a probe inside another method's loop, whose partial attributions mean nothing alone.
    bare: passes at a layer learn the model's faster form from this one, which reads nothing there.
    settle: chooses the layer explained, once a method over a method has moved the inputs.
    steady: no block is run twice to learn which memory format is faster.
    known: (2, N, T), f(baseline) and f(point), where they were found before.
    tape: raw outputs of `stream` are looked up with the run's caller, and handed to it.
    half: `stream` runs in bfloat16, and notes here how far it is from the usual precision.
    """

    prepared: Prepared
    score: Score
    point: Tensors
    baseline: Tensors
    targets: int = 1
    examples: Tensor = field(default_factory=lambda: torch.zeros(0, dtype=torch.long))
    pool: Pool | None = None
    features: Features | None = None
    site: Site | None = None
    rules: Rules | None = None
    seed: int = 0
    run: Run = field(default_factory=Run)
    place: Hashable = "inputs"
    finish: Callable[[Tensors], Tensors] = lambda tensors: tensors
    quiet: bool = False
    bare: Probe | None = None
    settle: Callable[[Probe], Probe] | None = None
    steady: bool = False
    known: Tensor | None = None
    tape: bool = False
    half: half.Error | None = None

    @property
    def count(self) -> int:
        """How many examples there are (N)."""
        return self.examples.shape[0]  # asked for often, and `len` of a tensor is slow

    def generator(self, *tags: int) -> torch.Generator:
        """A random source that depends on the seed and `tags` alone, never on blocks."""
        seed = self.seed
        for tag in tags:
            seed = (seed * 6364136223846793005 + tag + 1442695040888963407) % (1 << 63)
        return torch.Generator().manual_seed(seed)

    def moved(self, point: Tensors, origin: Tensor, baseline: Tensors | None = None) -> Probe:
        """The same scores at other points: row i of `point` stems from our row `origin[i]`."""
        features = self.features.of_examples(origin) if self.features else None
        return replace(
            self,
            point=point,
            baseline=take(self.baseline, origin) if baseline is None else baseline,
            examples=self.examples[origin],
            features=features,
            pool=self.pool.moved(origin) if self.pool else None,
            quiet=True,
            known=None,
            tape=False,
        )

    @property
    def watched(self) -> bool:
        """Whether anybody wants partial attributions of this probe."""
        return not self.quiet and self.run.partial is not None

    def show(self, attributions: Callable[[], Tensors], done: int, steps: int) -> None:
        """Hand the caller the attributions after `done` of `steps` points, if it wants them."""
        if not self.quiet:
            self.run.show(lambda: self.finish(attributions()), done, steps)

    def both_ends(self) -> Tensor:
        """f(baseline) and f(point), (2, N, T): as they are known, or from two rows an example."""
        if self.known is not None:
            return self.known

        def points(k: Tensor, n: Tensor) -> Tensors:
            ends = zip(look(self.point, n), look(self.baseline, n), strict=True)
            return tuple(torch.where(lift(k == 1, x).to(x.device), x, b) for x, b in ends)

        return replace(self, steady=True, tape=False).values(points, 2)

    def values_from_point(self, points: Points, count: int) -> Tensor:
        """As `values`, where point 0 is the example itself, whose score may be known."""
        if self.known is None or count == 0:
            return self.values(points, count)
        rest = self.values(lambda k, n: points(k + 1, n), count - 1)
        return torch.cat([self.known[1:].to(rest), rest])

    def values(self, points: Points, count: int) -> Tensor:
        """The scores at `count` points of every example, (count, N, T). No gradients."""
        parts = [part for _, _, part in self.stream(points, count)]
        if not parts:
            dtype = self.point[0].dtype if not is_integer(self.point[0]) else torch.float32
            return torch.zeros(count, self.count, self.targets, dtype=dtype)
        return torch.cat(parts).reshape(count, self.count, -1)

    def stream(self, points: Points, count: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """(k, n, scores (R, T)) block by block, points in order. No gradients.

        A tape holds one stream a probe, or several of different lengths.
        """
        if not self.tape:
            return self._stream(points, count)
        return taped(self, count, lambda: self._stream(points, count))

    def _stream(self, points: Points, count: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        def block(k: Tensor, n: Tensor, last: bool) -> Tensor:
            with torch.no_grad():
                rows = points(k, n)
                rows = channels_last(rows) if last else rows  # only one of both stays in memory
                return self._scores(rows, n)

        for k, n, scores in self._blocks("values", count, block):
            if self.half is not None and (few := self.half.left(len(n))):
                with torch.no_grad():
                    usual = self.forward(points(k[:few], n[:few]), n[:few])
                self.half.compare(scores[:few], usual)
            yield k, n, scores

    def _scores(self, rows: Tensors, n: Tensor) -> Tensor:
        """The scores of rows, in bfloat16 where that is wanted, as numbers of the usual type.

        They are in memory of their own, since who keeps them must not keep the whole output.
        """
        if self.half is None:
            return self.forward(rows, n).detach().clone()
        with half.passes(self.point[0].device):
            scores = self.forward(rows, n).detach()
        return scores.float() if scores.dtype == torch.bfloat16 else scores.clone()

    def observe(
        self, points: Points, count: int, reference: Points | None = None
    ) -> Iterator[Observation]:
        """Activations and gradients at the site, block by block.

        `reference` gives the rows a rule compares with; the baseline of each example if left out.
        """

        def block(k: Tensor, n: Tensor, last: bool) -> Observation:
            theirs: Tensors = ()
            if self.rules is not None:
                theirs = reference(k, n) if reference else self.at_baseline(k, n)
            rows = points(k, n)
            rows = channels_last(rows) if last else rows  # only one of both stays in memory
            return self._observed(k, n, rows, theirs)

        for _, _, seen in self._blocks("observe", count, block):
            yield seen

    def at_point(self, k: Tensor, n: Tensor) -> Tensors:
        """Points that are all the examples themselves."""
        return take(self.point, n)

    def at_baseline(self, k: Tensor, n: Tensor) -> Tensors:
        """Points that are all the examples' baselines."""
        return take(self.baseline, n)

    def forward(self, rows: Tensors, n: Tensor) -> Tensor:
        """The scores of rows of examples `n`. ModelError when the model raises."""
        with self.prepared.running():
            try:
                return self.score(rows, self.examples.index_select(0, n))
            except (AttriboardError, Doubt):
                raise
            except Exception as error:
                if out_of_memory(error):
                    raise
                raise ModelError(_sentence(error)) from error

    def _observed(self, k: Tensor, n: Tensor, rows: Tensors, reference: Tensors) -> Observation:
        # The layer's own activations take the gradient: what comes before them needs no graph.
        inside = self.site is not None and self.rules is None
        leaves = tuple(r if inside or is_integer(r) else r.detach().requires_grad_() for r in rows)
        with torch.enable_grad(), ExitStack() as stack:
            if self.rules is not None:
                stack.enter_context(
                    self.rules.active(lambda other: self.forward(other, n), reference)
                )
            captured = stack.enter_context(self.site.captured() if self.site else nullcontext([]))
            scores = self.forward(leaves, n)
            seen = tuple(captured) if self.site else leaves
            if not seen:
                raise Unsupported("The layer did not run in the forward pass: nothing is there.")
            gradients = gradients_of(scores, seen, self.site is not None)
        return Observation(k, n, tuple(s.detach().contiguous() for s in seen), gradients)

    def _blocks(self, kind: str, count: int, work: Work[T]) -> Iterator[tuple[Tensor, Tensor, T]]:
        """Every (point, example) pair once, points in order, in blocks that fit the memory."""
        total = count * self.count
        self.run.plan(total)
        short = self.half is not None
        key = (kind, short, self.place, self.targets, type(self.rules), *_shape_key(self.point))
        planner = self.prepared.planner(key)
        planner.longest = self.run.longest
        memory = self.run.memory or int(SHARE * free_memory(self.point[0].device))
        fast = self._fast(kind, total)
        start = 0
        while start < total:
            self.run.check()
            end = self._end(start, planner.size(total - start, memory))
            k, n = self.pairs(start, end)
            watch = Stopwatch(self.point[0].device, planner.short(end - start))
            try:
                with fast.used() if fast else nullcontext():
                    result, usual = self._block(planner, total, start, k, n, work)
            except Doubt as doubt:
                self.prepared.fast.doubt(doubt)
                continue
            except Exception as error:
                if end - start == 1 or not out_of_memory(error):
                    raise
                planner.too_much(end - start)
                continue
            self.run.advance(end - start)
            yield k, n, result
            if usual:  # with what the caller does with a block, which it does once a block too
                planner.note(end - start, watch.seconds())
            start = end

    def _block(
        self, planner: Planner, total: int, start: int, k: Tensor, n: Tensor, work: Work[T]
    ) -> tuple[T, bool]:
        """One block: measured, run in both memory formats, or just run, as the bool says."""
        layout, size, result = planner.layout, len(k), None
        plain = self.rules is None and not self.steady
        few = total < FEW and plain and suits_few(self.point, self.prepared.convolution_bytes)
        if planner.row_bytes is None:
            watch = Stopwatch(self.point[0].device)
            with LiveBytes() as live:
                result = work(k, n, False)
            planner.measured(live.peak // size, watch.seconds())
            if not few:
                return result, False

        def compared(last: bool) -> T:
            return _own(work(k, n, last))

        if few and layout.safe is None:
            return layout.tested(compared, _agree, None if result is None else _own(result)), False
        may = plain and size > 1 and self.prepared.differentiable  # a black box may cost dearly
        if may and layout.open_for(
            self.point, size, planner.many(total - start), planner.often(size, total)
        ):
            return layout.trial(compared, _agree, size), False
        if not plain or not (layout.safe if few else layout.last):
            return work(k, n, False), True
        try:
            return work(k, n, True), True
        except ModelError:  # a view of the usual format, met only now
            layout.refuse()
            return work(k, n, False), False

    def _fast(self, kind: str, total: int) -> Fast | None:
        """The model's faster form, made now if need be; None where it is not to be used."""
        fast = self.prepared.fast
        if self.rules is not None or not by_hooks(self.place):
            return None
        if total < FEW:
            return fast if fast.fresh else None
        if fast.hopeless:
            return None
        bare = self if self.place in WHOLE else self.bare
        if bare is not None and bare.count:
            few = torch.zeros(1, dtype=torch.long)
            with torch.set_grad_enabled(kind == "observe"), tracked():
                fast.make(lambda: bare.forward(take(bare.point, few), few))
        with tracked():
            fast.follow(lambda tree: refresh_buffers(self.prepared, tree))
        return fast

    def _end(self, start: int, size: int) -> int:
        """Where a block of about `size` rows ends: after whole rounds of examples if it can."""
        end = start + size
        return end - end % self.count if size >= self.count else end

    def pairs(self, start: int, end: int) -> tuple[Tensor, Tensor]:
        """(k, n) of the rows from `start` to `end`."""
        flat = torch.arange(start, end)
        if self.count == 1:
            return flat, torch.zeros_like(flat)
        return flat // self.count, flat % self.count


def _shape_key(point: Tensors) -> tuple[Hashable, ...]:
    return tuple((tensor.shape[1:], tensor.dtype, tensor.device) for tensor in point)


def _own(result: T) -> T:
    """What a block gave, in memory that a model cannot write into when it runs again."""
    if isinstance(result, Observation):
        seen, gradients = copied(result.activations), copied(result.gradients)
        return replace(result, activations=seen, gradients=gradients)
    return result


def _agree(ours: Any, theirs: Any) -> bool:
    """Whether two runs of a block gave the same, but for rounding."""
    if isinstance(ours, Tensor):
        if is_integer(ours):  # classes, or whether something holds
            return torch.equal(ours, theirs)
        return bool((ours - theirs).norm() <= ALIKE * theirs.norm())
    pairs = zip(ours.gradients, theirs.gradients, strict=True)
    return all(_agree(a, b) for a, b in pairs)


def _sentence(error: Exception) -> str:
    return f"The model raised {type(error).__name__}: {error}"
