"""Pictures made in code: noise, and a white square on black."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow


def noise(height: int = 12, width: int = 10, channels: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """Random 8-bit values (H, W, C)."""
    drawn = np.random.default_rng(seed).integers(0, 256, (height, width, channels))
    return drawn.astype(np.uint8)


def square(size: int = 64, low: int = 20, high: int = 40) -> NDArray[np.uint8]:
    """A white square on black, (size, size, 3)."""
    picture = np.zeros((size, size, 3), np.uint8)
    picture[low:high, low:high] = 255
    return picture


def decoded(body: bytes) -> NDArray[np.uint8]:
    """The pixels of a PNG."""
    return np.array(Pillow.open(io.BytesIO(body)))
