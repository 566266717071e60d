"""A board of two models: the demo's trained network, and the same with noise on its weights."""

from __future__ import annotations

import torch
from torch.utils.data import Subset

import attriboard as ab
from attriboard.demos.vqa.data import ANSWERS, EasyVqa
from attriboard.demos.vqa.model import VqaNet, trained
from attriboard.demos.vqa.words import LENGTH, PAD, UNK, VOCABULARY, words

SIZE = 300
NOISE = 0.4  # of each weight's standard deviation: it errs on about a quarter


def noisy() -> VqaNet:
    model = trained()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            draw = torch.randn(parameter.shape, generator=generator)
            parameter += NOISE * parameter.std() * draw
    return model


board = ab.Board(
    {"trained": trained(), "noisy": noisy()},
    Subset(EasyVqa("test"), range(SIZE)),
    inputs=[
        ab.Image("photo"),
        ab.Text("question", words, vocabulary=VOCABULARY, pad=PAD, unk=UNK, length=LENGTH),
    ],
    output=ab.Classes(ANSWERS),
    name="Two models",
)
