"""Small boards on real models: a picture and a question, with questions of different lengths."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import attriboard as ab

CLASSES = ["red", "green", "blue"]
WORDS = ["<pad>", "what", "colour", "is", "it", "a", "shape", "round", "the", "big"]
QUESTIONS = [
    "what colour is it",
    "is it round",
    "is the big shape round",
    "what shape is the big round",
]
SIDE = 12
SIZE = 24


class Watch:
    """What a model did and how slow it is; shared by all copies of the model."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds  # a row
        self.rows = 0
        self.calls: list[float] = []

    def __deepcopy__(self, _memo: dict[int, Any]) -> Watch:
        return self

    def saw(self, rows: int) -> None:
        self.rows += rows
        self.calls.append(time.monotonic())
        if self.seconds:
            time.sleep(self.seconds * rows)


class Fusion(nn.Module):
    """A picture (N, 3, SIDE, SIDE) and token ids (N, L) to three scores."""

    def __init__(self, watch: Watch, seed: int = 0) -> None:
        super().__init__()
        self.watch = watch
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.picture = nn.Sequential(
                nn.Conv2d(3, 4, 3, stride=2), nn.GELU(), nn.Flatten(), nn.Linear(100, 6)
            )
            self.words = nn.Embedding(len(WORDS), 6)
            self.head = nn.Linear(12, len(CLASSES))

    def forward(self, photo: Tensor, question: Tensor) -> Tensor:
        self.watch.saw(len(photo))
        seen, read = self.picture(photo), self.words(question).tanh().mean(1)
        scores: Tensor = self.head(torch.cat([seen * read, read], 1))
        return scores


class Questions:
    """A map-style dataset that counts how often it was read."""

    def __init__(self, size: int = SIZE, broken: Mapping[int, str] | None = None) -> None:
        self.size = size
        self.broken = broken or {}
        self.reads: list[int] = []

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, index: int) -> dict[str, Any]:
        self.reads.append(index)
        if index in self.broken:
            raise OSError(self.broken[index])
        draw = np.random.default_rng(index)
        return {
            "photo": draw.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8),
            "question": QUESTIONS[index % len(QUESTIONS)],
            "label": index % 3,
            "place": "left" if index % 2 else "right",
        }


def ids(text: str) -> list[int]:
    return [WORDS.index(word) for word in text.split()]


def board(
    model: Any = None, dataset: Any = None, watch: Watch | None = None, name: str = "Fusion"
) -> ab.Board:
    return ab.Board(
        model or Fusion(watch or Watch()),
        dataset or Questions(),
        inputs=[ab.Image("photo", patch=4), ab.Text("question", tokenizer=ids, pad=0)],
        output=ab.Classes(CLASSES),
        name=name,
    )
