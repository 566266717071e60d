"""Breast cancer Wisconsin, diagnostic (Wolberg, Street and Mangasarian 1995), from scikit-learn.

Ten properties of the cells' nuclei in 569 pictures, each as the mean over a picture's nuclei, the
standard error of that mean, and the mean of the three worst.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypedDict

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from attriboard.demos.packages import needed
from attriboard.inputs import Column

CLASSES = ("malignant", "benign")
PROPERTIES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)
SUMMARIES = ("mean", "error", "worst")
EVERY = 2  # every second tumour is kept for the test split, so that there are mistakes to look at
SEED = 0


class Item(TypedDict):
    """One tumour: its thirty numbers, what it was, and which split it is in."""

    tumour: np.ndarray[Any, Any]  # (30,)
    label: int  # place in CLASSES
    split: str


@dataclass(frozen=True)
class Tumours:
    """All tumours; `rows` are standardised by the training split's mean and deviation."""

    numbers: np.ndarray[Any, Any]  # (569, 30)
    rows: Tensor  # (569, 30)
    labels: Tensor  # (569,)
    tested: Tensor  # (569,), True in the test split
    mean: Tensor  # (30,)
    std: Tensor  # (30,)

    def columns(self) -> list[Column]:
        """Thirty columns; those of one property form a group."""
        names = [(summary, name) for summary in SUMMARIES for name in PROPERTIES]
        scales = zip(names, self.mean.tolist(), self.std.tolist(), strict=True)
        return [
            Column(f"{name}, {summary}", mean=mean, std=std, group=name)
            for (summary, name), mean, std in scales
        ]


class Measured(Dataset[Item]):
    """The tumours of both splits."""

    def __init__(self) -> None:
        self.data = tumours()

    def __len__(self) -> int:
        return len(self.data.rows)

    def __getitem__(self, index: int) -> Item:
        split = "test" if bool(self.data.tested[index]) else "train"
        return Item(
            tumour=self.data.numbers[index], label=int(self.data.labels[index]), split=split
        )


@cache
def tumours() -> Tumours:
    """The data, split by a seed. Raises AttriboardError where scikit-learn is not installed."""
    found = needed("sklearn.datasets", "scikit-learn").load_breast_cancer()
    rows = torch.from_numpy(found.data).float()
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(SEED))
    tested = torch.zeros(len(rows), dtype=torch.bool)
    tested[order[::EVERY]] = True
    mean, std = rows[~tested].mean(0), rows[~tested].std(0)
    labels = torch.from_numpy(found.target).long()
    return Tumours(found.data, (rows - mean) / std, labels, tested, mean, std)
