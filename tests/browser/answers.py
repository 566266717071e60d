"""How likely a given answer is to a decoder of vectors, which is also told a scale."""

from __future__ import annotations

import torch
from torch import Tensor, nn

import attriboard as ab

WORDS = ["<pad>", "who", "is", "it", "me", "you"]


class Decoder(nn.Module):
    """Vectors (N, L, 8) and a scale (N,) to the scores of what follows each word (N, L, V)."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.read = nn.GRU(8, 12, batch_first=True)
        self.tell = nn.Linear(12, len(WORDS))

    def forward(self, vectors: Tensor, scale: Tensor) -> Tensor:
        scores: Tensor = self.tell(self.read(vectors)[0]) * scale[:, None, None]
        return scores


def encoded(text: str) -> list[int]:
    return [WORDS.index(word) for word in text.split()]


torch.manual_seed(1)
words = nn.Embedding(len(WORDS), 8)
data = [
    {"text": f"who is\n{who}", "scale": 1.0 + who_place, "answer": [-100, -100, WORDS.index(who)]}
    for who_place, who in enumerate(["it", "me", "you"])
]
board = ab.Board(
    Decoder(),
    data,
    [
        ab.Text("text", encoded, embedding=words, vocabulary=WORDS),
        ab.Extra("scale"),
        ab.Extra("answer", passed=False),
    ],
    ab.SequenceScore("answer"),
    name="Answers",
)
