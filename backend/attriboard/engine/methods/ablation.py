"""Methods that take one feature, or one window, away at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.engine.coalitions import coalition_points, features_of, paint
from attriboard.engine.errors import InvalidInput
from attriboard.engine.features import Features
from attriboard.engine.methods.base import Method
from attriboard.engine.parameters import param
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, look

Shape = tuple[int, ...]


@dataclass(frozen=True)
class FeatureAblation(Method):
    """Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901, with features of any form."""

    title = "Feature ablation"
    family = "perturbation"
    summary = "How far the score falls when one feature alone is replaced by its baseline."
    formula = "f(x) - f(x without feature i)"
    citation = "Zeiler and Fergus 2013, arXiv:1311.2901"
    needs_gradient = False
    uses_features = True

    def __call__(self, probe: Probe) -> Tensors:
        features = features_of(probe)

        def all_but_one(k: Tensor) -> Tensor:
            return torch.arange(1, features.count + 1) != k[:, None]

        points = coalition_points(probe, features, all_but_one)
        values = probe.values_from_point(points, features.count + 1)
        return paint(values[:1] - values[1:], features, probe.point)

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return features + 1


@dataclass(frozen=True)
class Occlusion(Method):
    """Zeiler and Fergus 2013, https://arxiv.org/abs/1311.2901, section 4.2.

    Each element gets the mean fall over the windows that cover it; every input is occluded in
    turn. Windows that reach over the edge are cut off there.
    """

    title = "Occlusion"
    family = "perturbation"
    summary = "How far the score falls when a sliding window is replaced by its baseline."
    formula = "mean over windows W that cover i of f(x) - f(x without W)"
    citation = "Zeiler and Fergus 2013, arXiv:1311.2901"
    needs_gradient = False

    sliding_window_shapes: tuple[int, ...] | tuple[tuple[int, ...], ...] | None = param(
        None, "The window's shape, per input where there are several; an eighth if left out."
    )
    strides: int | tuple[int, ...] | tuple[int | tuple[int, ...], ...] | None = param(
        None, "How far the window moves; 1 for a given window, half of one left out."
    )

    def __call__(self, probe: Probe) -> Tensors:
        shapes = tuple(x.shape[1:] for x in probe.point)
        grids = self.windows(shapes)
        starts = [0]
        for grid in grids:
            starts.append(starts[-1] + grid.count)

        def points(k: Tensor, n: Tensor) -> Tensors:
            rows = zip(look(probe.point, n), look(probe.baseline, n), grids, starts, strict=False)
            return tuple(torch.where(g.hidden(k - 1 - s).to(x.device), b, x) for x, b, g, s in rows)

        values = probe.values_from_point(points, 1 + starts[-1])
        falls = values[:1] - values[1:]
        return tuple(
            grid.spread(falls[start : start + grid.count])
            for grid, start in zip(grids, starts, strict=False)
        )

    def passes(self, features: int = 1, baselines: int = 1) -> int:
        return features + 1

    def sizes(self, features: Features | None, like: Tensors) -> Tensors | None:
        return tuple(grid.sizes() for grid in self.windows(tuple(x.shape[1:] for x in like)))

    def windows(self, shapes: tuple[torch.Size, ...]) -> list[Windows]:
        """The windows over each input of one of `shapes` (without the batch)."""
        wanted = _per_input(self.sliding_window_shapes, len(shapes))
        moves = _per_input(self.strides, len(shapes))
        return [_windows(s, w, m) for s, w, m in zip(shapes, wanted, moves, strict=True)]


@dataclass(frozen=True)
class Windows:
    """A grid of windows over one input: in dimension d, `steps[d]` windows `stride[d]` apart."""

    shape: Shape
    window: Shape
    stride: Shape

    @property
    def steps(self) -> Shape:
        sides = zip(self.shape, self.window, self.stride, strict=True)
        return tuple(max(0, math.ceil((s - w) / t)) + 1 for s, w, t in sides)

    @property
    def count(self) -> int:
        return math.prod(self.steps)

    def cover(self, d: int) -> Tensor:
        """(steps[d], shape[d]): which positions of dimension d each window covers."""
        start = torch.arange(self.steps[d])[:, None] * self.stride[d]
        place = torch.arange(self.shape[d])
        return (place >= start) & (place < start + self.window[d])

    def hidden(self, k: Tensor) -> Tensor:
        """(R, *shape): True inside window k; nothing where k is no window of this input."""
        inside = (k >= 0) & (k < self.count)
        mask = inside.reshape(-1, *(1 for _ in self.shape))
        left = k.clamp(0, self.count - 1)
        for d in reversed(range(len(self.shape))):
            rows = self.cover(d)[left % self.steps[d]]
            left = left // self.steps[d]
            side = [len(k)] + [self.shape[d] if i == d else 1 for i in range(len(self.shape))]
            mask = mask & rows.reshape(side)
        return mask.expand(len(k), *self.shape)

    def sizes(self) -> Tensor:
        """(1, *shape): the mean number of elements in the windows that cover each element."""
        sides = [self.cover(d).sum(1) for d in range(len(self.shape))]
        return self.spread(
            torch.cartesian_prod(*sides).reshape(self.count, -1).prod(1).double()[:, None, None]
        )[0]

    def spread(self, falls: Tensor) -> Tensor:
        """(count, N, T) -> (T, N, *shape): each element the mean over the windows covering it."""
        grid = falls.permute(2, 1, 0).reshape(falls.shape[2], falls.shape[1], *self.steps)
        covered = torch.ones(self.steps, dtype=falls.dtype, device=falls.device)
        for d in range(len(self.shape)):
            cover = self.cover(d).to(falls)
            grid = torch.movedim(torch.tensordot(grid, cover, dims=([2 + d], [0])), -1, 2 + d)
            covered = torch.movedim(torch.tensordot(covered, cover, dims=([d], [0])), -1, d)
        return grid / covered


def _per_input(given: object, inputs: int) -> tuple[object, ...]:
    """One entry per input: a bare shape belongs to a single input, a bare number to every one."""
    if given is None or isinstance(given, int):
        return (given,) * inputs
    assert isinstance(given, tuple)
    if inputs == 1 and not any(isinstance(entry, tuple) for entry in given):
        return (given,)
    if len(given) != inputs:
        raise InvalidInput(
            f"Occlusion got {len(given)} windows or strides for {inputs} inputs: give one each.",
            "method.params.sliding_window_shapes",
        )
    return given


def _windows(shape: torch.Size, window: object, stride: object) -> Windows:
    size = default_window(shape) if window is None else window
    size = (size,) * len(shape) if isinstance(size, int) else size
    assert isinstance(size, tuple)
    if stride is None:
        stride = tuple(math.ceil(w / 2) for w in size) if window is None else 1
    step = (stride,) * len(shape) if isinstance(stride, int) else stride
    assert isinstance(step, tuple)
    if len(size) != len(shape) or len(step) != len(shape):
        raise InvalidInput(
            f"Occlusion's window {size} and strides {step} must have one number for each of the "
            f"input's dimensions {tuple(shape)}.",
            "method.params.sliding_window_shapes",
        )
    size = tuple(min(w, s) for w, s in zip(size, shape, strict=True))
    if (
        any(t > w and w < s for t, w, s in zip(step, size, shape, strict=True))
        or min((*step, *size), default=1) < 1
    ):
        raise InvalidInput(
            f"Occlusion's strides {step} leave gaps between windows {size}: a stride is at least 1 "
            "and at most the window's side.",
            "method.params.strides",
        )
    return Windows(tuple(shape), size, step)


def default_window(shape: torch.Size) -> Shape:
    """An eighth of each side; whole channels where there are three dimensions or more."""
    sides = tuple(max(1, math.ceil(s / 8)) for s in shape)
    return (
        (shape[0], *sides[1:])
        if len(shape) >= 3
        else sides
        if len(shape) == 2
        else (1,) * len(shape)
    )
