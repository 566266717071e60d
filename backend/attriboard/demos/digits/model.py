"""The network: three convolutions, averaged over the picture, then one score a digit."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from attriboard.demos.digits.data import DIGITS

WEIGHTS = Path(__file__).with_name("digits.safetensors")
WIDTH = 64  # channels of the last convolution


class DigitsNet(nn.Module):
    """A logit for each digit, (N, 10), from mosaics (N, 1, 56, 56) in 0 to 1.

    The last convolution keeps a map of 14 x 14 places, averaged before the scores: the place
    of a digit does not matter for the answer, and Grad-CAM can say which place it came from.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_block(1, 16),
            nn.MaxPool2d(2),
            *_block(16, 32),
            nn.MaxPool2d(2),
            *_block(32, WIDTH),
            *_block(WIDTH, WIDTH),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.scores = nn.Linear(WIDTH, len(DIGITS))

    def forward(self, picture: Tensor) -> Tensor:
        scores: Tensor = self.scores(self.pool(self.features(picture)).flatten(1))
        return scores


def trained() -> DigitsNet:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        model = DigitsNet()
    model.load_state_dict(load_file(WEIGHTS))
    return model.eval()


def untrained(seed: int) -> DigitsNet:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return DigitsNet().eval()


def _block(channels: int, wider: int) -> tuple[nn.Module, ...]:
    convolution = nn.Conv2d(channels, wider, 3, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(wider), nn.ReLU()
