"""Baselines of a board: a named one, another example, or a file of one's own."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from attriboard.board.source import Example
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Input

if TYPE_CHECKING:
    from attriboard.board.board import Board

SAMPLE_BYTES = 1 << 26  # of tensors kept to describe the data
SMALLEST_SAMPLE = 8


class Baselines:
    """Makes baselines; keeps the tensors of a sample of the data, which some of them describe."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._lock = threading.Lock()
        self._samples: list[list[Tensor]] | None = None  # by input; the lists stay the same ones

    def of(self, entry: Input, choice: Any, example: Example, tensor: Tensor, seed: int) -> Tensor:
        """The baseline of one input, in the shape and type of `tensor`."""
        if choice is None or isinstance(choice, str):
            kind = choice or entry.default_baseline
            raw = example.raw[entry.name]
            return entry.baseline(kind, raw, tensor, self._sampled(entry), seed)
        other = self._other(entry, choice)
        return entry.matched(entry.tensor(other), tensor).to(tensor.dtype)

    def _other(self, entry: Input, choice: Any) -> Any:
        if isinstance(choice, Mapping) and set(choice) == {"example"}:
            return self._board.example(choice["example"]).raw[entry.name]
        if (
            isinstance(choice, Mapping)
            and set(choice) == {"file"}
            and isinstance(choice["file"], bytes)
        ):
            return entry.from_file(choice["file"])
        raise InvalidInput(
            f"The baseline for {entry.name!r} must be a name, {{'example': index}} or "
            f"{{'file': bytes}}, not {choice!r:.60}.",
            f"baseline.{entry.name}",
        )

    def _sampled(self, entry: Input) -> list[Tensor]:
        with self._lock:
            if self._samples is None:
                rows, places = self._read(), range(len(self._board.inputs))
                self._samples = [[row[place] for row in rows] for place in places]
            return self._samples[self._board.inputs.index(entry)]

    def _read(self) -> list[tuple[Tensor, ...]]:
        """Tensors of a seeded sample, fewer where they are large."""
        rows: list[tuple[Tensor, ...]] = []
        size = 0
        for example in self._board.sample():
            try:
                row = tuple(tensor[0] for tensor in self._board.tensors([example]))
            except InvalidInput:
                continue
            rows.append(row)
            size += sum(tensor.numel() * tensor.element_size() for tensor in row)
            if size > SAMPLE_BYTES and len(rows) >= SMALLEST_SAMPLE:
                break
        return rows
