"""Clips from a person's own file, as the kind of clip that the dataset yields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from PIL import ImageOps
from torch import Tensor

from attriboard.inputs import clips, pictures
from attriboard.inputs.clip_tensors import ClipPreparation
from attriboard.inputs.pictures import Bytes
from attriboard.inputs.tone import Tone


def fitted(frames: Bytes, size: tuple[int, int, int] | None) -> Bytes:
    """A clip (T, H, W, 3) cut to `size`: frames, height, width. None leaves it as it is."""
    if size is None or frames.shape[:3] == size:
        return frames
    count, height, width = size
    chosen = frames[clips.evenly(len(frames), count).numpy()]
    return np.stack(
        [
            np.asarray(
                ImageOps.fit(Pillow.fromarray(one), (width, height), Pillow.Resampling.LANCZOS)
            )
            for one in chosen
        ]
    )


def like(
    frames: Bytes, kind: Any, white: float | None, tone: Tone | None, preparation: ClipPreparation
) -> Any:
    """A clip (T, H, W, 3) as the kind of clip `kind` is."""
    if kind is None or isinstance(kind, (str, Path, bytes)):
        return frames
    if isinstance(kind, (list, tuple)):
        return [pictures.like(Pillow.fromarray(one), kind[0], white or 1.0) for one in frames]
    clip = preparation.read(kind)
    values = _channels(torch.from_numpy(frames.copy()).double() / 255, clip.frames.shape[-1])
    if preparation.transform is None and clip.full is None and tone is not None:
        values = tone.normalise(values)
    else:
        values = (values * (white or 1.0)).round() if clip.full else values * (white or 1.0)
    made = clips.placed(values, clips.layout_of(kind, preparation.layout, preparation.stored))
    return made.to(kind.dtype) if isinstance(kind, Tensor) else made.numpy().astype(kind.dtype)


def _channels(frames: Tensor, count: int) -> Tensor:
    """Colour as so many channels: grey where there is one, opaque where there are four."""
    if count == 3:
        return frames
    if count == 4:
        return torch.cat([frames, torch.ones_like(frames[..., :1])], -1)
    grey = frames @ torch.tensor([0.299, 0.587, 0.114], dtype=frames.dtype)
    return grey[..., None].expand(*grey.shape, count)
