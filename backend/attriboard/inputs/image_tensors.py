"""How a raw picture becomes the model's tensor, and where that tensor holds its channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs import pictures

Numbers: TypeAlias = float | Sequence[float] | Tensor
Layout: TypeAlias = Literal["first", "last"]


@dataclass(frozen=True)
class Preparation:
    """The options of an image that decide its tensor. mean, std: (1,) or (C,), float64."""

    transform: Callable[[Any], Any] | None
    mean: Tensor | None
    std: Tensor | None
    layout: Layout | None
    invalid: Callable[[str], InvalidInput]

    def tensor(self, raw: Any) -> Tensor:
        """The model's tensor: (C, H, W), (H, W, C) or (H, W), floating point."""
        tensor = self._plain(raw) if self.transform is None else self._transformed(raw)
        if tensor.dim() in (2, 3) and tensor.numel():
            self._check_channels(self.last(tensor).shape[-1])
            return tensor
        hint = ""
        if tensor.dim() == 4 and tensor.shape[0] == 1:
            hint = " Drop the leading batch dimension: the dashboard makes batches itself."
        elif tensor.dim() == 1:
            hint = " Flatten in the model instead, so that pixels keep their places."
        raise self.invalid(
            f"the tensor has shape {tuple(tensor.shape)}; one picture is (C, H, W), (H, W, C) or "
            f"(H, W).{hint}"
        )

    def axis(self, tensor: Tensor) -> int | None:
        """The axis of the channels; None for (H, W)."""
        if tensor.dim() == 3 and self.layout is not None:
            return 0 if self.layout == "first" else 2
        return pictures.channel_axis(tuple(tensor.shape), prefer_last=False)

    def last(self, tensor: Tensor) -> Tensor:
        """The tensor as (H, W, C)."""
        return pictures.channels_last(tensor, self.axis(tensor))

    def placed(self, last: Tensor, like: Tensor) -> Tensor:
        """A picture (H, W, C) in the layout and type of `like`."""
        axis = self.axis(like)
        placed = last[..., 0] if axis is None else last.movedim(-1, axis)
        return placed.to(like.dtype).contiguous()

    def _transformed(self, raw: Any) -> Tensor:
        assert self.transform is not None
        try:
            result = self.transform(raw)
        except Exception as error:
            raise self.invalid(
                f"transform= failed on a {type(raw).__name__}: {type(error).__name__}: {error}"
            ) from error
        values = result if isinstance(result, Tensor) else self._as_tensor(result)
        if not values.is_floating_point():
            raise self.invalid(
                f"transform= returned {values.dtype}; models and gradients need floating point. "
                "End the transform with .float(), and scale to the range the model knows."
            )
        return values.detach()

    def _as_tensor(self, result: Any) -> Tensor:
        try:
            return torch.as_tensor(result)
        except (TypeError, ValueError, RuntimeError) as error:
            raise self.invalid(
                f"transform= returned a {type(result).__name__}, which is no tensor. End the "
                "transform with one that makes a tensor."
            ) from error

    def _plain(self, raw: Any) -> Tensor:
        values = pictures.numbers(raw)
        if values is None:
            raise self.invalid(
                f"a {_described(raw)} is no picture. Give a PIL image, an array (H, W) or "
                "(H, W, C), or a tensor (C, H, W); or a transform= that makes a tensor of it."
            )
        is_tensor = isinstance(raw, Tensor)
        if values.is_floating_point() and is_tensor:
            return values
        axis = pictures.channel_axis(tuple(values.shape), prefer_last=not is_tensor)
        last = pictures.channels_last(values, axis)
        if not values.is_floating_point():
            last = self._scaled(last, pictures.full_scale(raw) or 255.0)
        return (last if self.layout == "last" else last.movedim(-1, 0)).contiguous()

    def _scaled(self, integers: Tensor, white: float) -> Tensor:
        if integers.numel() and (integers.min() < 0 or integers.max() > white):
            raise self.invalid(
                f"the integers of a picture run from 0 to {white:.0f}, but this one has "
                f"{int(integers.min())} to {int(integers.max())}. Give a transform= that scales it."
            )
        values = integers.float() / white
        if self.mean is None or self.std is None:
            return values
        self._check_channels(values.shape[-1])
        return ((values - self.mean) / self.std).float()

    def _check_channels(self, channels: int) -> None:
        if self.mean is None or len(self.mean) in (1, channels):
            return
        raise self.invalid(
            f"mean= and std= have {len(self.mean)} entries, but the picture has {channels} "
            "channels. Give one number, or one for each channel."
        )


def normalisation(
    mean: Numbers | None, std: Numbers | None, invalid: Callable[[str], InvalidInput]
) -> tuple[Tensor | None, Tensor | None]:
    """`mean` and `std` as float64 tensors of one length; both None where neither is given."""
    if mean is None and std is None:
        return None, None
    centre = torch.as_tensor(0.0 if mean is None else mean).double().reshape(-1)
    scale = torch.as_tensor(1.0 if std is None else std).double().reshape(-1)
    if not bool((scale > 0).all() and scale.isfinite().all() and centre.isfinite().all()):
        raise invalid("mean= must be finite and std= above zero in every channel.")
    if len(centre) != len(scale) and 1 not in (len(centre), len(scale)):
        raise invalid(
            f"mean= has {len(centre)} entries and std= {len(scale)}. Give as many of one as of "
            "the other."
        )
    count = max(len(centre), len(scale))
    return centre.expand(count), scale.expand(count)


def _described(raw: Any) -> str:
    shape = getattr(raw, "shape", None)
    kind = type(raw).__name__
    return kind if shape is None else f"{kind} of shape {tuple(shape)}"
