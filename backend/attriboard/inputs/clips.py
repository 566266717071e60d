"""Raw clips of every common kind: arrays, tensors, lists of pictures, files; as (T, H, W, C).

A layout is written by its letters, in order: T time, C channels, H height, W width. "THW" is grey
without an axis of channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor

from attriboard.inputs import clip_files, pictures
from attriboard.inputs.clip_files import BadClip

Layout: TypeAlias = Literal["TCHW", "CTHW", "THWC", "THW"]
Level: TypeAlias = tuple[float, ...]  # a colour in 0 to 1
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


@dataclass(frozen=True)
class Clip:
    """frames: (T, H, W, C) in the numbers they came in; full: the number that means white, where
    the kind alone tells it; rate: frames a second, where a file says so."""

    frames: Tensor
    full: float | None
    rate: float | None = None


def read(raw: Any, layout: Layout, stored: Layout | None) -> Clip:
    """A raw value as a clip. Raises BadClip.

    `stored` is the layout of arrays and tensors. Without it floating tensors are taken to be in
    `layout`; of others the number of channels tells, and where that leaves it open arrays are
    (T, H, W, C) and tensors as `layout`.
    """
    if isinstance(raw, (str, Path, bytes)):
        frames, rate = clip_files.read(raw)
        return Clip(frames, 255.0, rate)
    if isinstance(raw, (list, tuple)):
        return _of_pictures(raw)
    values = _numbers(raw)
    own = layout_of(raw, layout, stored)
    if values.dim() != len(own):
        raise BadClip(
            f"a clip has the shape {tuple(values.shape)}, but stored={stored!r} has {len(own)} "
            "dimensions."
        )
    return Clip(last(values, own), pictures.full_scale(raw))


def _numbers(raw: Any) -> Tensor:
    if isinstance(raw, Pillow.Image):
        raise BadClip("a clip is a single picture; give a list of them, or use ab.Image.")
    if isinstance(raw, np.ndarray) and raw.dtype.kind in "biuf":
        raw = torch.from_numpy(np.ascontiguousarray(pictures.torch_dtype(raw)))
    if not isinstance(raw, Tensor) or raw.is_complex():
        kind = type(raw).__name__
        raise BadClip(
            f"a {kind} is no clip. Give an array (T, H, W, C), a tensor, a list of pictures or the "
            "path of a file; or a transform= that makes a tensor of it."
        )
    if raw.dim() not in (3, 4):
        raise BadClip(f"a clip has the shape {tuple(raw.shape)}; {_hint(raw.dim())}")
    return raw.detach()


def _hint(dimensions: int) -> str:
    if dimensions == 5:
        return "drop the leading batch dimension: the dashboard makes batches itself."
    return "give (T, H, W, C), (T, C, H, W), (C, T, H, W) or (T, H, W)."


def layout_of(raw: Any, layout: Layout, stored: Layout | None) -> Layout:
    """An array's or tensor's layout: as stored, floating tensors as the model's, else guessed."""
    if stored is not None:
        return stored
    tensor = isinstance(raw, Tensor)
    if tensor and raw.is_floating_point() and raw.dim() == len(layout):
        return layout
    return _guessed(tuple(raw.shape), layout, tensor)


def _guessed(shape: tuple[int, ...], layout: Layout, tensor: bool) -> Layout:
    if len(shape) == 3:
        if shape[2] in (3, 4) and min(shape[:2]) > 4:
            raise BadClip(
                f"a clip has the shape {shape}, which looks like a single picture in colour. Give "
                "(1, H, W, C) for a clip of one frame."
            )
        return "THW"
    plain: Layout = layout if tensor and layout != "THW" else "THWC"
    known: tuple[Layout, ...] = (plain, "THWC", "TCHW", "CTHW")
    fits = [one for one in known if shape[one.index("C")] in pictures.COLOUR_CHANNELS]
    return fits[0] if fits else plain


def _of_pictures(raw: Sequence[Any]) -> Clip:
    """A list of pictures, each as `Image` takes them."""
    if not raw:
        raise BadClip("a clip has no frames, so there is nothing to explain. Leave it out.")
    frames = [_picture(one) for one in raw]
    shapes = {tuple(frame.shape) for frame in frames}
    if len(shapes) > 1:
        raise BadClip(
            f"a clip's frames have different shapes: {', '.join(map(str, sorted(shapes)))}. Bring "
            "them to one size."
        )
    return Clip(torch.stack(frames), pictures.full_scale(raw[0]))


def _picture(raw: Any) -> Tensor:
    values = pictures.numbers(raw)
    if values is None:
        raise BadClip(
            f"a clip is a list of {type(raw).__name__}; give a list of PIL images or of arrays "
            "(H, W) or (H, W, C)."
        )
    axis = pictures.channel_axis(tuple(values.shape), prefer_last=not isinstance(raw, Tensor))
    return pictures.channels_last(values, axis)


def last(values: Tensor, layout: Layout) -> Tensor:
    """A clip in `layout` as (T, H, W, C)."""
    if layout == "THW":
        return values[..., None]
    return values.permute([layout.index(letter) for letter in "THWC"])


def placed(frames: Tensor, layout: Layout) -> Tensor:
    """A clip (T, H, W, C) in `layout`; "THW" takes the first channel."""
    if layout == "THW":
        return frames[..., 0].contiguous()
    return frames.permute(["THWC".index(letter) for letter in layout]).contiguous()


def solid(raw: Any, layout: Layout, stored: Layout | None, level: Level, white: float) -> Any:
    """A clip of the same kind and size as `raw`, in one colour, as `pictures.solid` has it."""
    if isinstance(raw, (list, tuple)):
        return [pictures.solid(one, level, white) for one in raw]
    filled = torch.empty(tuple(raw.shape), dtype=torch.float64)
    frames = last(filled, layout_of(raw, layout, stored))
    colour = pictures.colour(level, frames.shape[-1])
    frames.copy_(torch.tensor(colour, dtype=torch.float64) * white)
    if isinstance(raw, Tensor):
        return filled.to(raw.dtype)
    return filled.numpy().astype(raw.dtype)


def evenly(count: int, wanted: int) -> Tensor:
    """Places of `wanted` of `count` frames, evenly from first to last; some twice if too few."""
    return ((torch.arange(wanted) * 2 + 1) * count) // (2 * wanted)


def tall(frames: Tensor) -> Tensor:
    """A clip (T, H, W, C) as one picture (T * H, W, C), frames below one another."""
    return frames.flatten(0, 1)


def deep(frames: Tensor) -> Tensor:
    """A clip (T, H, W, C) as one picture (H, W, T * C), for what treats each channel alone."""
    return frames.permute(1, 2, 0, 3).flatten(2)


def undeep(picture: Tensor, channels: int) -> Tensor:
    """What `deep` made, as a clip again."""
    frames: Tensor = picture.unflatten(2, (-1, channels))
    return frames.permute(2, 0, 1, 3)
