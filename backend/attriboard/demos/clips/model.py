"""The network: convolutions over time and space, the strongest of each place, the mean of time."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from attriboard.demos.clips.data import DIGITS

WEIGHTS = Path(__file__).with_name("clips.safetensors")
WIDTH = 48  # channels of the last convolution


class ClipsNet(nn.Module):
    """A logit for each digit, (N, 10), from clips (N, 1, 16, 40, 40) in 0 to 1.

    The last map has 8 times and 5 x 5 places: the strongest place of each time counts, and all
    times are averaged, so that neither place nor time of the digit matters for the answer.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_block(1, 12, (1, 5, 5), (1, 2, 2)),
            *_block(12, 24, (3, 3, 3), (2, 2, 2)),
            nn.MaxPool3d((1, 2, 2)),
            *_block(24, WIDTH, (3, 3, 3), (1, 1, 1)),
            *_block(WIDTH, WIDTH, (1, 3, 3), (1, 1, 1)),
        )
        self.scores = nn.Linear(WIDTH, len(DIGITS))

    def forward(self, clip: Tensor) -> Tensor:
        strongest = self.features(clip).amax((3, 4))
        scores: Tensor = self.scores(strongest.mean(2))
        return scores


def trained() -> ClipsNet:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        model = ClipsNet()
    model.load_state_dict(load_file(WEIGHTS))
    return model.eval()


def untrained(seed: int) -> ClipsNet:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ClipsNet().eval()


def _block(
    channels: int, wider: int, kernel: tuple[int, int, int], stride: tuple[int, int, int]
) -> tuple[nn.Module, ...]:
    padding = (kernel[0] // 2, kernel[1] // 2, kernel[2] // 2)
    convolution = nn.Conv3d(channels, wider, kernel, stride, padding, bias=False)
    return convolution, nn.BatchNorm3d(wider), nn.ReLU()
