"""Examples as the model takes them, read from the dataset once and kept for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor

from attriboard.board import Board, Example
from attriboard.jobs.recent import Recent

KEPT_BYTES = 1 << 26  # of tensors


@dataclass(frozen=True)
class Loaded:
    """One example with its tensors, each with a batch dimension of 1.

    extra: the model's further arguments, which nothing is attributed to.
    """

    example: Example
    tensors: tuple[Tensor, ...]
    fingerprint: str
    extra: tuple[Tensor, ...] = ()

    @staticmethod
    def of(board: Board, example: Example, fingerprint: str = "") -> Loaded:
        """The example with the tensors the board makes of it."""
        tensors, extra = board.tensors([example]), board.extra([example])
        return Loaded(example, tensors, fingerprint, extra)

    @property
    def alike(self) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """What must be equal for two examples to share a batch."""
        return self.shapes, tuple(tuple(tensor.shape[1:]) for tensor in self.extra)

    @property
    def index(self) -> int:
        return self.example.index

    @property
    def bytes(self) -> int:
        return sum(tensor.nbytes for tensor in self.tensors)

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Each tensor's shape without the batch dimension."""
        return tuple(tuple(tensor.shape[1:]) for tensor in self.tensors)


class Examples:
    """The board's examples by index. A dataset is taken not to change while it is served."""

    def __init__(
        self, board: Board, *, kept: int = KEPT_BYTES, fingerprints: int = 200_000
    ) -> None:
        self._board = board
        self._loaded: Recent[int, Loaded] = Recent(kept, lambda loaded: loaded.bytes)
        self._fingerprints: Recent[int, str] = Recent(fingerprints)

    def get(self, index: int) -> Loaded:
        """The example with its tensors. InvalidInput where the dataset's item is not usable."""
        found = self._loaded.get(index)
        if found is None:
            example = self._board.example(index)
            found = Loaded.of(self._board, example, self._board.example_fingerprint(example))
            self._loaded.put(index, found)
            self._fingerprints.put(index, found.fingerprint)
        return found

    def fingerprint(self, index: int) -> str:
        """The hash of the example's tensors, without reading it again where it is known."""
        known = self._fingerprints.get(index)
        return self.get(index).fingerprint if known is None else known

    def unread(self, indices: Iterable[int]) -> int:
        """How many of the examples have never been read."""
        return sum(self._fingerprints.get(index) is None for index in indices)
