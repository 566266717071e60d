"""How a raw clip becomes the model's tensor, and back to frames that can be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs import clips
from attriboard.inputs.clip_files import BadClip
from attriboard.inputs.clips import Clip, Layout


@dataclass(frozen=True)
class ClipPreparation:
    """The options of a video that decide its tensor. mean, std: (1,) or (C,), float64."""

    transform: Callable[[Any], Any] | None
    mean: Tensor | None
    std: Tensor | None
    layout: Layout
    stored: Layout | None
    frames: int | None
    invalid: Callable[[str], InvalidInput]

    def read(self, raw: Any) -> Clip:
        """The raw clip, every frame of it."""
        try:
            clip = clips.read(raw, self.layout, self.stored)
        except BadClip as fault:
            raise self.invalid(str(fault)) from None
        if not clip.frames.numel():
            raise self.invalid(
                f"a clip has no frames (its shape is {tuple(clip.frames.shape)}), so there is "
                "nothing to explain. Leave it out."
            )
        return clip

    def tensor(self, raw: Any) -> Tensor:
        """The model's tensor, in `layout`, floating point and finite."""
        tensor = self._plain(self.read(raw)) if self.transform is None else self._transformed(raw)
        if self.frames is not None:
            axis = self.layout.index("T")
            tensor = tensor.index_select(axis, clips.evenly(tensor.shape[axis], self.frames))
        if not bool(tensor.isfinite().all()):
            raise self.invalid(
                "a clip has values that are not finite numbers. Leave it out, or fill them."
            )
        return tensor

    def last(self, tensor: Tensor) -> Tensor:
        """The model's tensor as (T, H, W, C)."""
        return clips.last(tensor, self.layout)

    def placed(self, frames: Tensor, like: Tensor) -> Tensor:
        """A clip (T, H, W, C) in the layout and type of `like`."""
        return clips.placed(frames, self.layout).to(like.dtype)

    def _plain(self, clip: Clip) -> Tensor:
        values = clip.frames
        if self.layout == "THW" and values.shape[-1] != 1:
            raise self.invalid(
                f"a clip has {values.shape[-1]} channels, but the model's layout is THW. Give grey "
                "clips, or another layout=."
            )
        if not values.is_floating_point():
            values = self._scaled(values, clip.full or 255.0)
        return clips.placed(values, self.layout)

    def _scaled(self, integers: Tensor, white: float) -> Tensor:
        if integers.min() < 0 or integers.max() > white:
            raise self.invalid(
                f"the integers of a clip run from 0 to {white:.0f}, but this one has "
                f"{int(integers.min())} to {int(integers.max())}. Give a transform= that scales it."
            )
        values = integers.float() / white
        if self.mean is None or self.std is None:
            return values
        if len(self.mean) not in (1, values.shape[-1]):
            raise self.invalid(
                f"mean= and std= have {len(self.mean)} entries, but the clip has "
                f"{values.shape[-1]} channels. Give one number, or one for each channel."
            )
        return ((values - self.mean) / self.std).float()

    def given(self, raw: Any) -> Any:
        """What a transform gets: the raw value, and a file's frames as an array of bytes."""
        if isinstance(raw, (str, bytes)) or hasattr(raw, "__fspath__"):
            return self.read(raw).frames.numpy()
        return raw

    def _transformed(self, raw: Any) -> Tensor:
        assert self.transform is not None
        given = self.given(raw)
        try:
            result = self.transform(given)
            tensor = result if isinstance(result, Tensor) else torch.as_tensor(np.asarray(result))
        except Exception as error:
            raise self.invalid(
                f"transform= failed on a {type(given).__name__}: {type(error).__name__}: {error}"
            ) from error
        if not tensor.is_floating_point() or tensor.dim() != len(self.layout):
            raise self.invalid(
                f"transform= returned {tensor.dtype} of shape {tuple(tensor.shape)}; give floating "
                f"point in the layout {self.layout}, or say another layout=."
            )
        if not tensor.numel():
            raise self.invalid("transform= returned a clip without frames.")
        return tensor.detach()
