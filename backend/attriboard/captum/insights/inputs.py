"""Captum Insights' features as inputs of a board: shown, grouped and removed as they were meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attriboard.captum.insights.features import (
    BaseFeature,
    GeneralFeature,
    ImageFeature,
    TextFeature,
)
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Image, Input, Tabular
from attriboard.inputs.base import Choice, Media

OWN = Choice("own", "Its own", "What baseline_transforms makes of this example.")
ZERO = Choice("zero", "Zero", "Zeros, as where baseline_transforms is left out.")
KEPT = Choice("kept", "As it is", "It is never taken away: nothing is attributed to it.")
ELEMENTS = Choice("elements", "Numbers", "Each number on its own.")
TOKENS = Choice("tokens", "Tokens", "All numbers of one token together.")
WHOLE = Choice("whole", "Whole", "The whole argument at once.")


def input_of(feature: BaseFeature) -> Input:
    """The input that shows `feature`; a feature of one's own kind is not shown, only counted."""
    if isinstance(feature, ImageFeature):
        return ShownImage(feature)
    if isinstance(feature, TextFeature):
        return ShownText(feature)
    if isinstance(feature, GeneralFeature):
        return ShownColumns(feature)
    return Hidden(feature)


def _baseline(feature: BaseFeature, kind: str, tensor: Tensor) -> Tensor:
    own = feature.baseline(tensor) if kind == "own" else None
    return torch.zeros_like(tensor) if own is None else own


class ShownImage(Image):
    """A picture: `input_transforms` make the tensor, and what normalises is undone to show it."""

    def __init__(self, feature: ImageFeature) -> None:
        super().__init__(feature.name, transform=feature.tensor)
        self._feature = feature

    def baseline_kinds(self) -> tuple[Choice, ...]:
        own = OWN if self._feature.baseline_transforms else ZERO
        return (own, *super().baseline_kinds())

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        if kind in ("own", "zero"):
            self.chosen(kind, self.baseline_kinds(), "baseline")
            return _baseline(self._feature, kind, tensor)
        return super().baseline(kind, raw, tensor, sample, seed)

    def config(self) -> Mapping[str, Any]:
        return {**super().config(), **self._feature.config()}

    def media(self, raw: Any, width: int | None = None) -> Media:
        """What `visualization_transform` gives, where it has the size of what the model sees."""
        if self._feature.visualization_transform is None or not isinstance(raw, Tensor):
            return super().media(raw, width)
        shown = torch.as_tensor(self._feature.shown(raw)).detach()
        plain = shown.squeeze(0) if shown.dim() == 4 else shown
        if plain.shape[-2:] != self.tensor(raw).shape[-2:]:
            return super().media(raw, width)
        bright = plain.float() / (255 if float(plain.max()) > 1.5 else 1)
        return Image(self.name, mean=0.0, std=1.0).media(bright.clamp(0, 1), width)


