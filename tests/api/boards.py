"""Small boards on real models: a picture and a question, fast enough for every test."""

from __future__ import annotations

import threading
import zlib

import torch
from PIL import Image as Picture
from torch import Tensor, nn

import attriboard as ab

CLASSES = ["red", "green", "blue"]
SIZE = 30
WORDS = ["pad", "what", "colour", "is", "it", "a", "shape", "tell", "me", "<b>now</b>"]
QUESTIONS = ["what colour is it", "tell me a shape", "is it a colour", "tell me <b>now</b> it"]


class Fusion(nn.Module):
    """A picture (N, 3, 8, 8) and token ids (N, L) to three scores."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(5))
        self.words = nn.Embedding(len(WORDS), 5)
        self.head = nn.Linear(10, len(CLASSES))

    def forward(self, photo: Tensor, question: Tensor) -> Tensor:
        seen, read = self.picture(photo), self.words(question).mean(1)
        scores: Tensor = self.head(torch.cat([seen * read, read], 1))
        return scores


class Gated(nn.Module):
    """A model that waits for `gate` from its second batch on, to be caught at work."""

    def __init__(self, inner: nn.Module, gate: threading.Event) -> None:
        super().__init__()
        self.inner = inner
        self.gate = gate

    def forward(self, photo: Tensor, question: Tensor) -> Tensor:
        self.gate.wait(10)
        scores: Tensor = self.inner(photo, question)
        return scores

    def __deepcopy__(self, memo: dict[int, object]) -> Gated:
        return self


def fusion(seed: int = 0) -> Fusion:
    """The model with weights drawn from `seed`."""
    torch.manual_seed(seed)
    model = Fusion()
    model(torch.zeros(1, 3, 8, 8), torch.zeros(1, 4, dtype=torch.int64))
    return model.eval()


def tokens(text: str) -> list[int]:
    """Ids of the words, one a word."""
    return [WORDS.index(word) for word in text.split()]


def examples(size: int = SIZE) -> list[dict[str, object]]:
    """Pictures of noise with a question each, a label and two columns of metadata."""
    draw = torch.Generator().manual_seed(1)
    rows: list[dict[str, object]] = []
    for index in range(size):
        pixels = torch.randint(0, 256, (8, 8, 3), generator=draw, dtype=torch.uint8)
        rows.append(
            {
                "photo": Picture.fromarray(pixels.numpy()),
                "question": QUESTIONS[index % len(QUESTIONS)],
                "label": zlib.crc32(str(index).encode()) % 3,
                "place": "left" if index % 2 else "right",
                "weight": index / 4,
            }
        )
    return rows


def fusion_board(
    model: nn.Module | None = None, size: int = SIZE, name: str = "Fusion"
) -> ab.Board:
    """A board of `size` examples with two inputs and three classes."""
    return ab.Board(
        model or fusion(),
        examples(size),
        inputs=[ab.Image("photo"), ab.Text("question", tokenizer=tokens)],
        output=ab.Classes(CLASSES),
        name=name,
    )
