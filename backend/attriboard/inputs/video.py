"""Video: clips, from arrays, tensors, lists of pictures or files, with or without a transform."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs import clip_edits, clips, grids, image_baselines, pictures, sheets, tone
from attriboard.inputs import video_baselines as baselines
from attriboard.inputs.base import Choice, Input, Media
from attriboard.inputs.clip_files import BadClip
from attriboard.inputs.clip_tensors import ClipPreparation
from attriboard.inputs.clips import LAYOUTS, Layout
from attriboard.inputs.image_baselines import Moments
from attriboard.inputs.image_tensors import Numbers, normalisation
from attriboard.inputs.pictures import Bytes
from attriboard.inputs.tone import Tone

FEATURES = (
    Choice("elements", "Pixels", "Each value of each channel of each frame on its own."),
    Choice("tubes", "Tubes", "A square patch through a slice of time, all channels together."),
    Choice("patches", "Patches", "A square patch through all frames."),
    Choice("frames", "Frames", "Each frame as a whole."),
)
SIDES = 6  # patches along the shorter side, unless the user says otherwise
SLICES = 4  # slices of time


class Video(Input):
    """A clip: frames of one size.

    A raw value is an array (T, H, W, C) or (T, H, W), a tensor, a list of PIL pictures or arrays,
    or the path of a file: GIF, PNG and WebP, and films with the extra `video` (PyAV).

    `layout` says what the model gets by its letters in order: "TCHW", "CTHW" (as 3-d convolutions
    read it), "THWC", or "THW" without an axis of channels. `stored` says the same of the dataset's
    arrays and tensors. Without it floating tensors are taken to be in `layout`, and of others the
    number of channels (1, 3, 4) tells.

    `transform` turns a raw value (of a file: its frames, (T, H, W, 3) bytes) into the model's
    tensor. Without it bytes and PIL pictures are scaled to 0 to 1, normalised by `mean` and `std`
    (a number, or one per channel), and put into `layout`; floats are only put into `layout`.

    `frames` brings every clip to so many, taken evenly from first to last; without it each keeps
    its own. `rate` is in frames a second, for the player; a file may say it itself. `patch` is the
    side of a patch in pixels, by default a sixth of the shorter side, and `slice` a tube's frames,
    by default a quarter of them.
    """

    modality = "video"

    def __init__(
        self,
        name: str,
        transform: Callable[[Any], Any] | None = None,
        mean: Numbers | None = None,
        std: Numbers | None = None,
        *,
        layout: Layout = "TCHW",
        stored: Layout | None = None,
        frames: int | None = None,
        rate: float | None = None,
        patch: int | None = None,
        slice: int | None = None,
    ) -> None:
        super().__init__(name)
        if transform is not None and not callable(transform):
            raise self.invalid("transform= must be a function from a raw clip to a tensor.")
        if layout not in LAYOUTS or stored not in (None, *LAYOUTS):
            raise self.invalid(
                f"layout= and stored= must be one of {', '.join(LAYOUTS)}: T time, C channels, H "
                "height, W width."
            )
        if any(given is not None and given < 1 for given in (frames, patch, slice)):
            raise self.invalid("frames=, patch= and slice= must be at least 1.")
        if rate is not None and not rate > 0:
            raise self.invalid("rate= must be above 0, in frames a second.")
        self.layout, self.rate, self.patch, self.slice = layout, rate, patch, slice
        self.mean, self.std = normalisation(mean, std, self.invalid)
        self._preparation = ClipPreparation(
            transform, self.mean, self.std, layout, stored, frames, self.invalid
        )
        self._tone: Tone | None = None
        self._white: float | None = None
        self._kind: Any = None
        self._size: tuple[int, int, int] | None = None
        self._default = baselines.automatic(None)
        self._moments: tuple[Sequence[Tensor], Moments] | None = None

    # From raw value to tensor

    def tensor(self, raw: Any) -> Tensor:
        return self._preparation.tensor(raw)

    # What the data tells

    def fitted(self, raws: Sequence[Any]) -> Self:
        if not raws:
            return self
        found = copy.copy(self)
        found._kind = raws[0]
        tensors = [self._preparation.last(self.tensor(raw)) for raw in raws]
        found._white = self._white_of(raws)
        found._tone = self._find_tone(raws[0], found._white, tensors)
        sizes = {(one.shape[0], one.shape[1], one.shape[2]) for one in tensors}
        plain = self._preparation.transform is None
        found._size = sizes.pop() if plain and len(sizes) == 1 else None
        found._default = baselines.automatic(_dark(tensors, found._tone))
        return found

    def _white_of(self, raws: Sequence[Any]) -> float | None:
        """The number that means white in raw clips; None where it is not known."""
        try:
            read = [self._preparation.read(raw) for raw in raws]
        except InvalidInput:  # a kind that the user's transform alone knows
            return None
        known = read[0].full
        return known or pictures.white_of([clips.tall(clip.frames) for clip in read])

    def _find_tone(self, raw: Any, white: float | None, tensors: Sequence[Tensor]) -> Tone:
        if self.mean is not None and self.std is not None:
            return tone.normalised(self.mean, self.std)
        if self._preparation.transform is None:
            full = self._preparation.read(raw).full
            return tone.UNIT if full is not None else tone.ranged(tensors)
        if white is not None:
            measured = tone.probed(lambda level: clips.tall(self._solid(raw, level, white)))
            if measured is not None:
                return measured
        return tone.ranged(tensors)

    def _solid(self, raw: Any, level: clips.Level, white: float) -> Tensor:
        """The model's tensor, as (T, H, W, C), of a clip in one colour."""
        given, own = self._preparation.given(raw), self._preparation
        plain = clips.solid(given, own.layout, own.stored, level, white)
        return own.last(own.tensor(plain))

    def _toned(self, raw: Any) -> Tone:
        if self._tone is not None:
            return self._tone
        shown = self._preparation.last(self.tensor(raw))
        return self._find_tone(raw, self._white_of([raw]), [shown])

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        count, height, width, channels = self._preparation.last(self.tensor(raw)).shape
        return {
            "kind": "video",
            "frames": count,
            "width": width,
            "height": height,
            "channels": channels,
            "rate": self._rate_of(raw, count),
            "layout": self.layout,
            "sheet": sheets.sheet_of(count, height, width).json(),
        }

    def _rate_of(self, raw: Any, count: int) -> float | None:
        """Frames a second as shown: fewer where only some of them are taken."""
        if not isinstance(raw, (str, Path, bytes)):
            return self.rate
        clip = self._preparation.read(raw)
        own = self.rate or clip.rate
        return None if own is None else own * count / len(clip.frames)

    def media(self, raw: Any, width: int | None = None) -> Media:
        """The frames as the model sees them: all on one sheet, or a few at most `width` wide."""
        shown = self._shown(raw)
        body = sheets.drawn(shown) if width is None else sheets.thumbnail(shown, width)
        return Media("image/png", body)

    def _shown(self, raw: Any) -> Bytes:
        frames = self._preparation.last(self.tensor(raw))
        flat = self._toned(raw).picture(clips.tall(frames))
        return flat.reshape(*frames.shape[:3], -1)

    def facts(self, raw: Any) -> Mapping[str, Any]:
        if self._preparation.frames is not None:
            return {}
        try:
            return {f"{self.name} frames": len(self._preparation.last(self.tensor(raw)))}
        except InvalidInput:  # what is wrong is said where its tensor is made
            return {}

    def summed(self, attribution: Tensor) -> Tensor:
        """Channels summed: (T, H, W)."""
        return self._preparation.last(attribution).sum(-1)

    # Features

    def feature_kinds(self) -> tuple[Choice, ...]:
        return FEATURES

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        self.chosen(kind, FEATURES, "way to group a clip")
        if kind == "elements":
            return torch.arange(tensor.numel()).reshape(tensor.shape)
        frames = self._preparation.last(tensor)
        count, height, width, _ = frames.shape
        lasting, side = self._tube(frames)
        if kind == "frames":
            lasting, side = 1, max(height, width)
        elif kind == "patches":
            lasting = count
        ids = grids.tubes(count, height, width, lasting, side)
        return clips.placed(ids[..., None].expand(frames.shape), self.layout)

    def _tube(self, frames: Tensor) -> tuple[int, int]:
        """How many frames a tube lasts, and the side of its patch in pixels."""
        count, height, width, _ = frames.shape
        lasting = min(count, self.slice or max(1, round(count / SLICES)))
        return lasting, self.patch or max(1, round(min(height, width) / SIDES))

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A tube over all channels, moved by half of it in space and time."""
        frames = self._preparation.last(tensor)
        _, height, width, channels = frames.shape
        lasting, side = self._tube(frames)
        sizes = {"T": lasting, "H": min(side, height), "W": min(side, width), "C": channels}
        steps = {"T": max(1, lasting // 2), "H": max(1, side // 2), "W": max(1, side // 2)}
        steps["C"] = channels
        return tuple(sizes[one] for one in self.layout), tuple(steps[one] for one in self.layout)

    # Baselines

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return baselines.choices(self._tone is None or self._tone.known, self._default[0])

    @property
    def baseline_reason(self) -> str:
        return self._default[1]

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, self.baseline_kinds(), "baseline")
        frames = self._preparation.last(tensor)
        if kind in ("black", "white"):
            return self._preparation.placed(self._extreme(kind == "white", raw, frames), tensor)
        if kind in ("mean", "noise") and not sample:
            raise self.invalid(f"the baseline {kind!r} needs a sample of the data.")
        found = self._moments_of(sample) if kind in ("mean", "noise") else None
        return self._preparation.placed(baselines.made(kind, frames, found, seed), tensor)

    def _moments_of(self, sample: Sequence[Tensor]) -> Moments:
        """Kept, since a board hands over the very same sample each time."""
        kept = self._moments
        if kept is None or kept[0] is not sample:
            found = baselines.of_sample([self._preparation.last(one) for one in sample])
            kept = self._moments = (sample, found)
        return kept[1]

    def _extreme(self, white: bool, raw: Any, frames: Tensor) -> Tensor:
        """Black or white by way of the transform, so that its padding and scaling stay."""
        full = self._white or self._white_of([raw])
        if self._preparation.transform is not None and full is not None:
            try:
                plain = self._solid(raw, tone.WHITE if white else tone.BLACK, full)
            except InvalidInput:
                plain = frames[:0]
            if plain.shape == frames.shape:
                return plain
        toned = self._toned(raw)
        if not toned.known:
            raise self.invalid(
                "it is not known which values are black and white. Give mean= and std= as the "
                "clips were normalised, or choose another baseline."
            )
        return toned.solid(white, frames)

    def matched(self, other: Tensor, like: Tensor) -> Tensor:
        """`other` brought to the frames, height and width of `like`."""
        if other.shape == like.shape:
            return other
        source, goal = self._preparation.last(other), self._preparation.last(like)
        if source.shape[3] != goal.shape[3]:
            return super().matched(other, like)
        chosen = source[clips.evenly(len(source), len(goal))]
        fitted = image_baselines.resized(clips.deep(chosen), goal.shape[1], goal.shape[2])
        return self._preparation.placed(clips.undeep(fitted, goal.shape[3]), like)

    def from_file(self, source: Path | bytes) -> Any:
        """The clip of a file, as the kind of clip the dataset yields; fitted to the size of all."""
        try:
            found = clips.read(source, self.layout, None).frames.numpy()
        except BadClip as fault:
            raise self.invalid(str(fault)) from None
        fitted = clip_edits.fitted(found, self._size)
        return clip_edits.like(fitted, self._kind, self._white, self._tone, self._preparation)

    def config(self) -> Mapping[str, Any]:
        return {
            "mean": None if self.mean is None else self.mean.tolist(),
            "std": None if self.std is None else self.std.tolist(),
            "layout": self.layout,
            "stored": self._preparation.stored,
            "frames": self._preparation.frames,
        }


def _dark(tensors: Sequence[Tensor], found: Tone) -> float | None:
    return baselines.dark_share(tensors, found.black, found.white) if found.known else None
