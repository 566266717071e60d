"""All frames of a clip on one sheet: a PNG that any page can cut up again, without a codec."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image as Pillow

from attriboard.inputs import pictures
from attriboard.inputs.pictures import Bytes

LONGEST = 8192  # pixels of a sheet's side that every browser decodes
LARGEST = 16_000_000  # pixels of a sheet
TILES = 2  # frames a side of a thumbnail
GAP = 0.02  # between them, as a share of a frame's width


@dataclass(frozen=True)
class Sheet:
    """Frames row by row; width and height are those of one frame on the sheet, in pixels."""

    columns: int
    rows: int
    width: int
    height: int

    def json(self) -> dict[str, Any]:
        """As it travels to the page."""
        return asdict(self)


def sheet_of(frames: int, height: int, width: int) -> Sheet:
    """How clips of that size are laid out: nearly square, frames made smaller where they must."""
    columns = min(frames, max(1, round(math.sqrt(frames * height / width))))
    rows = -(-frames // columns)
    scale = min(
        1.0,
        math.sqrt(LARGEST / (columns * width * rows * height)),
        LONGEST / (columns * width),
        LONGEST / (rows * height),
    )
    return Sheet(columns, rows, max(1, int(width * scale)), max(1, int(height * scale)))


def drawn(frames: Bytes) -> bytes:
    """The PNG of a clip (T, H, W, C)."""
    count, height, width, channels = frames.shape
    sheet = sheet_of(count, height, width)
    if (sheet.height, sheet.width) != (height, width):
        frames = np.stack([_resized(frame, sheet.width, sheet.height) for frame in frames])
    spare = sheet.columns * sheet.rows - count
    filled = np.concatenate([frames, np.zeros((spare, *frames.shape[1:]), np.uint8)])
    tiles = filled.reshape(sheet.rows, sheet.columns, sheet.height, sheet.width, channels)
    whole = tiles.transpose(0, 2, 1, 3, 4)
    return pictures.png(
        np.ascontiguousarray(whole.reshape(-1, sheet.columns * sheet.width, channels)), None
    )


def thumbnail(frames: Bytes, width: int) -> bytes:
    """Four frames, evenly from first to last, two by two; the middle one alone of a few."""
    count = len(frames)
    if count < TILES * TILES:
        return pictures.png(frames[count // 2], width)
    chosen = [(2 * place + 1) * count // (2 * TILES * TILES) for place in range(TILES * TILES)]
    gap = max(1, round(GAP * frames.shape[2]))
    rows = [
        _joined([frames[chosen[row * TILES + column]] for column in range(TILES)], gap, 1)
        for row in range(TILES)
    ]
    return pictures.png(_joined(rows, gap, 0), width)


def _joined(parts: list[Bytes], gap: int, axis: int) -> Bytes:
    """Beside (axis 1) or below (axis 0) one another, with a grey line between."""
    shape = list(parts[0].shape)
    shape[axis] = gap
    line = np.full(shape, 128, np.uint8)
    if shape[2] == 4:
        line[..., 3] = 255
    return np.concatenate([parts[0], line, parts[1]], axis)


def _resized(frame: Bytes, width: int, height: int) -> Bytes:
    image = Pillow.fromarray(frame[..., 0] if frame.shape[2] == 1 else frame)
    small: Bytes = np.asarray(image.resize((width, height), Pillow.Resampling.BOX))
    return small.reshape(height, width, -1)
