"""Trains the demo's network and writes its weights: `python -m attriboard.demos.digits.train`.

Each step makes new mosaics of the training digits. The network is told which four digits are
there, never where.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from rich.progress import MofNCompleteColumn, Progress
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from attriboard.demos.digits.data import Mosaics, digits, drawn, mosaics, present
from attriboard.demos.digits.model import WEIGHTS, DigitsNet, untrained

MOSAICS = 32  # a step
STEPS = 900
SEED = 1
RATE = 4e-3  # highest learning rate, on a one-cycle schedule
DECAY = 0.01
SHIFT = 2  # pixels a digit is moved in its cell at most


def train(steps: int, seed: int) -> DigitsNet:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    pictures, labels = digits("train")
    model = untrained(seed).train()
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as bar:
        task = bar.add_task("Training", total=steps)
        for _ in range(steps):
            rows = drawn(labels, MOSAICS, generator)
            scores = model(mosaics(_shifted(pictures[rows], generator)))
            loss = functional.binary_cross_entropy_with_logits(scores, present(labels[rows]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.update(task, advance=1, description=f"Training, loss {loss.item():.4f}")
    return model.eval()


def _shifted(four: Tensor, generator: torch.Generator) -> Tensor:
    down, right = torch.randint(-SHIFT, SHIFT + 1, (2,), generator=generator).tolist()
    return four.roll((down, right), (2, 3))


def correct(model: DigitsNet, data: Mosaics) -> Tensor:
    """For which mosaics all ten answers are right, (N,) bool."""
    with torch.no_grad():
        scores = torch.cat([model(part) for part in data.pictures.split(100)])
    return ((scores > 0) == present(data.placed).bool()).all(1)


def main() -> None:
    """Train, measure on mosaics of digits never seen, write the weights."""
    parser = argparse.ArgumentParser(description="Train the network of the demo digits.")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the safetensors to write")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = train(given.steps, given.seed)
    accuracy = correct(model, Mosaics("test")).float().mean().item()
    save_file(model.state_dict(), given.out)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(f"{size:,} parameters, all of a mosaic right in {accuracy:.4f}, written to {given.out}")


if __name__ == "__main__":
    main()
