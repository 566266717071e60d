"""Image: pictures, from PIL images, arrays or tensors, with or without a transform."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import torch
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs import image_baselines, pictures, tone
from attriboard.inputs.base import Choice, Input, Media, held_file
from attriboard.inputs.grids import patches
from attriboard.inputs.image_baselines import Moments
from attriboard.inputs.image_tensors import Layout, Numbers, Preparation, normalisation
from attriboard.inputs.painting import Painted, paint, unpainted
from attriboard.inputs.superpixels import superpixels
from attriboard.inputs.tone import Tone

FEATURES = (
    Choice("elements", "Pixels", "Each value of each channel on its own."),
    Choice("patches", "Patches", "Square patches of a grid, all channels together."),
    Choice("superpixels", "Superpixels", "Regions of similar colour, all channels together."),
)


class Image(Input):
    """A picture.

    `transform` turns a raw value of the dataset into the model's tensor: (C, H, W), (H, W, C) or
    (H, W), floating point. Without it PIL images and integer arrays are scaled to 0 to 1 and put
    channels first; float arrays are put channels first; float tensors are taken as they are.

    `mean` and `std` (a number, or one per channel) say how the model's tensors are normalised:
    tensor = (picture - mean) / std, with the picture in 0 to 1. They are inverted for viewing and,
    where there is no transform, applied to PIL images and integer arrays. With a transform they
    can be left out: what it does to a black and a white picture is measured.

    `layout` says where the tensors hold channels ("first" or "last"), where the shape leaves it
    open; `patch` is the side of a patch in pixels, by default an eighth of the shorter side;
    `segments` is about how many superpixels a picture is cut into.
    """

    modality = "image"

    def __init__(
        self,
        name: str,
        transform: Callable[[Any], Any] | None = None,
        mean: Numbers | None = None,
        std: Numbers | None = None,
        *,
        layout: Layout | None = None,
        patch: int | None = None,
        segments: int = 64,
    ) -> None:
        super().__init__(name)
        if transform is not None and not callable(transform):
            raise self.invalid("transform= must be a function from a raw picture to a tensor.")
        if layout not in (None, "first", "last"):
            raise self.invalid('layout= must be "first" or "last", or be left out.')
        if (patch is not None and patch < 1) or segments < 1:
            raise self.invalid("patch= and segments= must be at least 1.")
        self.transform = transform
        self.mean, self.std = normalisation(mean, std, self.invalid)
        self.layout = layout
        self._preparation = Preparation(transform, self.mean, self.std, layout, self.invalid)
        self.patch = patch
        self.segments = segments
        self._tone: Tone | None = None
        self._white: float | None = None
        self._kind: Any = None
        self._size: tuple[int, int] | None = None
        self._moments: tuple[Sequence[Tensor], Moments] | None = None

    # From raw value to tensor

    def tensor(self, raw: Any) -> Tensor:
        return raw.tensor if isinstance(raw, Painted) else self._preparation.tensor(raw)

    # What the data tells

    def fitted(self, raws: Sequence[Any]) -> Self:
        if not raws:
            return self
        found = copy.copy(self)
        found._kind = raws[0]
        found._white = pictures.white_of(raws)
        found._size = self._common_size(raws)
        found._tone = self._find_tone(raws, found._white)
        return found

    def _common_size(self, raws: Sequence[Any]) -> tuple[int, int] | None:
        """(width, height) of all pictures, where no transform brings them to it."""
        if self.transform is not None:
            return None
        shapes = {tuple(self._preparation.last(self.tensor(raw)).shape[:2]) for raw in raws}
        height, width = shapes.pop()
        return None if shapes else (width, height)

    def _find_tone(self, raws: Sequence[Any], white: float | None) -> Tone:
        if self.mean is not None and self.std is not None:
            return tone.normalised(self.mean, self.std)
        if self.transform is not None and white is not None:
            measured = tone.probed(
                lambda colour: self._preparation.last(
                    self.tensor(pictures.solid(raws[0], colour, white))
                )
            )
            if measured is not None:
                return measured
        if self.transform is None and pictures.full_scale(raws[0]) is not None:
            return tone.UNIT
        return tone.ranged([self.tensor(raw) for raw in raws])

    def _toned(self, raw: Any) -> Tone:
        return self._tone or self._find_tone([raw], pictures.white_of([raw]))

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        height, width, channels = self._preparation.last(self.tensor(raw)).shape
        return {"kind": "image", "width": width, "height": height, "channels": channels}

    def media(self, raw: Any, width: int | None = None) -> Media:
        """The picture as the model sees it, so that attributions lie exactly over it."""
        shown = self._toned(raw).picture(self._preparation.last(self.tensor(raw)))
        return Media("image/png", pictures.png(shown, width))

    def thumbnail(self, raw: Any, width: int | None = None) -> Media:
        return self.media(raw, width)

    def summed(self, attribution: Tensor) -> Tensor:
        """Channels summed: (C, H, W) -> (H, W)."""
        axis = self._preparation.axis(attribution)
        return attribution if axis is None else attribution.sum(axis)

    # Features

    def feature_kinds(self) -> tuple[Choice, ...]:
        return FEATURES

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        self.chosen(kind, FEATURES, "way to group pixels")
        if kind == "elements":
            return torch.arange(tensor.numel()).reshape(tensor.shape)
        last = self._preparation.last(tensor)
        if kind == "patches":
            ids = patches(last.shape[0], last.shape[1], self._side(tensor))
        else:
            ids = torch.from_numpy(superpixels(self._toned(raw).picture(last), self.segments))
        axis = self._preparation.axis(tensor)
        return (ids if axis is None else ids.unsqueeze(axis)).expand(tensor.shape).contiguous()

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A patch over all channels, moved by half its side."""
        side = self._side(tensor)
        axis = self._preparation.axis(tensor)
        height, width, channels = self._preparation.last(tensor).shape
        window, step = [min(side, height), min(side, width)], [max(1, side // 2)] * 2
        if axis is not None:
            window.insert(axis, channels)
            step.insert(axis, channels)
        return tuple(window), tuple(step)

    def _side(self, tensor: Tensor) -> int:
        return self.patch or max(1, round(min(self._preparation.last(tensor).shape[:2]) / 8))

    # Baselines

    def baseline_kinds(self) -> tuple[Choice, ...]:
        extremes = self._tone is None or self._tone.known
        return image_baselines.choices(extremes)

    @property
    def baseline_reason(self) -> str:
        return image_baselines.REASON

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, self.baseline_kinds(), "baseline")
        if kind in ("black", "white"):
            return self._extreme(kind, raw, tensor)
        last = self._preparation.last(tensor)
        if kind == "blur":
            filled = image_baselines.blurred(last)
        elif sample:
            made = image_baselines.mean if kind == "mean" else image_baselines.noise
            filled = made(last, self._moments_of(sample), seed)
        else:
            raise self.invalid(f"the baseline {kind!r} needs a sample of the data.")
        return self._preparation.placed(filled, tensor)

    def _moments_of(self, sample: Sequence[Tensor]) -> Moments:
        """Kept, since a board hands over the very same sample each time."""
        kept = self._moments
        if kept is None or kept[0] is not sample:
            found = image_baselines.moments([self._preparation.last(one) for one in sample])
            kept = self._moments = (sample, found)
        return kept[1]

    def _extreme(self, kind: str, raw: Any, tensor: Tensor) -> Tensor:
        """Black or white by way of the transform, so that its padding and scaling stay."""
        raw = unpainted(raw)
        white = self._white or pictures.white_of([raw])
        if self.transform is not None and white is not None:
            level = tone.BLACK if kind == "black" else tone.WHITE
            try:
                plain = self.tensor(pictures.solid(raw, level, white)).to(tensor.dtype)
            except InvalidInput:
                plain = tensor.new_full((), float("nan"))
            if plain.shape == tensor.shape and bool(plain.isfinite().all()):
                return plain
        toned = self._toned(raw)
        if not toned.known:
            raise self.invalid(
                f"it is not known which value is {kind}. Give mean= and std= as the pictures were "
                "normalised, or choose another baseline."
            )
        last = self._preparation.last(tensor)
        return self._preparation.placed(toned.solid(kind == "white", last), tensor)

    def matched(self, other: Tensor, like: Tensor) -> Tensor:
        """`other` resized to the height and width of `like`."""
        if other.shape == like.shape:
            return other
        source, goal = self._preparation.last(other), self._preparation.last(like)
        if source.shape[2] != goal.shape[2]:
            return super().matched(other, like)
        return self._preparation.placed(
            image_baselines.resized(source, goal.shape[0], goal.shape[1]), like
        )

    def unpacked(self, raw: Any) -> Any:
        file = held_file(raw)
        return raw if file is None else self._opened(file)

    def from_file(self, source: Path | bytes) -> Any:
        """A picture file (PNG, JPEG, ...) as the kind of picture the dataset yields."""
        return self._as_raw(self._opened(source))

    def parse(self, payload: Any) -> Any:
        """A picture file. Where all pictures of the data have one size, it is cut to that."""
        if not isinstance(payload, bytes):
            raise self.invalid("a picture is given as a file: PNG, JPEG, WebP, GIF or BMP.")
        picture = self._opened(payload)
        if self._size is not None and picture.mode not in pictures.DEEP_MODES:
            picture = ImageOps.fit(picture, self._size, Pillow.Resampling.LANCZOS)
        return self._as_raw(picture)

    def painted(self, raw: Any, picture: bytes) -> Any:
        """`raw` as the model sees it, changed in the painted pixels alone."""
        raw = unpainted(raw)
        image = self._opened(picture)
        changed = paint(self.tensor(raw), image, self._preparation, self._toned(raw), self.invalid)
        return Painted(raw, changed)

    def _opened(self, source: Path | bytes) -> Pillow.Image:
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
        try:
            with Pillow.open(stream, formats=pictures.FORMATS) as image:
                if image.width * image.height > pictures.MOST_PIXELS:
                    raise ValueError(f"{image.width} x {image.height} pixels are too many")
                picture = pictures.simple_mode(ImageOps.exif_transpose(image))
                picture.load()
        except (OSError, ValueError, SyntaxError, Pillow.DecompressionBombError) as error:
            unknown = isinstance(error, UnidentifiedImageError)
            reason = "it is of no kind that is known" if unknown else error
            raise self.invalid(
                f"the file cannot be read as a picture ({reason}). Give a PNG or JPEG."
            ) from error
        return picture

    def _as_raw(self, picture: Pillow.Image) -> Any:
        if self._kind is None or pictures.numbers(self._kind) is None:
            return picture
        return self._as_kind(picture)

    def _as_kind(self, picture: Pillow.Image) -> Any:
        made = pictures.like(picture, self._kind, self._white or 1.0)
        floats = self.transform is None and pictures.full_scale(self._kind) is None
        if not floats or self._tone is None:
            return made
        axis = pictures.channel_axis(tuple(made.shape), prefer_last=not isinstance(made, Tensor))
        values = torch.as_tensor(made / (self._white or 1.0))
        last = self._tone.normalise(pictures.channels_last(values, axis))
        placed = last[..., 0] if axis is None else last.movedim(-1, axis)
        return placed.to(values.dtype) if isinstance(made, Tensor) else placed.numpy()

    def config(self) -> Mapping[str, Any]:
        return {
            "mean": None if self.mean is None else self.mean.tolist(),
            "std": None if self.std is None else self.std.tolist(),
            "layout": self.layout,
        }
