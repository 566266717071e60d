"""Means with their 95 % intervals."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]
Z = NormalDist().inv_cdf(0.975)


def mean_interval(values: Numbers) -> tuple[float, float] | None:
    """The 95 % interval of the mean of `values`, (N,); None where fewer than two are known.

    Shares, whose values are all 0 or 1, get Wilson's interval (Wilson 1927), which stays within
    0 and 1 and is no point where all agree; other numbers get Student's.
    """
    count = len(values)
    if count < 2:
        return None
    mean = float(values.mean())
    if bool(np.isin(values, (0, 1)).all()):
        return wilson(mean, count)
    half = student(count - 1) * float(values.std(ddof=1)) / math.sqrt(count)
    return mean - half, mean + half


def wilson(share: float, count: int) -> tuple[float, float]:
    """The interval of a share of `count` draws."""
    scale = 1 + Z * Z / count
    middle = (share + Z * Z / (2 * count)) / scale
    half = Z / scale * math.sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def student(freedom: int) -> float:
    """The 97.5 % quantile of Student's t with `freedom` degrees of freedom, to 0.2 %.

    Closed forms for one and two degrees; else its expansion about the normal quantile (Abramowitz
    and Stegun 1964, 26.7.5).
    """
    if freedom == 1:
        return math.tan(math.pi * 0.475)
    if freedom == 2:
        return 0.95 * math.sqrt(2 / (1 - 0.95**2))
    z, v = Z, freedom
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * v**4)
    )
