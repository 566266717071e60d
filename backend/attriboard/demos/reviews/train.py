"""Trains the demo's network and writes its weights: `python -m attriboard.demos.reviews.train`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import torch
from rich.progress import MofNCompleteColumn, Progress
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from attriboard.demos.reviews.data import Item, Reviews, reviews
from attriboard.demos.reviews.model import WEIGHTS, WordCnn, untrained

SENTENCES = 64  # a step
EPOCHS = 8
SEED = 1
RATE = 3e-3  # highest learning rate, on a one-cycle schedule
DECAY = 0.02

Read: TypeAlias = Callable[[Reviews, Sequence[Item]], Tensor]  # sentences to ids (N, L)


def train(data: Reviews, steps: int, seed: int) -> WordCnn:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    model = untrained(seed, len(data.vocabulary)).train()
    fitted(model, data, steps, seed, RATE, DECAY, padded)
    return model.eval()


def fitted(
    model: nn.Module,
    data: Reviews,
    steps: int,
    seed: int,
    rate: float,
    decay: float,
    read: Read,
) -> None:
    """Fits `model` to the training sentences; dropout too is drawn from `seed`."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    with (
        torch.random.fork_rng(devices=[]),
        Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as bar,
    ):
        torch.manual_seed(seed)
        task = bar.add_task("Training", total=steps)
        for ids, labels in islice(batches(data, seed, read), steps):
            loss = functional.cross_entropy(model(ids), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.update(task, advance=1, description=f"Training, loss {loss.item():.4f}")


def batches(data: Reviews, seed: int, read: Read) -> Iterator[tuple[Tensor, Tensor]]:
    """Steps without end: the training sentences in one random order after another."""
    items = data.split(tested=False)
    generator = torch.Generator().manual_seed(seed)
    while True:
        for chosen in torch.randperm(len(items), generator=generator).split(SENTENCES):
            part = [items[place] for place in chosen.tolist()]
            yield read(data, part), torch.tensor([item["label"] for item in part])


def padded(data: Reviews, items: Sequence[Item]) -> Tensor:
    """Ids (N, L), as long as the longest, padded at the end."""
    rows = [torch.tensor(data.ids(item["sentence"])) for item in items]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


def confidence(model: nn.Module, data: Reviews, read: Read) -> Tensor:
    """The probability of "positive" for each test sentence, (N,)."""
    items = data.split(tested=True)
    parts = [items[start : start + 200] for start in range(0, len(items), 200)]
    with torch.no_grad():
        return torch.cat([model(read(data, part)) for part in parts]).softmax(1)[:, 1]


def correct(model: nn.Module, data: Reviews, read: Read) -> Tensor:
    """Which test sentences the network reads correctly, (N,) bool."""
    labels = torch.tensor([item["label"] for item in data.split(tested=True)])
    return (confidence(model, data, read) > 0.5) == labels.bool()


def main() -> None:
    """Train, measure on the test split, write the weights in half precision."""
    parser = argparse.ArgumentParser(description="Train the network of the demo reviews.")
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
