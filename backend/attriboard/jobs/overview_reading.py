"""What one example's attributions say of places that examples have in common."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image as Pictures
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from attriboard.board import Example
from attriboard.inputs import Input
from attriboard.jobs.overview_sums import Map

MOST_SIDE = 64

Kind = Literal["image", "text", "table", "other"]


@dataclass(frozen=True)
class Reading:
    """One input of one example. features: words or columns with what each adds up to."""

    features: dict[str, float]
    attribution: Map | None = None
    shown: Map | None = None


def kind_of(entry: Input, raw: Any) -> Kind:
    """What examples of this input have in common: places, words, columns, or nothing."""
    found = entry.view(raw)["kind"]
    return found if found in ("image", "text", "table") else "other"


def grid_of(entry: Input, raw: Any) -> tuple[int, int]:
    """The size of the maps, (H, W): the first picture's, brought down to MOST_SIDE a side."""
    view = entry.view(raw)
    shrink = min(1.0, MOST_SIDE / max(view["height"], view["width"]))
    return max(1, round(view["height"] * shrink)), max(1, round(view["width"] * shrink))


def read(
    entry: Input, kind: Kind, example: Example, tensor: Tensor, attribution: Tensor, grid: Any
) -> Reading:
    """`tensor` and `attribution` are one example's, without a batch dimension."""
    raw, summed = example.raw[entry.name], entry.summed(attribution.detach().float().cpu())
    if kind == "image":
        return Reading({}, _map(summed, grid), _shown(entry, raw, grid))
    if kind == "text":
        return Reading(_words(entry, raw, tensor, summed))
    if kind == "table":
        names = [column["name"] for column in entry.view(raw)["columns"]]
        return Reading(dict(zip(names, summed.tolist(), strict=True)))
    return Reading({})


def _map(summed: Tensor, grid: tuple[int, int]) -> Map:
    """Mean of each cell, so that pictures of different sizes can be added up."""
    pooled: Map = adaptive_avg_pool2d(summed.double()[None], grid)[0].numpy()
    return pooled


def _shown(entry: Input, raw: Any, grid: tuple[int, int]) -> Map:
    """The picture as the page shows it, (H, W, 3), 0 to 1."""
    media = entry.media(raw)
    if media is None:
        return np.zeros((*grid, 3))
    with Pictures.open(io.BytesIO(media.body)) as picture:
        small = picture.convert("RGB").resize((grid[1], grid[0]), Pictures.Resampling.BOX)
    return np.asarray(small, np.float64) / 255


def _words(entry: Input, raw: Any, tensor: Tensor, summed: Tensor) -> dict[str, float]:
    """Each word once, lower case; the pieces of a word and its repetitions add up."""
    view = entry.view(raw)
    ids = entry.features(raw, tensor, "words").tolist()
    text = view["text"].encode("utf-16-le")
    spans: dict[int, tuple[int, int]] = {}
    added: dict[int, float] = {}
    for token, word, value in zip(view["tokens"], ids, summed.tolist(), strict=False):
        if token["special"] or token["start"] is None:
            continue
        start, end = spans.get(word, (token["start"], token["end"]))
        spans[word] = min(start, token["start"]), max(end, token["end"])
        added[word] = added.get(word, 0.0) + value
    found: dict[str, float] = {}
    for word, (start, end) in spans.items():
        name = text[2 * start : 2 * end].decode("utf-16-le").strip().lower()
        if name:
            found[name] = found.get(name, 0.0) + added[word]
    return found


def groups_of(predicted: list[int | None], labels: list[Any], by: str) -> list[int]:
    """The class each example counts for; -1 where it has none."""
    chosen = predicted if by == "predicted" else labels
    return [value if isinstance(value, int) else -1 for value in chosen]


def contrast(shown: Map) -> float:
    """The standard deviation of a picture's brightness."""
    return float(torch.from_numpy(shown).mean(2).std(unbiased=False))
