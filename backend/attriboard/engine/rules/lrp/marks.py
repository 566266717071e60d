"""What is known of tensors on their way through the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from torch import Tensor

from attriboard.engine.rules.calls import leaves

Mark = Literal["raw", "scale"]
"""raw: an input, rearranged or moved at most. scale: a factor that takes no relevance itself."""


class Marks:
    """Marks of tensors, for the length of one pass."""

    def __init__(self) -> None:
        self._held: dict[tuple[Mark, int], Tensor] = {}  # held, so that no id is given anew

    def add(self, mark: Mark, tree: Any) -> None:
        """Mark every tensor in `tree`."""
        for tensor in leaves(tree):
            self._held[mark, id(tensor)] = tensor

    def has(self, mark: Mark, tensor: Tensor) -> bool:
        """Whether `tensor` bears the mark."""
        return (mark, id(tensor)) in self._held

    def hand_on(self, before: Iterable[Tensor], after: Any) -> None:
        """Give what came out of a call the marks that all its dependent tensors had."""
        before = tuple(before)
        marks: tuple[Mark, ...] = ("raw", "scale")
        for mark in marks:
            if all(self.has(mark, tensor) for tensor in before):
                self.add(mark, after)
