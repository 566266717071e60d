"""Trains the demo's network and writes its weights: `python -m attriboard.demos.motifs.train`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from rich.progress import track
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from attriboard.demos.motifs.data import SEEDS, SIZES, Tensors, made
from attriboard.demos.motifs.model import WEIGHTS, GraphNet, untrained

ROUNDS = 40  # over the training graphs
BATCH = 64
RATE = 3e-3
DECAY = 1e-4
SEED = 0


def train(data: Tensors, rounds: int, seed: int) -> GraphNet:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    model = untrained(seed).train()
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in track(range(rounds), "Training"):
        for rows in torch.randperm(len(data.labels), generator=generator).split(BATCH):
            scores = model(data.nodes[rows], data.edges[rows])
            loss = functional.cross_entropy(scores, data.labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model.eval()


def correct(model: GraphNet, data: Tensors) -> Tensor:
    """Which graphs the network knows, (N,) bool."""
    with torch.no_grad():
        found: Tensor = model(data.nodes, data.edges).argmax(1) == data.labels
    return found


def main() -> None:
    """Train, measure on the test split, write the weights."""
    parser = argparse.ArgumentParser(description="Train the network of the demo motifs.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the safetensors to write")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = train(made(SIZES["train"], SEEDS["train"]), given.rounds, given.seed)
    right = correct(model, made(SIZES["test"], SEEDS["test"])).float().mean().item()
    save_file(model.state_dict(), given.out)
    print(f"Test accuracy {right:.4f}, written to {given.out}")


if __name__ == "__main__":
    main()
