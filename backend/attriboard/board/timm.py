"""Models of `timm` as a board by one call, with the transform they were trained for.

The transform follows the model's own data configuration with Pillow and torch alone: what timm's
evaluation transform does, without torchvision.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor, nn

from attriboard.board import items
from attriboard.board.board import Board
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Image
from attriboard.outputs import Classes, Output

IMAGE = "image"
FILTERS = {
    "nearest": Pillow.Resampling.NEAREST,
    "bilinear": Pillow.Resampling.BILINEAR,
    "bicubic": Pillow.Resampling.BICUBIC,
    "lanczos": Pillow.Resampling.LANCZOS,
    "box": Pillow.Resampling.BOX,
    "hamming": Pillow.Resampling.HAMMING,
}
KEYS = ("input_size", "mean", "std", "interpolation", "crop_pct", "crop_mode")
USUAL: Mapping[str, Any] = {
    "input_size": (3, 224, 224),
    "mean": (0.485, 0.456, 0.406),
    "std": (0.229, 0.224, 0.225),
    "interpolation": "bicubic",
    "crop_pct": 0.875,
    "crop_mode": "center",
}


def from_timm(
    model: nn.Module,
    dataset: Any,
    output: Output | None = None,
    name: str | None = None,
    *,
    config: Mapping[str, Any] | None = None,
    label: str = items.LABEL,
    limit: int | None = None,
) -> Board:
    """A board of a picture model of `timm`; its input is called `image`.

    config: the data configuration, as `timm.data.resolve_model_data_config(model)` gives it; read
        from the model itself where left out. output: the classes; where left out they are
        numbered, unless the model's configuration names them (`label_names`).

    Raises InvalidInput where the model has no configuration or names no number of classes.
    """
    own = getattr(model, "pretrained_cfg", None) or getattr(model, "default_cfg", None)
    if config is None and own is None:
        raise InvalidInput(
            f"A {type(model).__name__} has no pretrained_cfg, so it is not of timm. Give config=, "
            "or make a Board with ab.Image of your own.",
            "model",
        )
    settings = {**USUAL, **_plain(own), **_plain(config)}
    entry = Image(IMAGE, Prepared(settings), mean=settings["mean"], std=settings["std"])
    title = name or str(_plain_value(own, "architecture") or type(model).__name__)
    found = output or _classes(model, own)
    return Board(model.eval(), dataset, entry, found, title, label=label, limit=limit)


class Prepared:
    """A picture resized, cropped and normalised as timm's evaluation transform does: (C, H, W)."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        channels, height, width = settings["input_size"]
        self.channels, self.size = int(channels), (int(height), int(width))
        self.crop = float(settings["crop_pct"] or 1.0)
        self.mode = str(settings["crop_mode"] or "center")
        self.filter = FILTERS.get(str(settings["interpolation"]), Pillow.Resampling.BICUBIC)
        self.mean = torch.tensor([float(value) for value in settings["mean"]])
        self.std = torch.tensor([float(value) for value in settings["std"]])

    def __call__(self, picture: Any) -> Tensor:
        shown = _picture(picture).convert("L" if self.channels == 1 else "RGB")
        values = torch.from_numpy(np.array(self._cut(shown), dtype=np.float32) / 255)
        last = values[..., None] if values.ndim == 2 else values
        return ((last - self.mean) / self.std).movedim(-1, 0).contiguous()

    def _cut(self, picture: Pillow.Image) -> Pillow.Image:
        """Resized to the size before the crop, and the middle of that."""
        height, width = self.size
        tall, wide = math.floor(height / self.crop), math.floor(width / self.crop)
        if self.mode == "squash":
            resized = picture.resize((wide, tall), self.filter)
        else:
            ratios = (wide / picture.width, tall / picture.height)
            scale = min(ratios) if self.mode == "border" else max(ratios)
            sides = (round(picture.width * scale), round(picture.height * scale))
            resized = picture.resize((max(1, sides[0]), max(1, sides[1])), self.filter)
        left, top = round((resized.width - width) / 2), round((resized.height - height) / 2)
        return resized.crop((left, top, left + width, top + height))


def _picture(raw: Any) -> Pillow.Image:
    if isinstance(raw, Pillow.Image):
        return raw
    array = np.asarray(raw)
    if array.dtype != np.uint8:
        raise ValueError(f"a picture must be a PIL image or uint8 values, not {array.dtype}")
    return Pillow.fromarray(array)


def _plain(config: Any) -> dict[str, Any]:
    """What a configuration, a dict or an object of timm's, says of the pictures."""
    found = {key: _plain_value(config, key) for key in KEYS}
    return {key: value for key, value in found.items() if value is not None}


def _plain_value(config: Any, key: str) -> Any:
    return config.get(key) if isinstance(config, Mapping) else getattr(config, key, None)


def _classes(model: nn.Module, own: Any) -> Output:
    count = getattr(model, "num_classes", None) or _plain_value(own, "num_classes")
    names: Sequence[str] | None = _plain_value(own, "label_names")
    if not count:
        raise InvalidInput(
            f"The model {type(model).__name__} has no classes (num_classes is {count}): it gives "
            "features. Load it with a classifier, or give output=.",
            "output",
        )
    named = names is not None and len(names) == count
    return Classes(
        [str(n) for n in names] if named and names else [f"class {i}" for i in range(count)]
    )
