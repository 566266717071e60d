"""What the jobs of one session share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from attriboard.board import Board
from attriboard.jobs.examples import Examples
from attriboard.jobs.modalities import Modalities
from attriboard.jobs.own_predictions import OwnPredictions
from attriboard.jobs.plan import Plan
from attriboard.jobs.snapshots import Snapshots
from attriboard.jobs.store import Store
from attriboard.jobs.tally import Tally
from attriboard.jobs.target import own
from attriboard.jobs.task import Task, task


@dataclass(frozen=True)
class Shelf:
    """The board, what is stored of it, and what is remembered of its examples."""

    board: Board
    store: Store
    examples: Examples
    predictions: OwnPredictions
    modalities: Modalities
    snapshots: Snapshots
    tally: Tally

    @staticmethod
    def of(board: Board, store: Store) -> Shelf:
        """An empty memory beside `store`."""
        examples = Examples(board)
        tally = Tally()
        predictions = OwnPredictions(board, examples, tally)
        return Shelf(board, store, examples, predictions, Modalities(board), Snapshots(), tally)

    def task(self, plan: Plan, index: int) -> Task | None:
        """The example's task; None where the own prediction it explains is not known yet."""
        target = plan.target
        if target is None:
            output = self.predictions.known(plan.model, index)
            if output is None:
                return None
            target = own(output, self.board.output)
        return task(self.board, self.examples, plan, index, target)

    def stored(self, plan: Plan, found: Task) -> dict[str, Any] | None:
        """The stored result's meta. Equal examples share a result, so it is told whose it is."""
        meta = self.store.meta(found.key)
        return None if meta is None else {**meta, "example": found.index, "model": plan.model}
