"""What one method's figures come to over many examples: means with their intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import Tensor

from attriboard import engine
from attriboard.jobs.faithfulness import STEPS
from attriboard.jobs.interval import mean_of
from attriboard.jobs.provenance import Meta

CURVES = {"deletion": 1, "insertion": -1}
"""Which way a faithful method's area lies: the random order's less its own, or the opposite."""
MOST_TOP = 10

Vectors = dict[int, Tensor]
"""How strong each feature is, (G,), by example."""


def figures(results: Sequence[Meta], measured: Sequence[Meta], sparse: Sequence[float]) -> Meta:
    """Means by name, None where a figure is not defined for any example."""
    metrics = [meta["metrics"] for meta in measured]
    found = {
        "gap": [meta["gap"] for meta in results],
        "infidelity": [each["infidelity"] for each in metrics],
        "sensitivity_max": [each["sensitivity_max"] for each in metrics],
        "sparseness": sparse,
        "passes": [meta["passes"] for meta in results],
        "seconds": [meta["seconds"] for meta in results],
    }
    for kind, side in CURVES.items():
        curves = [each[kind] or {} for each in metrics]
        found[kind] = [curve.get("auc") for curve in curves]
        found[f"{kind}_control"] = [curve.get("control") for curve in curves]
        found[f"{kind}_gain"] = [_gain(curve, side) for curve in curves]
    return {name: _json(values) for name, values in found.items()}


def curves(measured: Sequence[Meta]) -> Meta:
    """The mean curve of each kind at the same shares for all examples; None where there is none."""
    found = ([meta["metrics"][kind] for meta in measured] for kind in CURVES)
    return {kind: _curve(each) for kind, each in zip(CURVES, found, strict=True)}


def randomisation(checked: Sequence[Meta]) -> Meta | None:
    """Mean similarity at each step, with its interval; None where nothing was checked."""
    found = [each for meta in checked if (each := meta["metrics"]["randomisation"]) is not None]
    if not found:
        return None
    steps = zip(*(each["similarity"] for each in found), strict=True)
    means = [_json(values) for values in steps]
    return {"layers": found[0]["layers"], "similarity": means, "count": len(found)}


def warnings(metas: Sequence[Meta]) -> list[Meta]:
    """Each different sentence with the number of examples it was said of, the most said first."""
    said = Counter(text for meta in metas for text in meta["warnings"])
    return [{"text": text, "count": count} for text, count in said.most_common()]


def agreement(columns: Sequence[Vectors]) -> list[Meta]:
    """How far each two columns agree on which features are strong, over their examples."""
    return [
        {"pair": [i, j], **_pair(columns[i], columns[j])}
        for i, j in combinations(range(len(columns)), 2)
    ]


def _pair(one: Vectors, other: Vectors) -> Meta:
    both = [(one[i].abs()[None], other[i].abs()[None]) for i in one if i in other]
    alike = [(a, b) for a, b in both if a.shape == b.shape]
    ranks = [float(engine.rank_agreement(a, b)) for a, b in alike]
    tops = [float(engine.top_agreement(a, b, top_count(a.shape[1]))) for a, b in alike]
    return {"rank": _json(ranks), "top": _json(tops)}


def top_count(features: int) -> int:
    """How many of so many features are called the strongest: a quarter, at most ten."""
    return max(1, min(MOST_TOP, -(-features // 4)))


def _gain(curve: Meta, side: int) -> float | None:
    auc, control = curve.get("auc"), curve.get("control")
    return None if auc is None or control is None else side * (control - auc)


def _curve(found: Sequence[Meta | None]) -> Meta | None:
    """Curves of examples with few features have fewer points: all are read at the same shares."""
    known = [curve for curve in found if curve is not None and curve["auc"] is not None]
    if not known:
        return None
    shares = np.linspace(0, 1, STEPS + 1)
    read = {
        name: np.mean([np.interp(shares, c["shares"], c[name]) for c in known], 0)
        for name in ("scores", "control_scores")
    }
    return {"shares": _rounded(shares), **{name: _rounded(values) for name, values in read.items()}}


def _rounded(values: np.ndarray[Any, Any]) -> list[float]:
    return [round(float(value), 6) for value in values]


def _json(values: Sequence[float | None]) -> Meta | None:
    found = mean_of(values)
    return None if found is None else found.json()


def vector(strengths: Tensor) -> Tensor:
    """Strengths without the places of features that the example does not have."""
    return strengths[torch.isfinite(strengths)]
