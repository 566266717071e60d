"""Arguments of the model that are passed along and never explained: masks, lengths, flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs.base import Choice, Input

SHOWN = 64  # numbers that are written out


class Extra(Input):
    """An argument that is given to the model as it is: no method moves it, nothing is attributed.

    The dataset yields it as it yields inputs: a number, a truth value, a list, an array or a
    tensor, one example's without the batch dimension. With `of`, the name of a text, it is that
    text's mask instead, which the dataset need not hold: 1 at its tokens, 0 at padding. Extras
    are the model's last arguments, in the order of `inputs=`; one with passed=False is for the
    output alone (see `SequenceScore`), and the model is not given it.
    """

    modality = "extra"
    attributed = False

    def __init__(self, name: str, of: str | None = None, *, passed: bool = True) -> None:
        super().__init__(name)
        self.of = of
        self.passed = passed

    def tensor(self, raw: Any) -> Tensor:
        try:
            found = raw.detach() if isinstance(raw, Tensor) else torch.as_tensor(raw)
        except (TypeError, ValueError, RuntimeError) as error:
            raise self.invalid(
                f"{raw!r:.60} cannot be made a tensor: give numbers, truth values, or an array."
            ) from error
        return found.float() if found.dtype == torch.float64 else found

    def view(self, raw: Any) -> dict[str, Any]:
        """The numbers as text, shortened where they are many."""
        found = self.tensor(raw)
        numbers = [f"{value:g}" for value in found.flatten()[:SHOWN].tolist()]
        more = " …" if found.numel() > SHOWN else ""
        kind = str(found.dtype).removeprefix("torch.")
        shape = list(found.shape)
        return {"kind": "extra", "shape": shape, "type": kind, "text": " ".join(numbers) + more}

    def config(self) -> Mapping[str, Any]:
        return {"of": self.of, "passed": self.passed}

    # It has neither features nor baselines.

    def feature_kinds(self) -> tuple[Choice, ...]:
        return ()

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        raise self._passed()

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return ()

    @property
    def default_baseline(self) -> str:
        raise self._passed()

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        raise self._passed()

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        raise self._passed()

    def summed(self, attribution: Tensor) -> Tensor:
        raise self._passed()

    def from_file(self, source: Path | bytes) -> Any:
        raise self._passed()

    def _passed(self) -> InvalidInput:
        return self.invalid("it is passed to the model and never explained.")
