"""What the model says about single examples, remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.engine import Run
from attriboard.jobs.examples import Examples
from attriboard.jobs.grouping import by_shape, joined
from attriboard.jobs.recent import Recent
from attriboard.jobs.tally import Tally


class OwnPredictions:
    """Raw outputs by model and example, kept by content, so that one pass answers for all."""

    def __init__(self, board: Board, examples: Examples, tally: Tally, kept: int = 4096) -> None:
        self._board = board
        self._examples = examples
        self._tally = tally
        self._outputs: Recent[tuple[str, str], Tensor] = Recent(kept)

    def known(self, model: str, index: int) -> Tensor | None:
        """The raw output for one example, (1, ...), where it was computed before."""
        fingerprint = self._board.model_fingerprint(model)
        return self._outputs.get((fingerprint, self._examples.fingerprint(index)))

    def compute(
        self, model: str, indices: Sequence[int], cancel: Callable[[], bool]
    ) -> dict[int, Tensor]:
        """The raw output for each example, (1, ...), from as few passes as their shapes allow."""
        fingerprint = self._board.model_fingerprint(model)
        found: dict[int, Tensor] = {}
        run = Run(cancel=cancel)
        for group in by_shape([self._examples.get(index) for index in indices]):
            output = engine.predict(self._board.models[model], joined(group), run=run)
            for loaded, row in zip(group, output.split(1), strict=True):
                found[loaded.index] = row
                self._outputs.put((fingerprint, loaded.fingerprint), row.clone())
        self._tally.add(rows=run.rows)
        return found
