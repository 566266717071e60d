"""Trains the demo's network and writes its weights: `python -m attriboard.demos.vqa.train`.

A step takes a few pictures with all their questions, so that each picture is seen once for about
ten answers. Pictures are mirrored and shifted, and their background is painted in other pale
colours, with patches: what the network answers must come from the object, whatever lies behind it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from rich.progress import MofNCompleteColumn, Progress
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from attriboard.demos.vqa.data import EasyVqa, Tensors
from attriboard.demos.vqa.model import WEIGHTS, VqaNet, untrained

PICTURES = 16  # a step
STEPS = 1600
# Of 4,000. With more pictures it makes fewer mistakes; from these it is right on 99.5 % and leaves
# what a dashboard for debugging wants to look at: a few dozen.
LEARNED = 700  # pictures
SEED = 1
RATE = 3e-3  # highest learning rate, on a one-cycle schedule
DECAY = 0.01
PALE = 0.88  # backgrounds are painted in colours whose channels lie between this and 1
PATCHES = 3  # rectangles of other colours in the background
SIDES = (6, 24)  # the shortest and the longest side of a patch, in pixels
SHIFT = 3  # pixels
FADED = 0.125  # the part of the pictures that are faded towards the mean colour
FAINT = 0.3  # the strongest contrast that is left of those, of 1


@dataclass(frozen=True)
class Step:
    """Pictures (P, 3, 64, 64), and for each of their questions its picture's place, ids, label."""

    photos: Tensor
    places: Tensor
    questions: Tensor
    labels: Tensor


class Augmentation:
    """Random mirrors, shifts, backgrounds and fading; `generator` alone decides them."""

    def __init__(self, colour: Tensor, generator: torch.Generator) -> None:
        self.colour = colour
        self.generator = generator

    def __call__(self, photos: Tensor) -> Tensor:
        return self.faded(self.shifted(self.mirrored(self.repainted(photos))))

    def faded(self, photos: Tensor) -> Tensor:
        """Some pictures almost gone in the mean colour: there the question must answer alone."""
        count = len(photos)
        chosen = torch.rand(count, 1, 1, 1, generator=self.generator) < FADED
        contrast = FAINT * torch.rand(count, 1, 1, 1, generator=self.generator)
        colour = self.colour[:, None, None]
        return torch.where(chosen, colour + contrast * (photos - colour), photos)

    def repainted(self, photos: Tensor) -> Tensor:
        # More than half of every picture is background in one colour, so the median is that colour.
        colour = photos.flatten(2).median(2).values[:, :, None, None]
        background = (photos == colour).all(1, keepdim=True)
        paint = self._pale(len(photos)).expand_as(photos)
        for _ in range(PATCHES):
            paint = torch.where(self._patch(photos), self._pale(len(photos)), paint)
        return torch.where(background, paint, photos)

    def _pale(self, count: int) -> Tensor:
        """A pale colour for each of `count` pictures, (count, 3, 1, 1)."""
        return PALE + (1 - PALE) * torch.rand(count, 3, 1, 1, generator=self.generator)

    def _patch(self, photos: Tensor) -> Tensor:
        """A rectangle anywhere in each picture: (P, 1, H, W), True inside."""
        rows, columns = (self._span(len(photos), size) for size in photos.shape[2:])
        return rows[:, None, :, None] & columns[:, None, None, :]

    def _span(self, count: int, size: int) -> Tensor:
        lengths = torch.randint(SIDES[0], SIDES[1] + 1, (count, 1), generator=self.generator)
        starts = torch.randint(size, (count, 1), generator=self.generator)
        places = torch.arange(size)
        return (places >= starts) & (places < starts + lengths)

    def mirrored(self, photos: Tensor) -> Tensor:
        chosen = torch.rand(len(photos), 1, 1, 1, generator=self.generator) < 0.5
        return torch.where(chosen, photos.flip(3), photos)

    def shifted(self, photos: Tensor) -> Tensor:
        down, right = torch.randint(2 * SHIFT + 1, (2,), generator=self.generator).tolist()
        height, width = photos.shape[2:]
        padded = functional.pad(photos, (SHIFT,) * 4, mode="replicate")
        return padded[:, :, down : down + height, right : right + width]


def train(data: Tensors, steps: int, seed: int) -> VqaNet:
    """The trained network, in eval mode. The same seed gives the same on the same machine."""
    model = untrained(seed, data.photos.mean((0, 2, 3))).train()
    generator = torch.Generator().manual_seed(seed)
    augment = Augmentation(model.colour, generator)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    with Progress(*Progress.get_default_columns(), MofNCompleteColumn()) as bar:
        task = bar.add_task("Training", total=steps)
        for step in islice(_steps(data, generator), steps):
            seen = model.see(augment(step.photos))
            scores = model.answer(seen[step.places], step.questions)
            loss = functional.cross_entropy(scores, step.labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.update(task, advance=1, description=f"Training, loss {loss.item():.4f}")
    return model.eval()


def _steps(data: Tensors, generator: torch.Generator) -> Iterator[Step]:
    """Steps without end: the pictures in one random order after another."""
    counts = torch.bincount(data.pictures, minlength=len(data.photos))
    rows_of = torch.argsort(data.pictures, stable=True).split(counts.tolist())
    while True:
        for chosen in torch.randperm(len(data.photos), generator=generator).split(PICTURES):
            rows = torch.cat([rows_of[picture] for picture in chosen.tolist()])
            places = torch.arange(len(chosen)).repeat_interleave(counts[chosen])
            yield Step(data.photos[chosen], places, data.questions[rows], data.labels[rows])


def correct(model: VqaNet, data: Tensors) -> Tensor:
    """Which questions the network answers correctly, (N,) bool. Each picture is seen once."""
    with torch.no_grad():
        seen = torch.cat([model.see(part) for part in data.photos.split(100)])
        scores = model.answer(seen[data.pictures], data.questions)
    return scores.argmax(1) == data.labels


def main() -> None:
    """Train, measure on the test split, write the weights."""
    parser = argparse.ArgumentParser(description="Train the network of the demo vqa.")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the safetensors to write")
    given = parser.parse_args()
    torch.set_num_threads(1)  # for so small a network faster than two, and the same everywhere
    model = train(EasyVqa("train").tensors().first(LEARNED), given.steps, given.seed)
    accuracy = correct(model, EasyVqa("test").tensors()).float().mean().item()
    save_file(model.state_dict(), given.out)
    size = sum(parameter.numel() for parameter in model.parameters())
    print(f"{size:,} parameters, test accuracy {accuracy:.4f}, written to {given.out}")


if __name__ == "__main__":
    main()
