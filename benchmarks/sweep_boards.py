"""The boards of `bench_sweep`: both splits of easy-VQA, and photos for EfficientNet-Lite0."""

from __future__ import annotations

import os
from typing import Any

import torch

import attriboard as ab
from attriboard.board import Board
from attriboard.demos.photos.model import MEAN, STD
from attriboard.demos.photos.model import trained as efficientnet
from attriboard.demos.vqa.data import ANSWERS, EasyVqa
from attriboard.demos.vqa.model import trained
from attriboard.demos.vqa.words import LENGTH, PAD, UNK, VOCABULARY, words

QUESTIONS = "ATTRIBOARD_BENCH_QUESTIONS"
PHOTOS = 96


class Both:
    """The first questions of the test split and then of the training split."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._parts = [EasyVqa("test"), EasyVqa("train")]

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, index: int) -> Any:
        test, train = self._parts
        return test[index] if index < len(test) else train[index - len(test)]


def vqa() -> Board:
    """As many questions as the environment says; 20,000 if it does not."""
    return Board(
        trained(),
        Both(int(os.environ.get(QUESTIONS, "20000"))),
        inputs=[
            ab.Image("photo"),
            ab.Text("question", words, vocabulary=VOCABULARY, pad=PAD, unk=UNK, length=LENGTH),
        ],
        output=ab.Classes(ANSWERS),
        name="easy-VQA, both splits",
    )


def photos() -> Board:
    """Coloured noise of 224 pixels a side: a pass takes as long as one over a photograph."""
    pixels = torch.randint(0, 256, (PHOTOS, 224, 224, 3), dtype=torch.uint8).numpy()
    return Board(
        efficientnet(),
        [(image, index % 2) for index, image in enumerate(pixels)],
        ab.Image("photo", mean=MEAN, std=STD),
        ab.Classes([str(index) for index in range(1000)]),
        name="EfficientNet-Lite0",
    )


def photo_models() -> dict[str, Any]:
    """What a worker loads."""
    torch.set_num_threads(1)
    return {"model": efficientnet()}
