"""The network: a CNN sees the scan, another reads the note, a layer takes the columns."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from attriboard.demos.patients.data import CLASSES, SMOKES, VOCABULARY

WEIGHTS = Path(__file__).with_name("patients.safetensors")
PART = 12  # numbers each input is summed up in


class PatientNet(nn.Module):
    """Scores (N, 2) from scans (N, 1, 32, 32), notes (N, L) of ids and numbers (N, 6)."""

    def __init__(self) -> None:
        super().__init__()
        self.scan = nn.Sequential(
            nn.Conv2d(1, 8, 5, 2, padding=2),
            nn.ReLU(),
            nn.Conv2d(8, PART, 3, 2, padding=1),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
        )
        self.embedding = nn.Embedding(len(VOCABULARY), PART)
        self.note = nn.Sequential(
            nn.Conv1d(PART, PART, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten()
        )
        self.numbers = nn.Sequential(nn.Linear(3 + len(SMOKES), PART), nn.ReLU())
        self.head = nn.Sequential(nn.Linear(3 * PART, 24), nn.ReLU(), nn.Linear(24, len(CLASSES)))

    def forward(self, scan: Tensor, note: Tensor, numbers: Tensor) -> Tensor:
        read = self.note(self.embedding(note).transpose(1, 2))
        scores: Tensor = self.head(torch.cat([self.scan(scan), read, self.numbers(numbers)], 1))
        return scores


def trained() -> PatientNet:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    model = untrained(0)
    model.load_state_dict(load_file(WEIGHTS))
    return model


def untrained(seed: int) -> PatientNet:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return PatientNet().eval()
