"""easy-VQA by Victor Zhou: 64 x 64 pictures of one coloured shape, and questions about them.

The package `easy-vqa` holds 4,000 training and 1,000 test pictures with 48,248 questions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from attriboard.demos.packages import needed
from attriboard.demos.vqa.words import ids, words

Split = Literal["train", "test"]

SHAPES = ("circle", "rectangle", "triangle")
COLOURS = ("black", "blue", "brown", "gray", "green", "red", "teal", "yellow")
ANSWERS = ("yes", "no", *SHAPES, *COLOURS)


class Item(TypedDict):
    """One question about one picture, and what the catalog can filter by."""

    photo: Image.Image
    question: str
    label: int  # place in ANSWERS
    asks: str  # "yes or no", "shape" or "colour"
    negated: bool
    picture: int  # number of the picture in its split; several questions share one


@dataclass(frozen=True)
class Tensors:
    """A whole split as tensors, for training and for measuring; N questions about P pictures."""

    photos: Tensor  # (P, 3, 64, 64), 0 to 1
    questions: Tensor  # (N, L), token ids
    labels: Tensor  # (N,), places in ANSWERS
    pictures: Tensor  # (N,), the place of each question's picture in `photos`

    def first(self, count: int) -> Tensors:
        """The first `count` pictures with their questions."""
        rows = self.pictures < count
        chosen = (self.questions[rows], self.labels[rows], self.pictures[rows])
        return Tensors(self.photos[:count], *chosen)


class EasyVqa(Dataset[Item]):
    """The questions of one split. A picture is read when its item is."""

    def __init__(self, split: Split) -> None:
        package = needed("easy_vqa", "easy-vqa")
        texts, answers, pictures = getattr(package, f"get_{split}_questions")()
        self.questions: list[str] = texts
        self.labels = [ANSWERS.index(answer) for answer in answers]
        self.pictures: list[int] = pictures
        self._paths: dict[int, str] = getattr(package, f"get_{split}_image_paths")()

    def __len__(self) -> int:
        return len(self.questions)

    def __getitem__(self, index: int) -> Item:
        question = self.questions[index]
        return Item(
            photo=self.photo(self.pictures[index]),
            question=question,
            label=self.labels[index],
            asks=_asks(ANSWERS[self.labels[index]]),
            negated=not {"no", "not"}.isdisjoint(words(question)),
            picture=self.pictures[index],
        )

    def photo(self, picture: int) -> Image.Image:
        """Picture `picture` of this split, RGB, 64 x 64."""
        with Image.open(self._paths[picture]) as image:
            return image.convert("RGB")

    def tensors(self) -> Tensors:
        """The whole split at once; reads every picture."""
        read = np.stack([np.asarray(self.photo(number)) for number in sorted(self._paths)])
        photos = torch.from_numpy(read).permute(0, 3, 1, 2).float() / 255
        labels, pictures = torch.tensor(self.labels), torch.tensor(self.pictures)
        return Tensors(photos, ids(self.questions), labels, pictures)


def _asks(answer: str) -> str:
    if answer in SHAPES:
        return "shape"
    return "colour" if answer in COLOURS else "yes or no"
