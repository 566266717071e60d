"""Captum Insights' batches, read into rows that stay what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput

MOST_ROWS = 10_000
MOST_BYTES = 1 << 30


class Batch:
    """Inputs with the batch dimension first, their labels, and further arguments of the model."""

    def __init__(
        self,
        inputs: Tensor | tuple[Tensor, ...],
        labels: Tensor | Sequence[int] | None,
        additional_args: Any = None,
    ) -> None:
        self.inputs = inputs
        self.labels = labels
        self.additional_args = additional_args


@dataclass(frozen=True)
class Rows:
    """All rows of the batches: one tuple of inputs and of further arguments a row.

    `constants` are further arguments that are no tensors: the same for every row, in place of a
    None in its `extra`. `cut` says that there was more than fits.
    """

    inputs: list[tuple[Any, ...]]
    extra: list[tuple[Tensor | None, ...]]
    labels: list[int | None]
    constants: tuple[Any, ...]
    cut: bool


def read(dataset: Iterable[Batch], features: int) -> Rows:
    """The rows of `dataset`, at most MOST_ROWS and MOST_BYTES of them.

    Captum draws from the batches as it goes, so that other examples come each time; rows that
    stay can be counted, filtered and compared. Raises InvalidInput where a batch does not fit
    the features.
    """
    found = Rows([], [], [], (), False)
    size = 0
    for number, batch in enumerate(_batches(dataset)):
        rows, extra, labels, constants = _split(batch, features, number)
        size += sum(part.nbytes for row in rows for part in row if isinstance(part, Tensor))
        full = len(found.inputs) + len(rows) > MOST_ROWS or size > MOST_BYTES
        if found.inputs and full:
            return Rows(found.inputs, found.extra, found.labels, found.constants, True)
        found.inputs.extend(rows)
        found.extra.extend(extra)
        found.labels.extend(labels)
        found = Rows(found.inputs, found.extra, found.labels, constants, False)
    if not found.inputs:
        raise InvalidInput("dataset= yields no batch.", "dataset")
    return found


def _batches(dataset: Iterable[Batch]) -> Iterator[Batch]:
    """Every batch. A generator that ends by calling `next` on an iterator that has ended is over
    too: Captum's tutorials are written so."""
    try:
        yield from dataset
    except RuntimeError as error:
        if not isinstance(error.__cause__, StopIteration):
            raise


def _split(batch: Batch, features: int, number: int) -> tuple[Any, Any, Any, tuple[Any, ...]]:
    inputs = batch.inputs if isinstance(batch.inputs, (tuple, list)) else (batch.inputs,)
    if len(inputs) != features:
        raise InvalidInput(
            f"Batch {number} has {len(inputs)} inputs, but there are {features} features. Give one "
            "feature for each input, in the order of the model's arguments.",
            "features",
        )
    count = len(inputs[0])
    if any(len(one) != count for one in inputs):
        sizes = ", ".join(str(len(one)) for one in inputs)
        raise InvalidInput(f"The inputs of batch {number} have {sizes} rows.", "dataset")
    rows = [tuple(one[row] for one in inputs) for row in range(count)]
    extra, constants = _extra(batch.additional_args, count)
    return rows, extra, _labels(batch.labels, count), constants


def _extra(given: Any, count: int) -> tuple[list[tuple[Tensor | None, ...]], tuple[Any, ...]]:
    values = () if given is None else given if isinstance(given, tuple) else (given,)
    by_row = [isinstance(one, Tensor) and one.dim() > 0 and len(one) == count for one in values]
    rows = [
        tuple(one[row] if split else None for one, split in zip(values, by_row, strict=True))
        for row in range(count)
    ]
    constants = tuple(None if split else one for one, split in zip(values, by_row, strict=True))
    return rows, constants


def _labels(given: Any, count: int) -> list[int | None]:
    if given is None or len(given) == 0:
        return [None] * count
    values = torch.as_tensor(given).reshape(-1).tolist()
    if len(values) != count:
        raise InvalidInput(f"A batch of {count} rows has {len(values)} labels.", "dataset")
    return [int(value) for value in values]
