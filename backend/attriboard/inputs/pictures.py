"""Raw pictures of every common kind, and conversions between them.

A raw picture is a PIL image, an array (H, W) or (H, W, C), or a tensor (C, H, W); arrays and
tensors may have the other layout where the number of channels tells it (1, 3 or 4).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as Pillow
from torch import Tensor

Bytes: TypeAlias = NDArray[np.uint8]

COLOUR_CHANNELS = (1, 3, 4)
SIMPLE_MODES = ("L", "RGB", "RGBA")
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MOST_PIXELS = 50_000_000  # of a file that a person gives
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B")


def channel_axis(shape: tuple[int, ...], prefer_last: bool) -> int | None:
    """The axis that holds channels: 0 or 2; None where a picture is grey with no channel axis."""
    if len(shape) == 2:
        return None
    first, last = shape[0] in COLOUR_CHANNELS, shape[2] in COLOUR_CHANNELS
    if first != last:
        return 0 if first else 2
    return 2 if prefer_last else 0


def simple_mode(image: Pillow.Image) -> Pillow.Image:
    """The image as grey, RGB or RGBA; deep modes (16 bit, float) are left as they are."""
    if image.mode in SIMPLE_MODES or image.mode in DEEP_MODES:
        return image
    if image.mode == "1":
        return image.convert("L")
    transparent = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if transparent else "RGB")


def numbers(raw: Any) -> Tensor | None:
    """The picture's numbers as a tensor in its own layout; None where `raw` is no picture."""
    if isinstance(raw, Pillow.Image):
        raw = np.array(simple_mode(raw))
    if isinstance(raw, np.ndarray):
        if raw.dtype.kind not in "biuf":
            return None
        raw = torch.from_numpy(np.ascontiguousarray(torch_dtype(raw)))
    if isinstance(raw, Tensor) and raw.dim() in (2, 3) and not raw.is_complex():
        return raw.detach()
    return None


def torch_dtype(array: NDArray[Any]) -> NDArray[Any]:
    """Arrays torch cannot hold, or not compute with, in the nearest type that it can."""
    if array.dtype.kind in "ui" and array.dtype != np.uint8:
        return array.astype(np.int64)
    if array.dtype == np.float16:
        return array.astype(np.float32)
    return array.astype(array.dtype.newbyteorder("="))


def full_scale(raw: Any) -> float | None:
    """The number that means white in the picture's kind, where the kind alone tells it."""
    if isinstance(raw, Pillow.Image):
        if raw.mode in DEEP_MODES:
            return 65535.0 if raw.mode.startswith("I;16") else None
        return 255.0
    dtype = getattr(raw, "dtype", None)
    if dtype in (np.dtype(np.uint8), torch.uint8):
        return 255.0
    if dtype in (np.dtype(np.uint16), torch.uint16):
        return 65535.0
    if dtype in (np.dtype(np.bool_), torch.bool):
        return 1.0
    return None


def common_scale(low: float, high: float) -> float | None:
    """White for pictures whose values span `low` to `high`: 1, 255, or None where unclear."""
    if low < 0 or high > 255:
        return None
    return 1.0 if high <= 1 else 255.0


def white_of(raws: Sequence[Any]) -> float | None:
    """The number that means white in raw pictures, by their kind or else their range."""
    white = full_scale(raws[0])
    values = [found for raw in raws if (found := numbers(raw)) is not None]
    if white is not None or not values:
        return white
    if not all(value.numel() and bool(value.isfinite().all()) for value in values):
        return None
    low, high = min(float(v.min()) for v in values), max(float(v.max()) for v in values)
    integers = all(not value.is_floating_point() for value in values)
    return 255.0 if integers and low >= 0 and high <= 255 else common_scale(low, high)


def channels_last(picture: Tensor, axis: int | None) -> Tensor:
    """The picture as (H, W, C)."""
    if axis is None:
        return picture[..., None]
    return picture.movedim(axis, -1)


def solid(raw: Any, level: tuple[float, ...], white: float) -> Any:
    """A picture of the same kind and size as `raw`, filled with one colour.

    `level` has three entries in 0 to 1; grey pictures take the first, and alpha is opaque.
    """
    if isinstance(raw, Pillow.Image):
        return _solid_image(raw, level, white)
    axis = channel_axis(tuple(raw.shape), prefer_last=isinstance(raw, np.ndarray))
    count = 1 if axis is None else raw.shape[axis]
    level_of = [value * white for value in colour(level, count)]
    filled = torch.empty(tuple(raw.shape), dtype=torch.float64)
    channels_last(filled, axis).copy_(torch.tensor(level_of, dtype=torch.float64))
    if isinstance(raw, Tensor):
        return filled.to(raw.dtype).to(raw.device)
    return filled.numpy().astype(raw.dtype)


def _solid_image(image: Pillow.Image, level: tuple[float, ...], white: float) -> Pillow.Image:
    plain = tuple(round(255 * value) for value in level)
    if image.mode in DEEP_MODES:
        return Pillow.fromarray(np.full_like(np.array(image), level[0] * white))
    return Pillow.new("RGB", image.size, plain).convert(image.mode)


def colour(level: tuple[float, ...], count: int) -> list[float]:
    """`level` for so many channels: grey takes its first, and alpha is opaque."""
    colours = list(level[:3]) if count >= 3 else [level[0]] * count
    if count == 4:
        return [*colours, 1.0]
    return colours + [level[0]] * (count - len(colours))


def like(image: Pillow.Image, raw: Any, white: float) -> Any:
    """A picture from a file as the kind of picture `raw` is, at the file's own size."""
    if isinstance(raw, Pillow.Image):
        if raw.mode not in DEEP_MODES:
            return image.convert(raw.mode)
        grey = np.array(image.convert("L")).astype(np.float64) / 255 * white
        return Pillow.fromarray(grey.astype(np.array(raw).dtype))
    axis = channel_axis(tuple(raw.shape), prefer_last=isinstance(raw, np.ndarray))
    count = 1 if axis is None else raw.shape[axis]
    mode = {1: "L", 4: "RGBA"}.get(count, "RGB")
    pixels = torch.from_numpy(np.array(image.convert(mode))).double() / 255 * white
    if axis is not None:
        pixels = (pixels[..., None] if pixels.dim() == 2 else pixels).movedim(-1, axis)
    if isinstance(raw, Tensor):
        return pixels.to(raw.dtype).contiguous()
    return np.ascontiguousarray(pixels.numpy().astype(raw.dtype))


def png(picture: Bytes, width: int | None) -> bytes:
    """A PNG of a picture (H, W, C) with 1, 3 or 4 channels, at most `width` pixels wide."""
    image = Pillow.fromarray(picture[..., 0] if picture.shape[2] == 1 else picture)
    if width is not None and image.width > width:
        height = max(1, round(image.height * width / image.width))
        image = image.resize((width, height), Pillow.Resampling.BOX)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=3)
    return buffer.getvalue()
