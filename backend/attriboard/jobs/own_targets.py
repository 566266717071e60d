"""What the model itself says about single examples, remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.catalog import Catalog
from attriboard.engine import Run
from attriboard.jobs.examples import Examples
from attriboard.jobs.executors import Executor
from attriboard.jobs.grouping import by_shape, extra, joined
from attriboard.jobs.recent import Recent
from attriboard.jobs.tally import Tally
from attriboard.jobs.target import Target, own

OVERHEAD = 1 << 10  # bytes that an output of any size takes
TARGETS = 1 << 16

Key = tuple[str, str]  # the model's fingerprint and the example's


class OwnTargets:
    """Raw outputs and predicted classes, kept by content, so that one pass answers for all."""

    def __init__(
        self,
        board: Board,
        catalog: Catalog,
        examples: Examples,
        tally: Tally,
        executor: Executor,
        *,
        kept: int = 1 << 27,
        memory: int | None = None,
    ) -> None:
        self._board = board
        self._executor = executor
        self._catalog = catalog
        self._examples = examples
        self._tally = tally
        self._memory = memory
        self._outputs: Recent[Key, Tensor] = Recent(kept, lambda row: row.nbytes + OVERHEAD)
        self._targets: Recent[Key, Target] = Recent(TARGETS)
        # The models whose predictions the catalog holds: a model can change while it is served.
        self.catalogued: dict[str, str] = {}

    def output(self, fingerprint: str, index: int) -> Tensor | None:
        """One example's raw output, (1, ...), where the model of that fingerprint gave it before.

        The fingerprint is asked for, since finding it takes a look at every parameter.
        """
        return self._outputs.get((fingerprint, self._examples.fingerprint(index)))

    def known(self, model: str, fingerprint: str, indices: Sequence[int]) -> dict[int, Target]:
        """The own predictions that are known without asking the model."""
        found: dict[int, Target] = {}
        for index in indices:
            target = self._targets.get((fingerprint, self._examples.fingerprint(index)))
            if target is not None:
                found[index] = target
        missing = [index for index in indices if index not in found]
        return found | self._recalled(model, fingerprint, missing)

    def compute(
        self, model: str, fingerprint: str, indices: Sequence[int], cancel: Callable[[], bool]
    ) -> None:
        """Make the examples' outputs known, in as few passes as their shapes allow."""
        run = Run(cancel=cancel, memory=self._memory)
        for group in by_shape([self._examples.get(index) for index in indices]):
            work = partial(engine.predict, inputs=joined(group), extra_args=extra(group))
            output = self._executor.run(model, work, run)
            output = self._board.apart(output, [loaded.example for loaded in group])
            for loaded, row in zip(group, output.split(1), strict=True):
                key = (fingerprint, loaded.fingerprint)
                self._outputs.put(key, row.clone())
                self._targets.put(key, own(row, self._board.output))
        self._tally.add(rows=run.rows)

    def _recalled(self, model: str, fingerprint: str, indices: Sequence[int]) -> dict[int, Target]:
        """Classes predicted in an earlier run, from the catalog."""
        output = self._board.output
        classes = output.kind == "classes" and output.places is None
        if not indices or not classes or self.catalogued.get(model) != fingerprint:
            return {}
        found = {
            item["index"]: Target(item["predicted"])
            for item in self._catalog.rows(indices, model)
            if item["predicted"] is not None
        }
        for index, target in found.items():
            self._targets.put((fingerprint, self._examples.fingerprint(index)), target)
        return found
