"""One example of a request: the key of its result, and what is decided once it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.engine import Method, Occlusion
from attriboard.jobs.examples import Examples, Loaded
from attriboard.jobs.grouping import stacked
from attriboard.jobs.keys import digest
from attriboard.jobs.plan import Plan
from attriboard.jobs.request import BaselineSpec
from attriboard.jobs.target import Target
from attriboard.version import __version__

READ_AHEAD = 64
READ_AHEAD_BYTES = 1 << 28
ROWS_A_BATCH = 256  # examples share a batch while their rows together stay below this
MOST_A_BATCH = 32


@dataclass(frozen=True)
class Task:
    """What is computed for one example, and where its result is kept."""

    index: int
    key: str
    target: Target


@dataclass(frozen=True)
class Prepared:
    """A task whose example has been read.

    method: with the windows that suit the example, where the user gave none. features: how each
    input is grouped, None where the method groups nothing; `groups` are their ids, each in its
    input's shape without the batch dimension. baseline: per input, with a batch dimension of 1;
    None where nothing depends on it.
    """

    task: Task
    loaded: Loaded
    method: Method
    features: dict[str, str] | None
    groups: tuple[Tensor, ...] | None
    baseline: tuple[Tensor, ...] | None

    @property
    def bytes(self) -> int:
        tensors = (*self.loaded.tensors, *(self.groups or ()), *(self.baseline or ()))
        return sum(tensor.nbytes for tensor in tensors)

    @property
    def units(self) -> int:
        """Features or windows that the method takes away one at a time; 1 for other methods."""
        if isinstance(self.method, Occlusion):
            shapes = tuple(torch.Size(shape) for shape in self.loaded.shapes)
            return sum(windows.count for windows in self.method.windows(shapes))
        if not self.method.uses_features:
            return 1
        if self.groups is None:
            return sum(tensor.numel() for tensor in self.loaded.tensors)
        return sum(int(ids.max()) + 1 for ids in self.groups)

    @property
    def rows(self) -> int:
        """Rows this task sends through the model."""
        if self.method.pooled and self.baseline is not None:
            return self.method.passes(self.units, len(self.baseline[0]))
        return self.method.passes(self.units)

    @property
    def alike(self) -> tuple[Any, ...]:
        """What must be equal for two tasks to share a batch without changing each other.

        Designs are drawn for a number of features, so examples share one only where it is equal.
        """
        counts = tuple(int(ids.max()) + 1 for ids in self.groups or ())
        return (self.loaded.alike, self.method, counts)


def task(board: Board, examples: Examples, plan: Plan, index: int, target: Target) -> Task:
    """The task for example `index` of the plan.

    Default windows and features are not in the key: they follow from what is (the method, the
    example and the data's fingerprint, which covers the inputs' settings), and so a stored
    result is found without reading the example.
    """
    identity = {
        "model": plan.fingerprint,
        "data": board.data_fingerprint,
        "example": examples.fingerprint(index),
        "method": plan.method.to_json(),
        "target": target.json(),
        "baseline": {name: content(choice, examples) for name, choice in plan.baseline.items()},
        "features": plan.features,
        "site": plan.site,
        "seed": plan.seed,
        "engine": __version__,
    }
    return Task(index, digest(identity), target)


def prepare(board: Board, examples: Examples, plan: Plan, found: Task) -> Prepared:
    """Read the example; choose its windows or group its features where the user did not."""
    loaded, method = examples.get(found.index), plan.method
    features = groups = None
    if isinstance(method, Occlusion) and method.sliding_window_shapes is None:
        method = _with_windows(board, method, loaded)
    if method.uses_features and plan.layer is None:
        features = {**default_features(board, loaded), **plan.features}
        groups = board.features(features, loaded.example)
    baseline = None
    if plan.baseline:
        baseline = board.baseline(plan.baseline, loaded.example, plan.seed)
    return Prepared(found, loaded, method, features, groups, baseline)


def batches(prepared: Iterable[Prepared]) -> Iterator[list[Prepared]]:
    """Tasks that share a batch, sorted out of a few read ahead."""
    ahead: list[Prepared] = []
    for entry in prepared:
        ahead.append(entry)
        if len(ahead) == READ_AHEAD or sum(each.bytes for each in ahead) > READ_AHEAD_BYTES:
            yield from _sorted_out(ahead)
            ahead = []
    yield from _sorted_out(ahead)


def baseline_tensors(batch: list[Prepared]) -> tuple[Tensor, ...] | None:
    """The batch's baselines, (N, ...) per input; None where nothing depends on them."""
    rows = [entry.baseline for entry in batch if entry.baseline is not None]
    return stacked(rows) if rows else None


def _sorted_out(prepared: list[Prepared]) -> Iterator[list[Prepared]]:
    alike: dict[Any, list[Prepared]] = {}
    for entry in prepared:
        alike.setdefault(entry.alike, []).append(entry)
    for group in alike.values():
        size = max(1, min(MOST_A_BATCH, ROWS_A_BATCH // max(1, group[0].rows)))
        for start in range(0, len(group), size):
            yield group[start : start + size]


def feature_tensors(batch: list[Prepared]) -> tuple[Tensor, ...] | None:
    """The batch's feature ids, (N, ...) per input, no two inputs sharing any."""
    if batch[0].groups is None:
        return None
    per_example = [entry.groups or () for entry in batch]
    return engine.distinct(tuple(torch.stack(ids) for ids in zip(*per_example, strict=True)))


def _with_windows(board: Board, method: Occlusion, loaded: Loaded) -> Occlusion:
    pairs = zip(board.inputs, loaded.tensors, strict=True)
    windows = [entry.window(tensor[0]) for entry, tensor in pairs]
    strides = method.strides
    if strides is None:
        strides = tuple(stride for _, stride in windows)
    return replace(
        method, sliding_window_shapes=tuple(window for window, _ in windows), strides=strides
    )


def default_features(board: Board, loaded: Loaded) -> dict[str, str]:
    """How each input's elements are grouped where the user does not say."""
    pairs = zip(board.inputs, loaded.tensors, strict=True)
    return {entry.name: entry.default_features(tensor[0]) for entry, tensor in pairs}


def content(choice: BaselineSpec, examples: Examples) -> Any:
    """A baseline as keys hold it: an example by what it is, not by its index."""
    if isinstance(choice, str):
        return choice
    return {"example": examples.fingerprint(choice["example"])}
