"""The network: a CNN sees the picture, a GRU reads the question, and their product answers."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from attriboard.demos.vqa.data import ANSWERS
from attriboard.demos.vqa.words import VOCABULARY

WEIGHTS = Path(__file__).with_name("vqa.safetensors")

WORD = 32  # numbers a word's embedding
SEEN = 96  # numbers the picture and the question are each summed up in
SPREAD = 0.25  # roughly the standard deviation of the pictures' values


class VqaNet(nn.Module):
    """Scores of the 13 answers, (N, 13), from photos (N, 3, 64, 64) in 0 to 1 and ids (N, L).

    Picture v and question h are fused as [v * h, v, h]. The GRU reads the padding too, so that
    its last state needs no mask and a row does not depend on the others in its batch.
    """

    colour: Tensor

    def __init__(self) -> None:
        super().__init__()
        # The training pictures' mean colour, kept with the weights; training sets it.
        self.register_buffer("colour", torch.full((3,), 0.5))
        self.cnn = nn.Sequential(
            *_block(3, 16, stride=2),
            nn.MaxPool2d(2),
            *_block(16, 48),
            nn.MaxPool2d(2),
            *_block(48, 128),
            nn.AdaptiveAvgPool2d(1),  # what is there, wherever it is
            nn.Flatten(),
            nn.Linear(128, SEEN),
            nn.Tanh(),
        )
        self.embedding = nn.Embedding(len(VOCABULARY), WORD)
        self.gru = nn.GRU(WORD, SEEN, batch_first=True)
        self.head = nn.Sequential(
            nn.Linear(3 * SEEN, SEEN), nn.ReLU(), nn.Linear(SEEN, len(ANSWERS))
        )

    def forward(self, photo: Tensor, question: Tensor) -> Tensor:
        return self.answer(self.see(photo), question)

    def see(self, photo: Tensor) -> Tensor:
        """The picture summed up, (N, 96)."""
        seen: Tensor = self.cnn((photo - self.colour[:, None, None]) / SPREAD)
        return seen

    def answer(self, seen: Tensor, question: Tensor) -> Tensor:
        """Scores (N, 13) for pictures already seen (N, 96) and questions (N, L)."""
        _, state = self.gru(self.embedding(question))
        read = state[0]
        scores: Tensor = self.head(torch.cat([seen * read, seen, read], 1))
        return scores


def trained() -> VqaNet:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        model = VqaNet()
    model.load_state_dict(load_file(WEIGHTS))
    return model.eval()


def untrained(seed: int, colour: Tensor) -> VqaNet:
    """The same network as `seed` initialises it, in eval mode; `colour` is the mean colour (3,)."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = VqaNet()
    model.colour.copy_(colour)
    return model.eval()


def _block(channels: int, wider: int, stride: int = 1) -> tuple[nn.Module, ...]:
    """A convolution, normalised and rectified; `stride` divides height and width."""
    convolution = nn.Conv2d(channels, wider, 3, stride, padding=1, bias=False)
    return convolution, nn.BatchNorm2d(wider), nn.ReLU()
