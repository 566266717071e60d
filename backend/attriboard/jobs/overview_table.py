"""What an overview tells: means with their intervals, and the mean maps as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attriboard.board import Board
from attriboard.jobs.overview_plan import OverviewPlan
from attriboard.jobs.overview_reading import Kind
from attriboard.jobs.overview_sums import InputSums, Picture, Tally

MOST_FEATURES = 100
ALIGNED = 0.3  # digits and faces keep more than this in their mean, photographs and scenes less

Arrays = dict[str, np.ndarray[Any, Any]]
Counts = Mapping[str, tuple[int, int]]


def table(
    board: Board,
    plan: OverviewPlan,
    kinds: Sequence[Kind],
    sums: Mapping[str, Sequence[InputSums]],
    counts: Counts,
) -> tuple[Arrays, dict[str, Any]]:
    """The mean maps, named `model's place/input/class/what`, and everything else as JSON."""
    arrays: Arrays = {}
    models = []
    for place, (model, inputs) in enumerate(sums.items()):
        rows = []
        for entry, kind, found in zip(board.inputs, kinds, inputs, strict=True):
            maps = f"{place}/{entry.name}"
            for group, picture in found.pictures.items():
                arrays[f"{maps}/{group}/attribution"] = _mean(picture, picture.attribution)
                arrays[f"{maps}/{group}/shown"] = _mean(picture, picture.shown)
            rows.append(_input(board, entry.name, kind, found, maps))
        done, failed = counts[model]
        models.append({"model": model, "count": done, "failed": failed, "inputs": rows})
    made = {
        "key": plan.key,
        "example": plan.indices[0],
        "examples": len(plan.indices),
        "by": plan.by,
        "models": models,
    }
    return arrays, made


def _mean(picture: Picture, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.ascontiguousarray(values / picture.count, np.float32)


def _input(board: Board, name: str, kind: Kind, found: InputSums, maps: str) -> dict[str, Any]:
    groups = [
        _group(board, group, picture, f"{maps}/{group}")
        for group, picture in sorted(found.pictures.items())
    ]
    known = [each["alignment"] for each in groups if each["alignment"] is not None]
    whole = sum(tally.sizes for tally in found.features.values())
    ranked = sorted(found.features.items(), key=lambda pair: (-pair[1].sizes, pair[0]))
    return {
        "name": name,
        "kind": kind,
        "aligned": float(np.median(known)) >= ALIGNED if known else None,
        "groups": groups,
        "features": [_feature(n, tally, whole) for n, tally in ranked[:MOST_FEATURES]],
        "distinct": len(ranked),
        "drift": _drift(found),
    }


def _group(board: Board, group: int, picture: Picture, maps: str) -> dict[str, Any]:
    names = board.output.names
    return {
        "value": None if group < 0 else group,
        "name": names[group] if 0 <= group < len(names) else "all",
        "count": picture.count,
        "alignment": picture.alignment,
        "maps": maps,
        "high": float(np.abs(picture.attribution).max() / picture.count),
    }


def _feature(name: str, tally: Tally, whole: float) -> dict[str, Any]:
    return {"name": name, **tally.mean(), "share": tally.sizes / whole if whole else 0.0}


def _drift(found: InputSums) -> list[dict[str, Any]]:
    ranked = sorted(found.drift.items(), key=lambda pair: (-pair[1].sizes, pair[0]))
    whole = sum(tally.sizes for tally in found.drift.values())
    return [_feature(name, tally, whole) for name, tally in ranked[:MOST_FEATURES]]
