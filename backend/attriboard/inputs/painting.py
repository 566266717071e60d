"""Pictures that a person painted over: changed in the painted pixels, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs.image_tensors import Preparation
from attriboard.inputs.tone import Tone

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
# A browser keeps colours times opacity, which rounds those of see-through pixels.
ROUNDED = {4: 3}


@dataclass(frozen=True)
class Painted:
    """A picture of the dataset, and the model's tensor of it after painting.

    The painting is of what the model sees, so it must not go through the transform again.
    """

    raw: Any
    tensor: Tensor


def unpainted(raw: Any) -> Any:
    """The picture below the paint, as the dataset yields it."""
    return raw.raw if isinstance(raw, Painted) else raw


def paint(
    tensor: Tensor,
    image: Pillow.Image,
    preparation: Preparation,
    tone: Tone,
    invalid: Callable[[str], InvalidInput],
) -> Tensor:
    """`tensor` with the pixels of `image` that differ from how it is shown.

    All others keep their exact values. Raises InvalidInput where the sizes differ, and where
    what is shown is not all the model sees.
    """
    last = preparation.last(tensor)
    shown = tone.picture(last)
    height, width, channels = shown.shape
    if channels != last.shape[2]:
        raise invalid(f"it has {last.shape[2]} channels and is shown with {channels}.")
    if image.size != (width, height):
        raise invalid(
            f"the painted picture has {image.width} x {image.height} pixels; it must have "
            f"{width} x {height}, as the model sees it."
        )
    given = np.asarray(image.convert(MODES[channels])).reshape(shown.shape)
    differs = np.abs(given.astype(np.int16) - shown) > ROUNDED.get(channels, 0)
    levels = torch.from_numpy(given.copy()).double() / 255
    if tone.reversed:
        levels = levels[..., [2, 1, 0, *range(3, channels)]]
    changed = torch.from_numpy(differs.any(2))[..., None]
    values = torch.where(changed, tone.normalise(levels).to(last.dtype), last)
    return preparation.placed(values, tensor)
