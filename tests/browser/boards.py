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

UNTRAINED = """
import torch
from torch import nn
from torch.nn.functional import dropout
import attriboard as ab

torch.manual_seed(0)


class Random(nn.Module):
    # Never trained, and draws at random in eval mode too.
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(48, 2)

    def forward(self, photo):
        return self.head(dropout(photo.flatten(1), 0.5, training=True))


class Mixing(Random):
    # Reads its neighbours in the batch.
    def forward(self, photo):
        said = self.head(photo.flatten(1))
        return said - said.mean(0)


data = [(torch.rand(3, 4, 4), i % 2) for i in range(60)]
models = {"random": Random(), "mixing": Mixing()}
board = ab.Board(models, data, ab.Image("photo"), ab.Classes(["no", "yes"]), name="Untrained")
"""

ROW_AND_SOUND = """
import torch
from torch import nn
import attriboard as ab

RATE, SIZE = 8000, 12


class Both(nn.Module):
    # Says "loud" where the sound's loudest half, weighed by the row's gain, is over a bound.
    def forward(self, row, sound):
        late = sound[:, sound.shape[1] // 2 :].abs().mean(1)
        score = 8 * late * row[:, 0] + 0.1 * row[:, 1] - 1
        return torch.stack([-score, score], 1)


def sound(i):
    torch.manual_seed(i)
    wave = 0.01 * torch.randn(RATE // 2)
    wave[-RATE // 8 :] += 0.5 * torch.sin(torch.arange(RATE // 8) / 3)
    return wave


data = [
    {"gain": 0.1 + i / SIZE, "noise": i % 3 / 3, "sound": sound(i), "label": int(i > SIZE / 2)}
    for i in range(SIZE)
]
board = ab.Board(
    Both(),
    data,
    inputs=[ab.Tabular("row", ["gain", "noise"]), ab.Audio("sound", rate=RATE)],
    output=ab.Classes(["quiet", "loud"]),
    name="Row and sound",
)
"""
