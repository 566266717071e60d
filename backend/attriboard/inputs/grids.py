"""Regular groups of elements: patches of a picture, tubes of a clip."""

from __future__ import annotations

import torch
from torch import Tensor


def patches(height: int, width: int, side: int) -> Tensor:
    """Ids (height, width), int64, of square patches counted row by row from 0."""
    rows = torch.arange(height) // side
    columns = torch.arange(width) // side
    across = (width + side - 1) // side
    return rows[:, None] * across + columns[None, :]


def tubes(frames: int, height: int, width: int, lasting: int, side: int) -> Tensor:
    """Ids (frames, height, width), int64: a square patch through a slice of time, from 0."""
    places = patches(height, width, side)
    slices = torch.arange(frames) // lasting
    return slices[:, None, None] * (int(places.max()) + 1) + places
