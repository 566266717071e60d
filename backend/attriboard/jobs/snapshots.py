"""Unfinished results that can be looked at while their job runs. They are never stored."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attriboard.jobs.context import JobContext
from attriboard.jobs.results_file import encode

SNAPSHOT_SECONDS = 0.25
"""Between two partial results of a batch, the first of which comes as soon as it can."""

Arrays = dict[str, np.ndarray[Any, Any]]


class Snapshots:
    """The latest arrays of each result under way, by key. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[str, tuple[Arrays, Mapping[str, Any]]] = {}

    def put(self, key: str, found: Arrays, meta: Mapping[str, Any]) -> None:
        with self._lock:
            self._latest[key] = (found, meta)

    def body(self, key: str) -> bytes | None:
        """The same file a finished result has; None where nothing is under way."""
        with self._lock:
            found = self._latest.get(key)
        return None if found is None else encode(*found)

    def drop(self, key: str) -> None:
        with self._lock:
            self._latest.pop(key, None)


class BatchSnapshots:
    """For `engine.Run`: keeps a batch's partial attributions."""

    def __init__(
        self,
        snapshots: Snapshots,
        names: Sequence[str],
        bases: list[dict[str, Any]],
        context: JobContext,
    ) -> None:
        self._snapshots = snapshots
        self._names = names
        self._bases = bases
        self._context = context

    def __call__(self, attributions: tuple[Tensor, ...], done: int, steps: int) -> None:
        """`attributions`: (targets, N, ...) per input, after `done` of `steps` points."""
        first_target = tuple(tensor[0] for tensor in attributions)
        for row, base in enumerate(self._bases):
            found = {n: a.copy() for n, a in arrays(self._names, first_target, row).items()}
            shapes = {name: list(array.shape) for name, array in found.items()}
            meta = {**base, "shapes": shapes, "step": done, "steps": steps}
            self._snapshots.put(base["key"], found, meta)
            self._context.snapshot(base["key"], base["example"])


def arrays(names: Sequence[str], attributions: tuple[Tensor, ...], row: int) -> Arrays:
    """One example's attributions as they are kept: float32, without a batch dimension.

    A layer that gives several tensors has them named `layer`, `layer.1`, `layer.2`, ...
    """
    more = [f"{names[-1]}.{i}" for i in range(1, 1 + len(attributions) - len(names))]
    rows = (tensor[row].detach().to("cpu", torch.float32) for tensor in attributions)
    return {name: tensor.numpy() for name, tensor in zip([*names, *more], rows, strict=True)}
