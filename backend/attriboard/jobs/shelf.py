"""What the jobs of one session share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attriboard.board import Board
from attriboard.catalog import Catalog
from attriboard.jobs.examples import Examples
from attriboard.jobs.executors import Executor
from attriboard.jobs.heard import Heard
from attriboard.jobs.modalities import Modalities
from attriboard.jobs.own_targets import OwnTargets
from attriboard.jobs.plan import Plan
from attriboard.jobs.snapshots import Snapshots
from attriboard.jobs.store import Store
from attriboard.jobs.tally import Tally
from attriboard.jobs.task import Task, task


@dataclass(frozen=True)
class Shelf:
    """The board, what is stored of it, and what is remembered of its examples.

    memory: bytes that the rows of one pass may take; None leaves it to the engine.
    """

    board: Board
    store: Store
    examples: Examples
    own: OwnTargets
    heard: Heard
    modalities: Modalities
    snapshots: Snapshots
    tally: Tally
    executor: Executor
    memory: int | None

    @staticmethod
    def of(
        board: Board,
        catalog: Catalog,
        store: Store,
        executor: Executor,
        memory: int | None = None,
    ) -> Shelf:
        """An empty memory beside `store` and `catalog`."""
        tally, examples = Tally(), Examples(board)
        own = OwnTargets(board, catalog, examples, tally, executor, memory=memory)
        heard = Heard(own)
        return Shelf(
            board=board,
            store=store,
            examples=examples,
            own=own,
            heard=heard,
            modalities=Modalities(executor, heard),
            snapshots=Snapshots(),
            tally=tally,
            executor=executor,
            memory=memory,
        )

    def tasks(self, plan: Plan, indices: Sequence[int]) -> list[Task | None]:
        """Each example's task; None where the own prediction it explains is not known yet."""
        if plan.target is not None:
            targets = dict.fromkeys(indices, plan.target)
        else:
            targets = self.own.known(plan.model, plan.fingerprint, indices)
        return [
            task(self.board, self.examples, plan, index, targets[index])
            if index in targets
            else None
            for index in indices
        ]

    def stored(self, plan: Plan, found: Task) -> dict[str, Any] | None:
        """The stored result's meta. Equal examples share a result, so it is told whose it is."""
        meta = self.store.meta(found.key)
        return None if meta is None else {**meta, "example": found.index, "model": plan.model}
