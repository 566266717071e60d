"""The inputs' exact Shapley values for single examples, remembered."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from attriboard import engine
from attriboard.engine import ModalityShapley, Run
from attriboard.jobs.executors import Executor
from attriboard.jobs.grouping import extra, stacked
from attriboard.jobs.heard import Heard
from attriboard.jobs.keys import canonical
from attriboard.jobs.plan import Plan
from attriboard.jobs.recent import Recent
from attriboard.jobs.target import for_engine
from attriboard.jobs.task import Prepared, baseline_tensors


class Modalities:
    """Shapley values depend on no attribution method, so the second method finds them here."""

    def __init__(self, executor: Executor, heard: Heard, kept: int = 4096) -> None:
        self._executor = executor
        self._heard = heard
        self._values: Recent[tuple[Any, ...], ModalityShapley] = Recent(kept)

    def values(self, plan: Plan, batch: list[Prepared], run: Run) -> list[ModalityShapley]:
        """One entry per task of the batch, each of one row; 2^M passes for each that is new."""
        common = (plan.fingerprint, canonical(plan.baseline), plan.seed)
        keys = [(*common, entry.loaded.fingerprint, entry.task.target) for entry in batch]
        found = {row: value for row, key in enumerate(keys) if (value := self._values.get(key))}
        missing = [row for row in range(len(batch)) if row not in found]
        if missing:
            run.replay = self._heard.of(plan, [batch[row] for row in missing], "inputs")
            work = partial(
                engine.shapley,
                inputs=stacked(batch[row].loaded.tensors for row in missing),
                extra_args=extra(batch[row].loaded for row in missing),
                target=for_engine([batch[row].task.target for row in missing]),
                baselines=baseline_tensors([batch[row] for row in missing]),
            )
            whole = self._executor.run(plan.model, work, run)
            for place, row in enumerate(missing):
                found[row] = _row(whole, place)
                self._values.put(keys[row], found[row])
        return [found[row] for row in range(len(batch))]


def _row(values: ModalityShapley, row: int) -> ModalityShapley:
    one = slice(row, row + 1)
    return replace(
        values,
        values=values.values[one],
        shares=values.shares[one],
        interactions=values.interactions[one],
        total=values.total[one],
        coalitions=values.coalitions[:, one],
    )
