"""Regular groups of elements: patches of a picture."""

from __future__ import annotations

import torch
from torch import Tensor


def patches(height: int, width: int, side: int) -> Tensor:
    """Ids (height, width), int64, of square patches counted row by row from 0."""
    rows = torch.arange(height) // side
    columns = torch.arange(width) // side
    across = (width + side - 1) // side
    return rows[:, None] * across + columns[None, :]
