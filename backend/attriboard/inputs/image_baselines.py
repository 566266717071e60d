"""Baselines of pictures in the model's input space. Pictures here are (H, W, C)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from attriboard.inputs.base import Choice

MEAN = Choice(
    "mean",
    "Mean colour",
    "The mean colour of a sample of the data, everywhere. Parts of about that colour then count "
    "for little.",
)
BLACK = Choice("black", "Black", "Black. Dark parts of the picture then count for little.")
WHITE = Choice("white", "White", "White. Bright parts of the picture then count for little.")
BLUR = Choice(
    "blur",
    "Blurred",
    "The picture itself, strongly blurred: what detail adds. Large areas of one colour then count "
    "for nothing.",
)
NOISE = Choice(
    "noise",
    "Noise",
    "Random values with the data's mean and spread in each channel. The seed decides a part of the "
    "answer: try several.",
)
REASON = (
    "the mean colour tells least of all; black and white would say something of what is dark or "
    "bright."
)

Moments = tuple[Tensor, Tensor]  # mean and standard deviation of every channel

BLUR_SHARE = 0.1  # standard deviation of the blur, as a share of the shorter side


def choices(extremes: bool) -> tuple[Choice, ...]:
    """The baselines on offer; black and white only where it is known which values they are."""
    return (MEAN, BLACK, WHITE, BLUR, NOISE) if extremes else (MEAN, BLUR, NOISE)


def mean(picture: Tensor, found: Moments, seed: int) -> Tensor:
    """The sample's mean colour in every pixel."""
    return found[0].expand(picture.shape)


def noise(picture: Tensor, found: Moments, seed: int) -> Tensor:
    """Normal noise with the sample's mean and standard deviation; `seed` alone decides it."""
    centre, spread = found
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(picture.shape, generator=generator, dtype=torch.float64)
    return centre + drawn * spread


def blurred(picture: Tensor) -> Tensor:
    """A Gaussian blur; the edges are reflected."""
    sigma = max(1.0, BLUR_SHARE * min(picture.shape[:2]))
    image = picture.detach().cpu().double().movedim(-1, 0)[:, None]
    image = _convolved(image, sigma, vertical=True)
    return _convolved(image, sigma, vertical=False)[:, 0].movedim(0, -1)


def resized(picture: Tensor, height: int, width: int) -> Tensor:
    """The picture at another size, by bilinear interpolation with antialiasing."""
    image = picture.detach().cpu().double().movedim(-1, 0)[None]
    fitted = functional.interpolate(
        image, (height, width), mode="bilinear", align_corners=False, antialias=True
    )
    return fitted[0].movedim(0, -1)


def moments(sample: Sequence[Tensor]) -> Moments:
    """Mean and standard deviation of every channel over all pixels of the sample, float64."""
    pixels = [one.detach().cpu().double().flatten(0, 1) for one in sample]
    count = sum(len(one) for one in pixels)
    centre = torch.stack([one.sum(0) for one in pixels]).sum(0) / count
    squares = torch.stack([((one - centre) ** 2).sum(0) for one in pixels]).sum(0)
    return centre, (squares / count).sqrt()


def _convolved(image: Tensor, sigma: float, vertical: bool) -> Tensor:
    length = image.shape[2 if vertical else 3]
    radius = min(int(3 * sigma + 0.5), length - 1)
    if radius < 1:
        return image
    steps = torch.arange(-radius, radius + 1, dtype=torch.float64)
    kernel = torch.exp(-(steps**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    if vertical:
        padded = functional.pad(image, (0, 0, radius, radius), mode="reflect")
        return functional.conv2d(padded, kernel[None, None, :, None])
    padded = functional.pad(image, (radius, radius, 0, 0), mode="reflect")
    return functional.conv2d(padded, kernel[None, None, None, :])
