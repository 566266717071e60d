"""Where black and white lie in the model's input space, so that tensors can be viewed.

The rule, in this order:
1. `mean` and `std` are given: tensor = (picture - mean) / std with the picture in 0 to 1.
2. There is a transform: it is applied to a black, a white and a red picture of the dataset's kind.
3. There is none: by kind (8 bit: 0 to 255), or by the range of the data (0 to 1, 0 to 255).
4. Else each value is stretched between the lowest and the highest of the data; black and white are
   then unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from attriboard.inputs.pictures import Bytes, common_scale

BLACK = (0.0, 0.0, 0.0)
WHITE = (1.0, 1.0, 1.0)
RED = (1.0, 0.0, 0.0)


@dataclass(frozen=True)
class Tone:
    """Black and white per channel, float64 of shape (C,) or (1,).

    `known` is False where they are merely the ends of the data. `reversed` says that the channels
    are blue, green, red.
    """

    black: Tensor
    white: Tensor
    known: bool = True
    reversed: bool = False

    def picture(self, tensor: Tensor) -> Bytes:
        """The 8-bit picture (H, W, C) with C of 1, 3 or 4, of a tensor (H, W, C).

        Other numbers of channels show the first three, or the first.
        """
        values = tensor.detach().cpu().double()
        span = self.white - self.black
        level = (values - self.black) / torch.where(span == 0, 1.0, span)
        shown: Bytes = (level.nan_to_num(0.0).clamp(0, 1) * 255).round().byte().numpy()
        count = shown.shape[2]
        if count not in (1, 3, 4):
            shown = shown[..., : 3 if count > 3 else 1]
        if self.reversed:
            shown = shown[..., [2, 1, 0, *range(3, shown.shape[2])]]
        return np.ascontiguousarray(shown)

    def solid(self, white: bool, like: Tensor) -> Tensor:
        """Black or white in the shape of `like` (H, W, C); an alpha channel is opaque."""
        colour = (self.white if white else self.black).expand(like.shape[-1]).clone()
        if like.shape[-1] == 4:
            colour[3] = self.white.expand(4)[3]
        return colour.expand(like.shape)

    def normalise(self, picture: Tensor) -> Tensor:
        """The model's values of a picture (H, W, C) in 0 to 1."""
        return self.black + picture * (self.white - self.black)


def normalised(mean: Tensor, std: Tensor) -> Tone:
    """The tone of tensors made as (picture - mean) / std."""
    return Tone(-mean / std, (1 - mean) / std)


def probed(made: Callable[[tuple[float, ...]], Tensor]) -> Tone | None:
    """The tone a transform gives plain pictures; None where it cannot tell black from white.

    `made` gives the tensor, (H, W, C), of a picture of one colour.
    """
    try:
        black, light, red = (
            made(colour).double().flatten(0, 1).median(0).values for colour in (BLACK, WHITE, RED)
        )
    except Exception:  # any failure on a plain picture means that this way is closed
        return None
    if len(black) == 4 and black[3] == light[3]:  # an opaque alpha channel looks alike in both
        black[3] = 0.0
    if not bool(((light - black).abs() > 1e-6).all() and (light - black).isfinite().all()):
        return None
    share = (red - black) / (light - black)
    swapped = len(share) >= 3 and bool(share[2] > 0.5) and bool(share[0] < 0.5)
    return Tone(black, light, reversed=swapped)


def ranged(tensors: Sequence[Tensor]) -> Tone:
    """The tone by the range of the values of a few pictures."""
    ends = [part for tensor in tensors if tensor.numel() for part in _ends(tensor)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    white = common_scale(low, high)
    if white is not None:
        return Tone(_one(0.0), _one(white))
    return Tone(_one(low), _one(high), known=False)


def _ends(tensor: Tensor) -> list[float]:
    finite = tensor[tensor.isfinite()]
    return [float(finite.min()), float(finite.max())] if finite.numel() else []


def _one(value: float) -> Tensor:
    return torch.tensor([value], dtype=torch.float64)


UNIT = Tone(_one(0.0), _one(1.0))
