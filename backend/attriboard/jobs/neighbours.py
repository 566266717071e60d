"""The nearest examples, in the space in which the model itself decides.

The features of an example are what the model's last linear layer is given. They are worked out
once for all examples, kept beside the results, and compared by the cosine of their angle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.engine import Run
from attriboard.engine.errors import Cancelled, InvalidInput
from attriboard.engine.layers import LayerView
from attriboard.jobs.context import JobContext
from attriboard.jobs.examples import Loaded
from attriboard.jobs.grouping import by_shape, extra, joined

BATCH = 64
MOST = 200
Features = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Neighbour:
    """An example and how alike it is: the cosine of the angle between the features, -1 to 1."""

    index: int
    similarity: float


def deciding_layer(layers: Sequence[LayerView], model: str) -> str:
    """The layer whose input is compared: the last linear one, or the last of all.

    InvalidInput where the model's layers cannot be watched.
    """
    if not layers:
        raise InvalidInput(
            f"The layers of {model!r} cannot be watched (it is a black box or TorchScript), so "
            "there are no features of its own to compare examples by.",
            "model",
        )
    linear = [layer.name for layer in layers if "Linear" in layer.type]
    return linear[-1] if linear else layers[-1].name


class FeatureWork:
    """The work: every example's features into one file, each row of length 1.

    An example that cannot be read, or that the model fails on, has a row of zeros and is no
    one's neighbour.
    """

    def __init__(self, board: Board, model: str, layer: str, path: Path) -> None:
        self._board = board
        self._model = model
        self._layer = layer
        self._path = path

    def __call__(self, context: JobContext) -> None:
        size = len(self._board)
        rows: Features | None = None
        context.progress(0, size)
        for start in range(0, size, BATCH):
            indices = range(start, min(start + BATCH, size))
            for group in by_shape(self._read(indices, context)):
                found = self._features(group, context)
                if found is None:
                    continue
                if rows is None:
                    rows = np.zeros((size, found.shape[1]), np.float32)
                if found.shape[1] == rows.shape[1]:
                    rows[[entry.index for entry in group]] = found
            context.progress(indices.stop, size)
        if rows is None:
            raise InvalidInput(
                f"The layer {self._layer!r} of {self._model!r} gave no features for any example.",
                "model",
            )
        _write(self._path, rows)

    def _read(self, indices: Sequence[int], context: JobContext) -> Iterator[Loaded]:
        for index in indices:
            context.check()
            try:
                example = self._board.example(index)
                yield Loaded.of(self._board, example)
            except Exception:  # what is wrong with it, the predictions say
                continue

    def _features(self, group: Sequence[Loaded], context: JobContext) -> Features | None:
        try:
            result = engine.attribute(
                self._board.models[self._model],
                joined(group),
                engine.LayerActivation(),
                layer=self._layer,
                layer_side="input",
                extra_args=extra(group),
                run=Run(cancel=context.cancel),
            )
        except Cancelled:
            raise
        except Exception:
            if len(group) == 1:
                return None
            parts = [self._features([entry], context) for entry in group]
            known = next((part for part in parts if part is not None), None)
            if known is None:
                return None
            return np.concatenate([np.zeros_like(known) if p is None else p for p in parts])
        return unit(result.attributions[0])


def unit(activation: Tensor) -> Features:
    """Rows of length 1, (N, D), of an activation (N, ...): places are averaged, channels kept.

    (N, C, H, W) is averaged over its places, (N, T, C) over its steps.
    """
    if activation.ndim > 3:
        activation = activation.flatten(2).mean(2)
    elif activation.ndim == 3:
        activation = activation.mean(1)
    rows: Features = activation.reshape(len(activation), -1).float().cpu().numpy()
    rows = np.where(np.isfinite(rows), rows, 0)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def nearest(rows: Features, index: int, count: int) -> list[Neighbour]:
    """The `count` examples most alike to `index`, itself left out, the most alike first."""
    alike = rows @ rows[index]
    alike[index] = -np.inf
    alike[~rows.any(axis=1)] = -np.inf
    count = min(count, len(rows))
    best = np.argpartition(-alike, count - 1)[:count]
    order = best[np.lexsort((best, -alike[best]))]
    return [Neighbour(int(i), float(alike[i])) for i in order if np.isfinite(alike[i])]


def read(path: Path) -> Features | None:
    """Features stored before, read from the disk as they are needed; None where there are none."""
    try:
        found: Any = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return found  # type: ignore[no-any-return]


def _write(path: Path, rows: Features) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.save(file, rows, allow_pickle=False)
    partial.replace(path)
