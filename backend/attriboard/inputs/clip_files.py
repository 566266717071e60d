"""Clips in files: moving pictures by Pillow, films by PyAV (the extra `video`)."""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from PIL import ImageSequence, UnidentifiedImageError
from torch import Tensor

MOVING = ("GIF", "PNG", "WEBP")
MOST_BYTES = 2_000_000_000  # of all frames of a file
CUT = "Cut it, or bring it to a smaller size first."


class BadClip(Exception):
    """A clip that cannot be read; its text completes the sentence "Input 'clip': ..."."""


def read(source: str | Path | bytes) -> tuple[Tensor, float | None]:
    """The frames of a file, (T, H, W, 3) bytes, and how many there are a second where it says so.

    GIF, PNG and WebP need nothing else; films (MP4, AVI, WebM, ...) need PyAV.
    """
    if not isinstance(source, bytes) and not Path(source).is_file():
        raise BadClip(f"there is no file {str(source)!r}.")
    try:
        return _moving(source)
    except (UnidentifiedImageError, Pillow.DecompressionBombError):
        return _film(source)
    except (OSError, SyntaxError) as error:
        raise BadClip(f"the file cannot be read ({error}).") from error


def _opened(source: str | Path | bytes) -> Any:
    return io.BytesIO(source) if isinstance(source, bytes) else str(source)


def _moving(source: str | Path | bytes) -> tuple[Tensor, float | None]:
    frames, lasting = _Frames(), 0.0
    with Pillow.open(_opened(source), formats=MOVING) as image:
        for frame in ImageSequence.Iterator(image):
            lasting += float(frame.info.get("duration", 0)) / 1000
            frames.add(np.asarray(frame.convert("RGB")))
    return frames.stacked(), len(frames.taken) / lasting if lasting > 0 else None


def _film(source: str | Path | bytes) -> tuple[Tensor, float | None]:
    try:
        av = importlib.import_module("av")
    except ModuleNotFoundError as error:
        raise BadClip(
            "films are read by PyAV, which is not installed. Install it with: pip install "
            '"attriboard[video]"; GIF, PNG and WebP need nothing else.'
        ) from error
    frames = _Frames()
    try:
        with av.open(_opened(source)) as container:
            if not container.streams.video:
                raise BadClip("the file has no pictures in it, only sound or text.")
            stream = container.streams.video[0]
            rate = float(stream.average_rate) if stream.average_rate else None
            for frame in container.decode(stream):
                frames.add(frame.to_ndarray(format="rgb24"))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise BadClip(f"the file cannot be read as a film ({error}).") from error
    return frames.stacked(), rate


class _Frames:
    """Frames of one size, as they are read."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.room = MOST_BYTES

    def add(self, frame: Any) -> None:
        self.room -= frame.nbytes
        if self.room < 0:
            raise BadClip(f"the file has more than {MOST_BYTES / 1e9:.0f} GB of frames. {CUT}")
        self.taken.append(frame)

    def stacked(self) -> Tensor:
        if not self.taken:
            raise BadClip("the file has no frames.")
        return torch.from_numpy(np.stack(self.taken))
