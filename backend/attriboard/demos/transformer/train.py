"""Trains the demo's network, writes its weights: `python -m attriboard.demos.transformer.train`."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from attriboard.demos.reviews.data import Reviews, reviews
from attriboard.demos.reviews.train import SENTENCES, correct, fitted
from attriboard.demos.transformer.data import padded, vocabulary
from attriboard.demos.transformer.model import WEIGHTS, Encoder, untrained

EPOCHS = 6
SEED = 1
RATE = 2e-3  # highest learning rate, on a one-cycle schedule
DECAY = 0.05


def train(data: Reviews, steps: int, seed: int) -> Encoder:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    model = untrained(seed, len(vocabulary(data))).train()
    fitted(model, data, steps, seed, RATE, DECAY, padded)
    return model.eval()


def main() -> None:
    """Train, measure on the test split, write the weights in half precision."""
    parser = argparse.ArgumentParser(description="Train the network of the demo transformer.")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the safetensors to write")
    given = parser.parse_args()
    torch.set_num_threads(1)
    data = reviews()
    steps = given.epochs * -(-len(data.split(tested=False)) // SENTENCES)
    model = train(data, steps, given.seed)
    accuracy = correct(model, data, padded).float().mean().item()
    save_file({name: tensor.half() for name, tensor in model.state_dict().items()}, given.out)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(f"{size:,} parameters, test accuracy {accuracy:.4f}, written to {given.out}")


if __name__ == "__main__":
    main()
