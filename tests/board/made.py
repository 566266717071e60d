"""Small real models and data that boards are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import attriboard as ab

WORDS = ["what", "colour", "is", "the", "square", "?", "red"]


class Fusion(nn.Module):
    """A picture and a question to two scores."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, stride=2)
        self.words = nn.Embedding(len(WORDS) + 1, 6)
        self.head = nn.Linear(12, 2)

    def forward(self, photo: Tensor, question: Tensor) -> Tensor:
        seen = self.conv(photo).relu().mean((2, 3))
        scores: Tensor = self.head(torch.cat([seen, self.words(question).mean(1)], 1))
        return scores


def tokens(text: str) -> list[int]:
    """One id a word; 0 is padding."""
    return [WORDS.index(word) + 1 for word in text.split()]


def rows(count: int = 20) -> list[tuple[tuple[Any, str], int]]:
    """Pictures of noise with a question of three words or more."""
    draw = np.random.default_rng(0)
    return [
        (
            (draw.integers(0, 256, (16, 16, 3)).astype(np.uint8), " ".join(WORDS[: 3 + i % 3])),
            i % 2,
        )
        for i in range(count)
    ]


def inputs() -> list[ab.Image | ab.Text]:
    """The inputs of `Fusion`."""
    return [ab.Image("photo"), ab.Text("question", tokens)]


def fusion() -> Fusion:
    torch.manual_seed(0)
    return Fusion().eval()


def board(model: Any = None, dataset: Any = None, **options: Any) -> ab.Board:
    """A board of `Fusion`, any part of it replaced."""
    given = {"inputs": inputs(), "output": ab.Classes(["no", "yes"]), **options}
    return ab.Board(
        fusion() if model is None else model, rows() if dataset is None else dataset, **given
    )


def pictures(count: int = 20, size: int = 8) -> list[tuple[Tensor, int]]:
    """Float pictures (3, size, size) with a label of two."""
    draw = torch.Generator().manual_seed(0)
    return [(torch.rand(3, size, size, generator=draw), i % 2) for i in range(count)]


def classifier(*extra: nn.Module) -> nn.Sequential:
    """A network over `pictures`, with further modules before the last layer."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(192, 8), nn.ReLU(), *extra, nn.Linear(8, 2)).eval()


def picture_board(model: Any = None, dataset: Any = None, **options: Any) -> ab.Board:
    """A board over `pictures` with one input."""
    given = {"inputs": [ab.Image("photo")], "output": ab.Classes(["no", "yes"]), **options}
    return ab.Board(
        classifier() if model is None else model,
        pictures() if dataset is None else dataset,
        **given,
    )
