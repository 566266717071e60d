"""Spoken characters of the package `captcha` (BSD-3), placed in noise: where speech is, is known.

Each sound of 1.5 seconds has faint noise throughout and a burst of noise, louder than the voice,
beside the character. Every fourth has the burst alone, and no speech.
"""

from __future__ import annotations

import string
import wave
from functools import cache
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from attriboard.demos.packages import needed

RATE = 16_000  # samples a second
CHARACTERS = string.digits + string.ascii_uppercase
CLASSES = ("no speech", "speech")
SAMPLES = 24_000
BURST = 4_800
APART = 800  # samples between the character and the burst, and at both ends
LOUD = 0.1  # root mean square of the character
LOUDER = 0.15  # of the burst
FAINT = 0.015  # of the noise throughout
TURNS = 4  # each character comes so often, the last time without being spoken


class Item(TypedDict):
    """One sound, and what the catalog can filter by."""

    sound: Tensor  # (24000,), float32
    label: int  # place in CLASSES
    character: str
    start: float | None  # of the character, in seconds; None where none is spoken
    end: float | None


class Spoken(Dataset[Item]):
    """The sounds, the same each time. A recording is read when its item is."""

    def __init__(self) -> None:
        needed("captcha", "captcha")

    def __len__(self) -> int:
        return TURNS * len(CHARACTERS)

    def __getitem__(self, index: int) -> Item:
        character, generator = CHARACTERS[index // TURNS], torch.Generator().manual_seed(index)
        spoken = index % TURNS != TURNS - 1
        sound = FAINT * torch.randn(SAMPLES, generator=generator)
        voice = recording(character)
        first, second = _places(len(voice), generator)
        if spoken:
            sound[first : first + len(voice)] += voice
        sound[second : second + BURST] += LOUDER * torch.randn(BURST, generator=generator)
        start, end = first / RATE, (first + len(voice)) / RATE
        return Item(
            sound=sound,
            label=int(spoken),
            character=character,
            start=round(start, 3) if spoken else None,
            end=round(end, 3) if spoken else None,
        )

    def span(self, index: int) -> tuple[int, int]:
        """The first sample of the character and the one after its last."""
        generator = torch.Generator().manual_seed(index)
        torch.randn(SAMPLES, generator=generator)
        count = len(recording(CHARACTERS[index // TURNS]))
        first, _ = _places(count, generator)
        return first, first + count


@cache
def recording(character: str) -> Tensor:
    """A spoken character at 16,000 samples a second, as loud as `LOUD`."""
    folder = Path(needed("captcha", "captcha").__file__ or "").parent / "data"
    with wave.open(str(folder / character / "default.wav")) as file:
        body = np.frombuffer(file.readframes(file.getnframes()), np.uint8)
    low = torch.from_numpy(body.astype(np.float32) / 128 - 1)  # 8,000 samples a second
    found = torch.nn.functional.interpolate(
        low[None, None], scale_factor=2.0, mode="linear", align_corners=False
    )[0, 0]
    loud: Tensor = found * (LOUD / found.square().mean().sqrt())
    return loud


def _places(count: int, generator: torch.Generator) -> tuple[int, int]:
    """Where the character and the burst begin: one after the other, in either order."""
    free = SAMPLES - count - BURST - 3 * APART
    before, between = sorted(_draw(free, generator) for _ in range(2))
    if _draw(2, generator):
        first = APART + before
        return first, first + count + APART + between - before
    second = APART + before
    return second + BURST + APART + between - before, second


def _draw(below: int, generator: torch.Generator) -> int:
    return int(torch.randint(below, (1,), generator=generator))
