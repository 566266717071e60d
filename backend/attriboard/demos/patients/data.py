"""Patients made in code. The rule: a patient is ill who has at least two of three signs.

The signs are a bright spot in the scan, a cough in the note, and a fever in the columns; each is
there in four of ten patients, whatever the others are. Notes also deny the cough, or speak of
other things, and three columns say nothing about the illness. So it is known what an answer can
come from, in every input.
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

SIDE = 32  # pixels of a scan
SPOT = 3.0  # pixels, the spot's radius
FEVER = 38.0  # degrees, above which it is one
OFTEN = 0.4  # the part of the patients that have a sign, each sign
SIGNS = ("spot", "cough", "fever")
CLASSES = ("well", "ill")
COUNT = 600  # patients of the test split
SMOKES = ("never", "used to", "daily")

COUGHS = ("bad cough", "cough at night", "cough for weeks")
DENIALS = ("no cough", "no cough at night", "never had a cough")
OTHERS = ("sleeps well", "back pain", "travels a lot", "no appetite", "lives alone", "a sore knee")
PAD = "<pad>"
VOCABULARY = (
    PAD,
    *sorted({word for text in (*COUGHS, *DENIALS, *OTHERS) for word in text.split()} | {"and"}),
)
LENGTH = 12  # words

Row = dict[str, float | str]


class Item(TypedDict):
    """One patient, and which signs are there."""

    scan: Image.Image  # grey
    note: str
    numbers: Row
    label: int  # place in CLASSES
    spot: bool
    cough: bool
    fever: bool
    signs: int


class Patients(Dataset[Item]):
    """`count` patients; `seed` alone decides them."""

    def __init__(self, count: int = COUNT, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        self.signs = self._random.random((count, 3)) < OFTEN
        self.spots = self._random.uniform(SPOT + 1, SIDE - SPOT - 2, (count, 2))  # row, column
        self._scans = np.stack([self._scan(index) for index in range(count)])
        self._notes = [self._note(bool(cough)) for cough in self.signs[:, 1]]
        self._rows = [self._row(bool(fever)) for fever in self.signs[:, 2]]

    def __len__(self) -> int:
        return len(self.signs)

    def __getitem__(self, index: int) -> Item:
        spot, cough, fever = (bool(sign) for sign in self.signs[index])
        return Item(
            scan=Image.fromarray(self._scans[index]),
            note=self._notes[index],
            numbers=self._rows[index],
            label=int(spot + cough + fever >= 2),
            spot=spot,
            cough=cough,
            fever=fever,
            signs=spot + cough + fever,
        )

    def tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """All patients as the network reads them: scans, notes, numbers; and the labels."""
        scans = torch.from_numpy(self._scans).float()[:, None] / 255
        notes = torch.tensor([padded(encoded(note)) for note in self._notes])
        rows = torch.tensor([numbers(row) for row in self._rows])
        return scans, notes, rows, torch.from_numpy((self.signs.sum(1) >= 2).astype(np.int64))

    def _scan(self, index: int) -> np.ndarray[Any, Any]:
        """A grey cloud with, or without, a bright spot."""
        coarse = self._random.uniform(0.2, 0.5, (8, 8))
        cloud = np.kron(coarse, np.ones((SIDE // 8, SIDE // 8)))
        cloud += self._random.normal(0, 0.04, (SIDE, SIDE))
        if self.signs[index, 0]:
            rows, columns = np.mgrid[:SIDE, :SIDE]
            far = np.hypot(rows - self.spots[index, 0], columns - self.spots[index, 1])
            cloud += 0.5 * np.clip(SPOT + 0.5 - far, 0, 1)
        pixels: np.ndarray[Any, Any] = (255 * np.clip(cloud, 0, 1)).astype(np.uint8)
        return pixels

    def _note(self, cough: bool) -> str:
        """Two remarks in any order, one of them about a cough or, at times, about none."""
        other, another = self._random.choice(OTHERS, 2, replace=False)
        denied = bool(self._random.integers(0, 2))
        remark = self._random.choice(COUGHS if cough else DENIALS) if cough or denied else another
        both = [str(remark), str(other)]
        return " and ".join(both if self._random.integers(0, 2) else both[::-1])

    def _row(self, fever: bool) -> Row:
        degrees = self._random.uniform(FEVER + 0.4, 40) if fever else self._random.uniform(36, 37.6)
        return {
            "age": float(self._random.integers(18, 90)),
            "temperature": round(float(degrees), 1),
            "pulse": float(self._random.integers(55, 95)),
            "smokes": str(self._random.choice(SMOKES)),
        }


def encoded(note: str) -> list[int]:
    """A note's words as ids."""
    return [VOCABULARY.index(word) for word in note.split()]


def padded(ids: list[int]) -> list[int]:
    """Ids filled up to LENGTH."""
    return ids[:LENGTH] + [VOCABULARY.index(PAD)] * (LENGTH - len(ids))


def numbers(row: Row) -> list[float]:
    """A row as the network reads it: scaled numbers, and one place for each habit."""
    scaled = [
        (float(row["age"]) - 54) / 21,
        (float(row["temperature"]) - 38) / 1.3,
        (float(row["pulse"]) - 75) / 12,
    ]
    return [*scaled, *(float(row["smokes"] == habit) for habit in SMOKES)]
