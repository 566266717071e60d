"""Segmentation: a class for each pixel of a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Predictions
from attriboard.outputs.classes import Scores
from attriboard.outputs.grid import Grid
from attriboard.outputs.labels import IGNORED, ClassMap, Label


class PerPixel(Grid):
    """One of several classes at each pixel; the model returns (N, K, H, W).

    With two names the model may return one score a pixel, (N, 1, H, W) or (N, H, W), for the
    second of them. A label is a picture (H, W) of class indices, with negative ones (or 255)
    where pixels do not count. `background` names the class that means "nothing here". `of` names
    the picture; it may be left out where there is only one. H and W may be smaller than the
    picture's, and are the same for every example.

    Targets are {"index": [y, x, class]}, {"index": [pixel, class]} with pixel = y * W + x, or the
    flat index pixel * K + class. `mean_iou`, a column of the catalog, is the mean over the classes
    that occur of intersection over union.
    """

    what = "pixel"
    dims = 2

    def __init__(
        self,
        names: Sequence[str],
        scores: Scores = "logits",
        *,
        background: str | None = None,
        of: str | None = None,
    ) -> None:
        super().__init__(names, scores, background, of)
        self._size: tuple[int, int] | None = None

    def grid(self, returned: Tensor) -> Tensor:
        if returned.ndim == 3:
            returned = returned[:, None]
        if returned.ndim != 4:
            raise InvalidInput(
                f"The model returns shape {tuple(returned.shape)}; PerPixel needs (N, K, H, W): a "
                "score for each class at each pixel.",
                "output",
            )
        size = (returned.shape[2], returned.shape[3])
        if self._size is None:
            self._size = size
        elif size != self._size:
            raise InvalidInput(
                f"The model returns {size[0]} x {size[1]} pixels, and {self._size[0]} x "
                f"{self._size[1]} for other examples. Bring the pictures to one size, with a "
                "resize in transform=.",
                "output",
            )
        if returned.shape[1] == 1 and len(self.names) == 2:
            returned = self._both(returned)
        return returned.permute(0, 2, 3, 1).flatten(1, 2)

    def _both(self, second: Tensor) -> Tensor:
        """The scores of both classes, from those of the second."""
        if self._classes.scores == "logits":
            return torch.cat([torch.zeros_like(second), second], 1)
        if self._classes.scores == "probabilities":
            return torch.cat([1 - second, second], 1)
        raise InvalidInput(
            "One score a pixel cannot be a log-probability: return logits, or both classes.",
            "output",
        )

    @property
    def fixed_count(self) -> int | None:
        """0 until the model has answered."""
        return 0 if self._size is None else math.prod(self._size)

    def shape(self, row: Tensor) -> tuple[int, ...]:
        return self._size or (1, self.count(row))

    def place_name(self, place: int) -> str:
        y, x = divmod(place, self._width)
        return f"x {x}, y {y}"

    @property
    def _width(self) -> int:
        return self._size[1] if self._size else 1

    def index(self, path: Sequence[Any]) -> int:
        if len(path) != 3:
            return super().index(path)
        y, x = self.checked(path[0]), self.checked(path[1])
        if self._size and not (y < self._size[0] and x < self._size[1]):
            raise InvalidInput(
                f"There is no pixel y {y}, x {x}: the output has {self._size[0]} rows of "
                f"{self._size[1]}.",
                "target",
            )
        return super().index([y * self._width + x, path[2]])

    def label(self, value: Any) -> Label | None:
        return self._fitting(super().label(_without_void(value, len(self.names))))

    def _truth(self, label: Label | None, count: int) -> Tensor:
        return super()._truth(self._fitting(label), count)

    def _fitting(self, label: Label | None) -> Label | None:
        """`label`, once the output's size is known refused where it has another."""
        if not isinstance(label, ClassMap) or self._size is None:
            return label
        if tuple(label.classes.shape) != self._size:
            raise InvalidInput(
                f"the label has {' x '.join(map(str, label.classes.shape))} pixels, the model's "
                f"output {' x '.join(map(str, self._size))}. Bring the labels to the output's "
                "size, with nearest neighbours.",
                "label",
            )
        return label

    def columns(
        self, predictions: Predictions, labels: Sequence[Label | None]
    ) -> Mapping[str, Sequence[float | None]]:
        found = dict(super().columns(predictions, labels))
        if found:
            rows = self.split(predictions.probabilities.cpu()).argmax(-1)
            pairs = zip(rows, labels, strict=True)
            found["mean_iou"] = [
                _mean_iou(row, self._truth(label, len(row))) for row, label in pairs
            ]
        return found


def _without_void(value: Any, names: int) -> Any:
    """255, which stands for "void" in many data sets, as no label where it is no class."""
    if names > 255 or not hasattr(value, "__array__"):
        return value
    found = torch.as_tensor(value)
    return found if found.is_floating_point() else found.long().masked_fill(found == 255, IGNORED)


def _mean_iou(said: Tensor, truth: Tensor) -> float | None:
    known = truth != IGNORED
    said, truth = said[known], truth[known]
    shares = []
    for kind in torch.cat([said, truth]).unique():
        both = ((said == kind) & (truth == kind)).sum()
        either = ((said == kind) | (truth == kind)).sum()
        shares.append(float(both / either))
    return math.fsum(shares) / len(shares) if shares else None
