"""Captum Insights' features: one for each argument of the model, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from torch import Tensor

from attriboard.board.callables import of_callable

Transform: TypeAlias = Callable[[Any], Any]
Transforms: TypeAlias = Transform | Sequence[Transform] | None


class BaseFeature:
    """One argument of the model.

    `input_transforms` make the model's tensor of a row of a batch, one after the other;
    `baseline_transforms` make a baseline of that tensor (the first is used, as in Captum);
    `visualization_transform` makes what is shown of the row as the dataset yields it, with a
    batch dimension of one.
    """

    def __init__(
        self,
        name: str,
        baseline_transforms: Transforms,
        input_transforms: Transforms,
        visualization_transform: Transform | None,
    ) -> None:
        self.name = name
        self.baseline_transforms = _listed(baseline_transforms)
        self.input_transforms = _listed(input_transforms)
        self.visualization_transform = visualization_transform

    def tensor(self, row: Any) -> Tensor:
        """The model's tensor of a row, without a batch dimension."""
        found = row
        for transform in self.input_transforms:
            found = transform(found)
        tensor: Tensor = found.detach()
        return tensor

    def baseline(self, tensor: Tensor) -> Tensor | None:
        """The first baseline of a model's tensor; None where the feature has none of its own."""
        if not self.baseline_transforms:
            return None
        found: Tensor = self.baseline_transforms[0](tensor).detach()
        return found.to(tensor.dtype).expand(tensor.shape).contiguous()

    def config(self) -> dict[str, Any]:
        """What of it decides baselines, as JSON: the transforms are told apart by their code."""
        return {"baseline": [of_callable(one) for one in self.baseline_transforms[:1]]}

    def shown(self, row: Any) -> Any:
        """What `visualization_transform` makes of a row; the row where there is none."""
        if self.visualization_transform is None:
            return row
        return self.visualization_transform(row[None] if isinstance(row, Tensor) else row)


class ImageFeature(BaseFeature):
    """A picture, (C, H, W) a row."""

    def __init__(
        self,
        name: str,
        baseline_transforms: Transforms,
        input_transforms: Transforms,
        visualization_transform: Transform | None = None,
    ) -> None:
        super().__init__(name, baseline_transforms, input_transforms, visualization_transform)


class TextFeature(BaseFeature):
    """Token ids, (L,) a row; `visualization_transform` gives their words."""

    def __init__(
        self,
        name: str,
        baseline_transforms: Transforms,
        input_transforms: Transforms,
        visualization_transform: Transform,
    ) -> None:
        super().__init__(name, baseline_transforms, input_transforms, visualization_transform)


class GeneralFeature(BaseFeature):
    """Numbers with a name each, (C,) a row."""

    def __init__(self, name: str, categories: Sequence[str]) -> None:
        super().__init__(name, None, None, None)
        self.categories = list(categories)


class EmptyFeature(BaseFeature):
    """An argument whose contribution counts, and that is not shown."""

    def __init__(
        self,
        name: str = "empty",
        baseline_transforms: Transforms = None,
        input_transforms: Transforms = None,
        visualization_transform: Transform | None = None,
    ) -> None:
        super().__init__(name, baseline_transforms, input_transforms, visualization_transform)


def _listed(transforms: Transforms) -> list[Transform]:
    if transforms is None:
        return []
    return [transforms] if callable(transforms) else list(transforms)
