"""Trains the demo's network and writes its weights: `python -m attriboard.demos.housing.train`.

Rows are shaken a little at every step: there are 379 of them, and the network has 6,900 weights.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from attriboard.demos.housing.data import Housing, housing
from attriboard.demos.housing.model import WEIGHTS, HousingNet, untrained

STEPS = 3000
BATCH = 64
SEED = 2
RATE = 3e-3  # highest learning rate, on a one-cycle schedule
DECAY = 0.1
SHAKEN = 0.1  # standard deviations of each column


def train(data: Housing, steps: int, seed: int) -> HousingNet:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    model = untrained(seed).train()
    rows, prices = data.rows[~data.tested], data.prices[~data.tested]
    with torch.no_grad():
        model.layers.get_parameter("lin4.bias").fill_(prices.mean())
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in track(range(steps), "Training"):
        chosen = torch.randint(len(rows), (BATCH,), generator=generator)
        noise = SHAKEN * torch.randn(BATCH, rows.shape[1], generator=generator)
        loss = functional.mse_loss(model(rows[chosen] + noise), prices[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return model.eval()


def error(model: HousingNet, rows: Tensor, prices: Tensor) -> float:
    """The root mean squared error, in k$."""
    with torch.no_grad():
        return float(functional.mse_loss(model(rows), prices).sqrt())


def main() -> None:
    """Train, measure on the test split, write the weights."""
    parser = argparse.ArgumentParser(description="Train the network of the demo housing.")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the safetensors to write")
    given = parser.parse_args()
    torch.set_num_threads(1)  # for so small a network faster than two, and the same everywhere
    data = housing()
    model = train(data, given.steps, given.seed)
    save_file(model.state_dict(), given.out)
    missed = error(model, data.rows[data.tested], data.prices[data.tested])
    print(f"Off by {missed:.2f} k$ on the test split (root mean square), written to {given.out}")


if __name__ == "__main__":
    main()
