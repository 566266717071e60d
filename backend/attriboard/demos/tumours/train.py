"""Trains the demo's network and writes its weights: `python -m attriboard.demos.tumours.train`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from attriboard.demos.tumours.data import Tumours, tumours
from attriboard.demos.tumours.model import WEIGHTS, TumourNet, untrained

STEPS = 400
SEED = 0
RATE = 3e-3
DECAY = 0.05


def train(data: Tumours, steps: int, seed: int) -> TumourNet:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    model = untrained(seed).train()
    rows, labels = data.rows[~data.tested], data.labels[~data.tested]
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in track(range(steps), "Training"):
        loss = functional.cross_entropy(model(rows), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.eval()


def correct(model: TumourNet, data: Tumours) -> Tensor:
    """Which tumours of the test split the network tells right, (N,) bool."""
    with torch.no_grad():
        found: Tensor = model(data.rows[data.tested]).argmax(1) == data.labels[data.tested]
    return found


def main() -> None:
    """Train, measure on the test split, write the weights."""
    parser = argparse.ArgumentParser(description="Train the network of the demo tumours.")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the safetensors to write")
    given = parser.parse_args()
    torch.set_num_threads(1)  # for so small a network faster than two, and the same everywhere
    data = tumours()
    model = train(data, given.steps, given.seed)
    save_file(model.state_dict(), given.out)
    accuracy = float(correct(model, data).float().mean())
    print(f"Right on {accuracy:.3f} of the test split, written to {given.out}")


if __name__ == "__main__":
    main()