class ShownText(Input):
    """Words: `visualization_transform` gives them, `input_transforms` the ids or their vectors."""

    modality = "text"

    def __init__(self, feature: TextFeature) -> None:
        super().__init__(feature.name)
        self._feature = feature

    def tensor(self, raw: Any) -> Tensor:
        return self._feature.tensor(raw)

    def config(self) -> Mapping[str, Any]:
        return {**super().config(), **self._feature.config()}

    def words(self, raw: Any) -> list[str]:
        """One text a token."""
        found = self._feature.shown(raw)
        if isinstance(found, Tensor):
            found = [str(one) for one in found.flatten().tolist()]
        if isinstance(found, str):
            found = found.split()
        while len(found) == 1 and isinstance(found[0], (list, tuple)):
            found = found[0]
        return [str(word) for word in found]

    def view(self, raw: Any) -> dict[str, Any]:
        words = self.words(raw)
        place, tokens = 0, []
        ids = raw.flatten().tolist() if isinstance(raw, Tensor) else []
        for number, word in enumerate(words):
            end = place + len(word.encode("utf-16-le")) // 2
            known = number < len(ids) and float(ids[number]).is_integer()
            index = int(ids[number]) if known else number
            token = {"text": word, "id": index, "start": place, "end": end, "special": False}
            tokens.append(token)
            place = end + 1
        return {"kind": "text", "text": " ".join(words), "tokens": tokens}

    def search_text(self, raw: Any) -> str | None:
        return " ".join(self.words(raw))

    def feature_kinds(self) -> tuple[Choice, ...]:
        return (ELEMENTS, TOKENS)

    def default_features(self, tensor: Tensor) -> str:
        return TOKENS.id if tensor.dim() > 1 else ELEMENTS.id

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        self.chosen(kind, self.feature_kinds(), "way to group tokens")
        if kind == "elements" or tensor.dim() < 2:
            return torch.arange(tensor.numel()).reshape(tensor.shape)
        places = torch.arange(tensor.shape[0]).reshape(-1, *[1] * (tensor.dim() - 1))
        return places.expand(tensor.shape).contiguous()

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return (OWN, ZERO) if self._feature.baseline_transforms else (ZERO,)

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, self.baseline_kinds(), "baseline")
        return _baseline(self._feature, kind, tensor)

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """One token at a time."""
        shape = (1, *tensor.shape[1:])
        return shape, shape

    def summed(self, attribution: Tensor) -> Tensor:
        """One number a token."""
        return attribution if attribution.dim() <= 1 else attribution.flatten(1).sum(1)

    def from_file(self, source: Path | bytes) -> Any:
        raise self.invalid("a text of one's own needs a tokenizer: hand it over as ab.Text.")


class ShownColumns(Tabular):
    """Named numbers."""

    def __init__(self, feature: GeneralFeature) -> None:
        super().__init__(feature.name, feature.categories)

    @property
    def default_baseline(self) -> str:
        """Zero: GeneralFeature has no baseline of its own."""
        kinds = [choice.id for choice in self.baseline_kinds()]
        return "zero" if "zero" in kinds else kinds[0]


class Hidden(Input):
    """An argument that is not shown: its contribution counts all the same."""

    modality = "hidden"

    def __init__(self, feature: BaseFeature) -> None:
        super().__init__(feature.name)
        self._feature = feature

    def tensor(self, raw: Any) -> Tensor:
        return self._feature.tensor(raw)

    def config(self) -> Mapping[str, Any]:
        return {**super().config(), **self._feature.config()}

    def view(self, raw: Any) -> dict[str, Any]:
        return {"kind": "hidden", "shape": list(self.tensor(raw).shape)}

    def feature_kinds(self) -> tuple[Choice, ...]:
        return (ELEMENTS, WHOLE)

    def default_features(self, tensor: Tensor) -> str:
        return WHOLE.id

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        self.chosen(kind, self.feature_kinds(), "way to group numbers")
        if kind == "whole":
            return torch.zeros(tensor.shape, dtype=torch.int64)
        return torch.arange(tensor.numel()).reshape(tensor.shape)

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return (OWN, ZERO) if self._feature.baseline_transforms else (ZERO,)

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, self.baseline_kinds(), "baseline")
        return _baseline(self._feature, kind, tensor)

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """All of it at once."""
        return tuple(tensor.shape), tuple(tensor.shape)

    def summed(self, attribution: Tensor) -> Tensor:
        """The whole of it, (1,)."""
        return attribution.sum().reshape(1)

    def from_file(self, source: Path | bytes) -> Any:
        raise self.invalid("nothing of it can be given by hand.")


class Extra(Hidden):
    """A further argument of the model, such as a text's length: it stays as it is.

    It travels flat and as floating point, so that it may stand beside the inputs in every method;
    the model gets it back in its own type and shape. Its baseline is itself, so nothing is
    attributed to it.
    """

    def __init__(self, number: int) -> None:
        super().__init__(BaseFeature(f"further argument {number}", None, None, None))

    def tensor(self, raw: Any) -> Tensor:
        if not isinstance(raw, Tensor):
            raise InvalidInput("A further argument that differs by example must be a tensor.")
        return raw.detach().double().reshape(-1)

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return (KEPT,)

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, self.baseline_kinds(), "baseline")
        return tensor.clone()
