"""The board of `bench_server`: two inputs, a model of a few milliseconds, 200 examples."""

from __future__ import annotations

import torch
from PIL import Image as Picture
from torch import Tensor, nn

import attriboard as ab

WORDS = ("what", "colour", "shape", "is", "it", "there")
SIZE = 200


class Fusion(nn.Module):
    """A picture (N, 3, 64, 64) and token ids (N, L) to ten scores."""

    def __init__(self) -> None:
        super().__init__()
        self.picture = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(4),
            nn.Flatten(),
            nn.Linear(512, 64),
        )
        self.words = nn.Embedding(len(WORDS), 64)
        self.head = nn.Linear(128, 10)

    def forward(self, photo: Tensor, question: Tensor) -> Tensor:
        seen, read = self.picture(photo), self.words(question).mean(1)
        scores: Tensor = self.head(torch.cat([seen * read, read], 1))
        return scores


def tokens(text: str) -> list[int]:
    """Ids of the words."""
    return [WORDS.index(word) for word in text.split()]


def make() -> ab.Board:
    """The board, the same in every process."""
    torch.manual_seed(0)
    model = Fusion().eval()
    pixels = torch.randint(0, 256, (SIZE, 64, 64, 3), dtype=torch.uint8).numpy()
    rows = [
        {"photo": Picture.fromarray(image), "question": "what colour is it", "label": i % 10}
        for i, image in enumerate(pixels)
    ]
    return ab.Board(
        model,
        rows,
        inputs=[ab.Image("photo"), ab.Text("question", tokenizer=tokens)],
        output=ab.Classes([str(i) for i in range(10)]),
        name="Server benchmark",
    )
