"""Baselines: the reference inputs that stand for "absent"."""

from __future__ import annotations

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.engine.pools import Pool, shared
from attriboard.engine.tensors import Tensors

Baseline = Tensor | float | int | None
Baselines = Baseline | tuple[Baseline, ...] | list[Baseline]


def resolve(baselines: Baselines, inputs: Tensors) -> Tensors:
    """One baseline per example and input, each in its input's shape (views where it can be).

    A number fills; a tensor broadcasts from one example's shape, or has one row per example.
    Raises InvalidInput where a shape does not fit.
    """
    given = _per_input(baselines, len(inputs))
    return tuple(_single(i, b, x) for i, (b, x) in enumerate(zip(given, inputs, strict=True)))


def resolve_pool(baselines: Baselines, inputs: Tensors) -> Pool:
    """A distribution of baselines: M rows per input, drawn jointly over the inputs.

    Row m of every input belongs together, so that modalities stay aligned. A single baseline is
    a distribution of one row. Raises InvalidInput where the inputs have different M.
    """
    given = _per_input(baselines, len(inputs))
    pool = tuple(_rows(i, b, x) for i, (b, x) in enumerate(zip(given, inputs, strict=True)))
    sizes = {len(rows) for rows in pool} - {1}
    if len(sizes) > 1:
        raise InvalidInput(
            f"The baselines have {sorted(sizes)} rows: a distribution needs the same number for "
            "every input, since row m of each belongs together.",
            "baselines",
        )
    most = max(sizes, default=1)
    return shared(tuple(rows.expand(most, *rows.shape[1:]) for rows in pool))


def _per_input(baselines: Baselines, count: int) -> tuple[Baseline, ...]:
    if isinstance(baselines, tuple | list):
        if len(baselines) != count:
            raise InvalidInput(
                f"`baselines` has {len(baselines)} entries for {count} inputs: give one each.",
                "baselines",
            )
        return tuple(baselines)
    if baselines is None or isinstance(baselines, int | float) or count == 1:
        return (baselines,) * count
    raise InvalidInput(
        f"`baselines` is one tensor for {count} inputs: give a tuple with one for each.",
        "baselines",
    )


def _single(position: int, baseline: Baseline, tensor: Tensor) -> Tensor:
    if not isinstance(baseline, Tensor):
        fill = 0 if baseline is None else baseline
        return torch.full_like(tensor[:1], fill).expand_as(tensor)
    rows = _rows(position, baseline, tensor)
    if len(rows) not in (1, len(tensor)):
        raise InvalidInput(
            f"`baselines[{position}]` has {len(rows)} rows for {len(tensor)} examples: give one "
            "row, or one for each. (Several for each is a distribution, which GradientShap and "
            "DeepLiftShap take.)",
            "baselines",
        )
    return rows.expand_as(tensor)


def _rows(position: int, baseline: Baseline, tensor: Tensor) -> Tensor:
    if not isinstance(baseline, Tensor):
        return torch.full_like(tensor[:1], 0 if baseline is None else baseline)
    rows = baseline.detach().to(tensor)
    if rows.ndim < tensor.ndim:
        rows = rows.reshape((1,) * (tensor.ndim - rows.ndim) + rows.shape)
    try:
        return rows.expand(len(rows), *tensor.shape[1:])
    except RuntimeError:
        raise InvalidInput(
            f"`baselines[{position}]` of shape {tuple(baseline.shape)} does not fit its input of "
            f"shape {tuple(tensor.shape)}.",
            "baselines",
        ) from None
