"""Trains the demo's network and writes its weights: `python -m attriboard.demos.patients.train`.

At each step one input of some patients is put away (a flat scan, an empty note, usual numbers),
which counts as no sign: so the network knows what to answer where an input is missing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from attriboard.demos.patients.data import VOCABULARY, Patients
from attriboard.demos.patients.model import WEIGHTS, PatientNet, untrained

COUNT = 6000  # patients to learn from
STEPS = 1500
BATCH = 128
SEED = 0
RATE = 4e-3  # highest learning rate, on a one-cycle schedule
AWAY = 0.15  # the part of the patients that have an input put away, each input


def train(patients: Patients, steps: int, seed: int) -> PatientNet:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    model = untrained(seed).train()
    scans, notes, rows, _ = patients.tensors()
    signs = torch.from_numpy(patients.signs)
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in track(range(steps), "Training"):
        chosen = torch.randint(len(scans), (BATCH,), generator=generator)
        away = torch.rand(BATCH, 3, generator=generator) < AWAY
        inputs = put_away((scans[chosen], notes[chosen], rows[chosen]), away)
        labels = ((signs[chosen] & ~away).sum(1) >= 2).long()
        loss = functional.cross_entropy(model(*inputs), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return model.eval()


def put_away(inputs: tuple[Tensor, Tensor, Tensor], away: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The inputs with those marked in `away` (N, 3) replaced by ones without a sign."""
    scans, notes, rows = inputs
    flat = scans.mean((1, 2, 3), keepdim=True).expand_as(scans)
    empty = torch.full_like(notes, VOCABULARY.index("<pad>"))
    usual = rows.clone()
    usual[:, 1] = -0.7  # 37.1 degrees
    return (
        torch.where(away[:, 0, None, None, None], flat, scans),
        torch.where(away[:, 1, None], empty, notes),
        torch.where(away[:, 2, None], usual, rows),
    )


def accuracy(model: PatientNet, patients: Patients) -> float:
    """The part of the patients the network is right about."""
    scans, notes, rows, labels = patients.tensors()
    with torch.no_grad():
        found = model(scans, notes, rows).argmax(1)
    return float((found == labels).float().mean())


def main() -> None:
    """Train, measure on the test split, write the weights."""
    parser = argparse.ArgumentParser(description="Train the network of the demo patients.")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the safetensors to write")
    given = parser.parse_args()
    torch.set_num_threads(1)  # for so small a network faster than two, and the same everywhere
    model = train(Patients(COUNT, seed=0), given.steps, given.seed)
    save_file(model.state_dict(), given.out)
    print(f"Right on {accuracy(model, Patients()):.3f} of the test split, written to {given.out}")


if __name__ == "__main__":
    main()
