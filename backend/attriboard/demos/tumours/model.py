"""The network: one hidden layer over the thirty columns."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

WEIGHTS = Path(__file__).with_name("tumours.safetensors")
HIDDEN = 24


class TumourNet(nn.Module):
    """Scores of malignant and benign, (N, 2), from standardised rows (N, 30)."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(30, HIDDEN)
        self.relu = nn.ReLU()
        self.head = nn.Linear(HIDDEN, 2)

    def forward(self, tumour: Tensor) -> Tensor:
        scores: Tensor = self.head(self.relu(self.hidden(tumour)))
        return scores


def trained() -> TumourNet:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    model = untrained(0)
    model.load_state_dict(load_file(WEIGHTS))
    return model


def untrained(seed: int) -> TumourNet:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return TumourNet().eval()
