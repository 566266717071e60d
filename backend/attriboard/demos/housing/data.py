"""Boston housing (Harrison and Rubinfeld 1978), from the package mlxtend: 506 census tracts.

The column `b` is a formula of the share of Black residents, by which the authors asked whether
people pay to live apart. A model fitted to these prices has it at hand. That is one of the things
this board is there to look at.
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

TESTED = 127  # tracts the network never sees in training, a quarter
SEED = 0

# Name, unit, group, as the data's authors describe them.
MEANING: tuple[tuple[str, str | None, str | None], ...] = (
    ("crime", "per person", "people"),
    ("large lots", "%", "land"),
    ("industry", "%", "land"),
    ("at the river", None, "land"),
    ("nitric oxides", "parts per 10 million", "land"),
    ("rooms", None, "house"),
    ("built before 1940", "%", "house"),
    ("way to work", "miles", "place"),
    ("highways", "index", "place"),
    ("tax", "$ per $10,000", "place"),
    ("pupils per teacher", None, "place"),
    ("b", "1000 (share - 0.63)²", "people"),
    ("lower status", "%", "people"),
)


class Item(TypedDict):
    """One census tract: its thirteen numbers, its median price, and which split it is in."""

    tract: np.ndarray[Any, Any]  # (13,), in the columns' own units
    label: float  # k$
    split: str


@dataclass(frozen=True)
class Housing:
    """All tracts; `rows` are standardised by the training split's mean and standard deviation."""

    numbers: np.ndarray[Any, Any]  # (506, 13), in the columns' own units
    rows: Tensor  # (506, 13), as the network reads them
    prices: Tensor  # (506,), k$
    tested: Tensor  # (506,), True in the test split
    mean: Tensor  # (13,)
    std: Tensor  # (13,)

    def columns(self) -> list[Column]:
        """The columns, with the scale that reads the network's numbers back."""
        scales = zip(MEANING, self.mean.tolist(), self.std.tolist(), strict=True)
        return [
            Column(name, unit, mean=mean, std=std, group=group)
            for (name, unit, group), mean, std in scales
        ]


class Tracts(Dataset[Item]):
    """Every tract, those of both splits."""

    def __init__(self) -> None:
        self.data = housing()

    def __len__(self) -> int:
        return len(self.data.rows)

    def __getitem__(self, index: int) -> Item:
        split = "test" if bool(self.data.tested[index]) else "train"
        return Item(
            tract=self.data.numbers[index], label=float(self.data.prices[index]), split=split
        )


@cache
def housing() -> Housing:
    """The data, split by a seed. Raises AttriboardError where mlxtend is not installed."""
    numbers, prices = needed("mlxtend.data", "mlxtend").boston_housing_data()
    rows = torch.from_numpy(numbers).float()
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(SEED))
    tested = torch.zeros(len(rows), dtype=torch.bool)
    tested[order[:TESTED]] = True
    mean, std = rows[~tested].mean(0), rows[~tested].std(0)
    return Housing(
        numbers, (rows - mean) / std, torch.from_numpy(prices).float(), tested, mean, std
    )
