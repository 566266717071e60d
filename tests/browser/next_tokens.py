"""A decoder of a large vocabulary that has learned nothing: what counts is how it is asked."""

from __future__ import annotations

import torch
from torch import nn

import attriboard as ab

WORDS = [f"word{index}" for index in range(3000)]

torch.manual_seed(0)
board = ab.Board(
    nn.Sequential(nn.Embedding(3000, 8), nn.Linear(8, 3000)),
    [("word1 word2 word3", "word4"), ("word5 word6", "word7")],
    ab.Text("text", lambda said: [WORDS.index(w) for w in said.split()], vocabulary=WORDS),
    ab.NextToken(WORDS),
    name="Next words",
)
