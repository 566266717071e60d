"""Baselines of clips in the model's input space, and which one suits the data."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from attriboard.inputs import clips, image_baselines
from attriboard.inputs.base import Choice
from attriboard.inputs.image_baselines import Moments

MEAN = Choice("mean", "Mean colour", "The mean colour of a sample of the data, all the time.")
BLACK = Choice("black", "Black", "Black. Dark parts of the clip then count for little.")
WHITE = Choice("white", "White", "White. Bright parts of the clip then count for little.")
STILL = Choice(
    "still",
    "Mean frame",
    "The clip's own mean over time, all the time: what counts is what changes.",
)
FIRST = Choice("first", "First frame", "The first frame, frozen: what counts is what comes later.")
BLUR = Choice("blur", "Blurred", "Each frame strongly blurred: what detail adds.")
NOISE = Choice("noise", "Noise", "Random values with the data's mean and spread in each channel.")

EMPTY = 0.5  # so much of all pixels must be black for black to be what is absent
BLACKEST = 0.02  # of the way to white

REASONS = {
    "mean": "no colour of these clips means that nothing is there; the mean is the least news.",
    "black": "{share:.0%} of these clips is black: that is what they show where nothing is.",
}


def choices(extremes: bool, default: str) -> tuple[Choice, ...]:
    """The baselines on offer, the default first; black and white only where they are known."""
    ends = (BLACK, WHITE) if extremes else ()
    listed = (MEAN, *ends, STILL, FIRST, BLUR, NOISE)
    return tuple(sorted(listed, key=lambda choice: choice.id != default))


def automatic(dark: float | None) -> tuple[str, str]:
    """The baseline for clips of which `dark` is black (None: unknown), and why."""
    kind = "black" if dark is not None and dark > EMPTY else "mean"
    return kind, REASONS[kind].format(share=dark or 0.0)


def made(kind: str, frames: Tensor, found: Moments | None, seed: int) -> Tensor:
    """The baseline of a clip (T, H, W, C), all but black and white; `found` of the sample."""
    if kind == "still":
        return frames.double().mean(0, keepdim=True).expand_as(frames)
    if kind == "first":
        return frames[:1].expand_as(frames)
    if kind == "blur":
        return clips.undeep(image_baselines.blurred(clips.deep(frames)), frames.shape[-1])
    assert found is not None
    of = image_baselines.mean if kind == "mean" else image_baselines.noise
    filled: Tensor = of(clips.tall(frames), found, seed).unflatten(0, frames.shape[:2])
    return filled


def of_sample(frames: Sequence[Tensor]) -> Moments:
    """Mean and spread of every channel over clips (T, H, W, C)."""
    return image_baselines.moments([clips.tall(one) for one in frames])


def dark_share(frames: Sequence[Tensor], black: Tensor, white: Tensor) -> float:
    """How much of clips (T, H, W, C) is black in every channel."""
    found = torch.cat(
        [((one - black) / (white - black)).abs().amax(-1).flatten() for one in frames]
    )
    return float((found < BLACKEST).double().mean())
