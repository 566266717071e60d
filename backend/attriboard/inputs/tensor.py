"""Tensor: an argument of any shape, which no other input describes."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attriboard.inputs.base import Choice, Input, Media
from attriboard.inputs.drawing import grid

ELEMENTS = Choice("elements", "Elements", "Each number on its own.")
SLICES = Choice("slices", "Slices", "All numbers of one place in the first dimension together.")
MEAN = Choice("mean", "Data mean", "The mean of every element over a sample of the data.")
ZERO = Choice("zero", "Zero", "Zero everywhere. Where zero is a value like others, it says little.")
SAMPLE = Choice(
    "sample",
    "Another example",
    "One example drawn by the seed. Attributions tell the step from that one alone.",
)
PARTS = 16  # windows a side
SENT = 50_000  # numbers of a tensor the browser is sent; of a larger one it gets the summary


class Tensor(Input):
    """Numbers of any shape, such as the features another model made.

    A raw value is a tensor, an array, or nested lists; `transform` may make it one. `dtype` is
    that of the model's tensor: tensors keep their own where it is left out, floating-point arrays
    and lists become float32, whole numbers int64.
    """

    modality = "tensor"

    def __init__(
        self,
        name: str,
        transform: Callable[[Any], Any] | None = None,
        *,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(name)
        if transform is not None and not callable(transform):
            raise self.invalid("transform= must be a function from a raw value to a tensor.")
        self.transform = transform
        self.dtype = dtype

    def tensor(self, raw: Any) -> torch.Tensor:
        value, found = self._read(raw)
        if not found.numel():
            raise self.invalid(
                f"a value has shape {tuple(found.shape)} and so holds no numbers: there is nothing "
                "to explain. Leave it out."
            )
        if self.dtype is not None:
            return found.to(self.dtype)
        if isinstance(value, torch.Tensor):
            return found.clone()
        return found.float() if found.is_floating_point() else found.long()

    def _read(self, raw: Any) -> tuple[Any, torch.Tensor]:
        """What the transform makes of a raw value, and that as a tensor of at least 1 dimension."""
        try:
            value = raw if self.transform is None else self.transform(raw)
            given = value if isinstance(value, torch.Tensor) else np.array(value)
            found = torch.as_tensor(given).detach().cpu()
        except Exception as error:
            raise self.invalid(
                f"a {type(raw).__name__} cannot be made a tensor ({error}). Give numbers of one "
                "shape, or a transform= that makes them."
            ) from error
        if found.is_complex():
            raise self.invalid(
                f"a value holds {found.dtype}. Give its real and imaginary parts as a dimension of "
                "their own (torch.view_as_real)."
            )
        return value, found if found.ndim else found.reshape(1)

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        found = self.tensor(raw).double()
        known = found[found.isfinite()]
        full = found.numel() <= SENT
        return {
            "kind": "tensor",
            "shape": list(found.shape),
            "least": known.min().item() if known.numel() else None,
            "most": known.max().item() if known.numel() else None,
            "mean": known.mean().item() if known.numel() else None,
            "missing": found.numel() - known.numel(),
            "values": [_short(value) for value in found.flatten().tolist()] if full else None,
        }

    def thumbnail(self, raw: Any, width: int | None = None) -> Media:
        found = self.tensor(raw).double()
        return grid(found if found.ndim < 2 else found.flatten(0, -3)[0])

    def summed(self, attribution: torch.Tensor) -> torch.Tensor:
        return attribution

    # Features and baselines

    def feature_kinds(self) -> tuple[Choice, ...]:
        return ELEMENTS, SLICES

    def features(self, raw: Any, tensor: torch.Tensor, kind: str) -> torch.Tensor:
        self.chosen(kind, self.feature_kinds(), "way to group elements")
        if kind == "elements":
            return torch.arange(tensor.numel()).reshape(tensor.shape)
        places = torch.arange(tensor.shape[0])
        return places.reshape(-1, *[1] * (tensor.ndim - 1)).expand(tensor.shape).contiguous()

    def window(self, tensor: torch.Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A sixteenth of each dimension, moved by its own size."""
        sides = tuple(max(1, round(size / PARTS)) for size in tensor.shape)
        return sides, sides

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return MEAN, ZERO, SAMPLE

    @property
    def baseline_reason(self) -> str:
        return "the mean of the data is usual in every place, which zero need not be."

    def baseline(
        self,
        kind: str,
        raw: Any,
        tensor: torch.Tensor,
        sample: Sequence[torch.Tensor],
        seed: int,
    ) -> torch.Tensor:
        self.chosen(kind, self.baseline_kinds(), "baseline")
        if kind == "zero":
            return torch.zeros_like(tensor)
        alike = [one for one in sample if one.shape == tensor.shape]
        if not alike:
            raise self.invalid(
                f"the baseline {kind!r} needs other examples of the shape {tuple(tensor.shape)}."
            )
        if kind == "sample":
            return alike[random.Random(seed).randrange(len(alike))].to(tensor.dtype)
        mean = torch.stack([one.double() for one in alike]).mean(0)
        return (mean if tensor.is_floating_point() else mean.round()).to(tensor.dtype)

    def from_file(self, source: Path | bytes) -> Any:
        """The array of a .npy file."""
        try:
            body = source if isinstance(source, bytes) else source.read_bytes()
            return np.load(io.BytesIO(body), allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise self.invalid(f"the file cannot be read as .npy ({error}).") from error

    def config(self) -> Mapping[str, Any]:
        return {"dtype": str(self.dtype)}


def _short(value: float) -> float | None:
    """Four figures are enough to look at; JSON has no NaN."""
    return float(f"{value:.4g}") if np.isfinite(value) else None
