"""Trains the demo's network and writes its weights: `python -m attriboard.demos.clips.train`.

Each step makes new clips of the training digits. The network is told which digit is there, never
where or when.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from rich.progress import MofNCompleteColumn, Progress
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from attriboard.demos.clips.data import Clips, drawn
from attriboard.demos.clips.model import WEIGHTS, ClipsNet, untrained

CLIPS = 32  # a step
STEPS = 500
SEED = 1
RATE = 6e-3  # highest learning rate, on a one-cycle schedule
DECAY = 0.01


def train(steps: int, seed: int) -> ClipsNet:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    model = untrained(seed).train()
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as bar:
        task = bar.add_task("Training", total=steps)
        for _ in range(steps):
            batch = drawn("train", CLIPS, generator)
            loss = functional.cross_entropy(model(batch.clips), batch.labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.update(task, advance=1, description=f"Training, loss {loss.item():.4f}")
    return model.eval()


def correct(model: ClipsNet, data: Clips) -> Tensor:
    """Which clips are called by their digit, (N,) bool."""
    with torch.no_grad():
        scores = torch.cat([model(part) for part in data.drawn.clips.split(50)])
    return scores.argmax(1) == data.drawn.labels


def main() -> None:
    """Train, measure on clips of digits never seen, write the weights."""
    parser = argparse.ArgumentParser(description="Train the network of the demo clips.")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the safetensors to write")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = train(given.steps, given.seed)
    accuracy = correct(model, Clips("test")).float().mean().item()
    save_file(model.state_dict(), given.out)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(f"{size:,} parameters, {accuracy:.4f} of the clips right, written to {given.out}")


if __name__ == "__main__":
    main()
