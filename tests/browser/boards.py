"""Boards as users write them in a file, to be served beside the demo."""

from __future__ import annotations

TWO_MODELS = """
import numpy as np
import torch
from torch import nn
import attriboard as ab

WORDS = ["pad", "what", "colour", "is", "it", "a", "shape"]
TEXTS = ["what colour is it", "is it a shape", "what shape is a colour"]


class Fusion(nn.Module):
    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.picture = nn.Sequential(nn.Flatten(), nn.Linear(192, 6))
        self.words = nn.Embedding(len(WORDS), 6)
        self.head = nn.Linear(12, 3)

    def forward(self, photo, text):
        seen, read = self.picture(photo), self.words(text).mean(1)
        return self.head(torch.cat([seen * read, read], 1))


draw = np.random.default_rng(0)
data = [
    {
        "photo": draw.integers(0, 256, (8, 8, 3), dtype=np.uint8),
        "text": TEXTS[i % 3],
        "label": i % 3,
    }
    for i in range(30)
]
board = ab.Board(
    {"first": Fusion(0), "second": Fusion(1)},
    data,
    inputs=[
        ab.Image("photo"),
        ab.Text("text", tokenizer=lambda said: [WORDS.index(word) for word in said.split()], pad=0),
    ],
    output=ab.Classes(["red", "green", "blue"]),
    name="Two models",
)
"""

ONE_INPUT = """
import torch
from torch import nn
import attriboard as ab

torch.manual_seed(0)
model = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
data = [(torch.rand(3, 4, 4), i % 2) for i in range(6)]
board = ab.Board(model, data, ab.Image("photo"), ab.Classes(["no", "yes"]), name="One input")
"""

SERIES = """
import numpy as np
import torch
from torch import nn
import attriboard as ab


class Reader(nn.Module):
    def forward(self, ecg, state):
        rise = (ecg[:, 0] * torch.linspace(0, 1, ecg.shape[2])).mean(1)
        total = rise + state[:, 0].mean((1, 2))
        return torch.stack([-total, total], 1)


draw = np.random.default_rng(0)
data = [((draw.normal(size=(3, 500)), draw.normal(size=(4, 6, 6))), i % 2) for i in range(12)]
board = ab.Board(
    Reader(),
    data,
    [
        ab.Series("ecg", ["II", "drift", "pulse"], units=["mV", None, "1/min"], rate=250),
        ab.Tensor("state"),
    ],
    ab.Classes(["calm", "peak"]),
    name="Series",
)
"""
