"""The contributions of one batch of examples, as the numbers of the catalog's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.engine import Result, Run
from attriboard.jobs.coalition_pass import CoalitionPass, changed, coalition_pass, right
from attriboard.jobs.examples import Loaded
from attriboard.jobs.grouping import extra, stacked
from attriboard.jobs.provenance import number
from attriboard.jobs.shelf import Shelf
from attriboard.jobs.sweep_plan import Setup
from attriboard.jobs.target import Target, for_engine
from attriboard.jobs.task import Prepared, feature_tensors

Column = list[float | None]


@dataclass(frozen=True)
class Need:
    """What one example lacks, and the example itself.

    prepared: for its attributions, None where it has them. coalitions: whether it lacks those.
    removed: how many features of each input metrics take away, where they are measured.
    """

    loaded: Loaded
    baseline: tuple[Tensor, ...]
    prepared: Prepared | None
    coalitions: bool
    removed: tuple[int, ...] = ()

    @property
    def index(self) -> int:
        return self.loaded.index

    @property
    def bytes(self) -> int:
        """What its rows weigh, those of every coalition among them."""
        rows = 2 ** len(self.loaded.tensors) if self.coalitions else 1
        return self.loaded.bytes * rows

    @property
    def alike(self) -> tuple[Any, ...]:
        grouped = None if self.prepared is None else self.prepared.alike
        return (self.loaded.alike, self.coalitions, grouped, self.removed)


def contributions(shelf: Shelf, setup: Setup, batch: Sequence[Need], run: Run) -> dict[str, Column]:
    """What one batch lacks, by the key of its column."""
    columns: dict[str, Column] = {}
    passed = None
    if batch[0].coalitions:
        passed = all_coalitions(shelf, setup, batch, run)
        labels = [need.loaded.example.label for need in batch]
        columns |= coalition_columns(shelf.board, setup, passed, labels)
    if batch[0].prepared is not None:
        targets = passed.targets if passed else own_targets(shelf, setup, batch, run)
        result = attributed(shelf, setup, batch, targets, run)
        columns |= attribution_columns(shelf.board, setup, result)
    return columns


def all_coalitions(shelf: Shelf, setup: Setup, batch: Sequence[Need], run: Run) -> CoalitionPass:
    """What the model answers with each input present or replaced, in every combination."""

    own = extra(need.loaded for need in batch)

    def predict(rows: tuple[Tensor, ...]) -> Tensor:
        times = len(rows[0]) // len(batch)
        given = tuple(tensor.repeat(times, *(1,) * (tensor.ndim - 1)) for tensor in own)
        work = partial(engine.predict, inputs=rows, extra_args=given)
        found = shelf.executor.run(setup.model, work, run)
        return shelf.board.apart(found, [need.loaded.example for need in batch] * times)

    return coalition_pass(
        predict,
        stacked(need.loaded.tensors for need in batch),
        stacked(need.baseline for need in batch),
        setup.target,
        shelf.board.output,
    )


def own_targets(shelf: Shelf, setup: Setup, batch: Sequence[Need], run: Run) -> list[Target]:
    """What is explained of each example: its own prediction, unless another target is set."""
    if setup.target is not None:
        return [setup.target] * len(batch)
    indices = [need.index for need in batch]
    known = shelf.own.known(setup.model, setup.fingerprint, indices)
    unknown = [index for index in indices if index not in known]
    if unknown:
        shelf.own.compute(setup.model, setup.fingerprint, unknown, run.cancel or (lambda: False))
        known |= shelf.own.known(setup.model, setup.fingerprint, unknown)
    return [known[index] for index in indices]


def attributed(
    shelf: Shelf, setup: Setup, batch: Sequence[Need], targets: list[Target], run: Run
) -> Result:
    """The batch's attributions at the inputs."""
    plan = setup.plan
    prepared = [need.prepared for need in batch if need.prepared is not None]
    if plan is None or not prepared:
        raise ValueError("No attributions are wanted of this batch.")
    method = prepared[0].method
    work = partial(
        engine.attribute,
        inputs=stacked(need.loaded.tensors for need in batch),
        method=method,
        extra_args=extra(need.loaded for need in batch),
        target=for_engine(targets),
        baselines=stacked(need.baseline for need in batch) if method.uses_baseline else None,
        features=feature_tensors(prepared),
        seed=plan.seed,
    )
    result: Result = shelf.executor.run(setup.model, work, run)
    return result


def attribution_columns(board: Board, setup: Setup, result: Result) -> dict[str, Column]:
    """Net and magnitude."""
    net = engine.net(result.attributions, result.sizes)
    magnitude = engine.magnitude(result.attributions, result.sizes)
    return {
        **_by_input(board, setup.columns.net, net),
        **_by_input(board, setup.columns.magnitude, magnitude),
    }


def coalition_columns(
    board: Board, setup: Setup, found: CoalitionPass, labels: Sequence[Any]
) -> dict[str, Column]:
    """Shapley values, interactions, and what becomes of the answer without each input."""
    keys, values, output = setup.columns, found.shapley, board.output
    columns = {
        **_by_input(board, keys.share, values.shares),
        **_by_input(board, keys.shapley, values.values),
    }
    places = {entry.name: place for place, entry in enumerate(board.inputs)}
    for name, place in places.items():
        without = values.coalitions[found.without(place)]
        columns[keys.score_without[name]] = [number(score) for score in without]
        if name in keys.flips:
            columns[keys.flips[name]] = list(changed(found, place, output))
            columns[keys.right_without[name]] = right(found, place, output, labels)
    for (a, b), key in keys.interaction.items():
        pair = values.interactions[:, places[a], places[b]]
        columns[key] = [number(value) for value in pair]
    return columns


def _by_input(board: Board, keys: dict[str, str], values: Tensor) -> dict[str, Column]:
    """values: (N, M), an input a column."""
    rows = values.tolist()
    return {
        keys[entry.name]: [number(row[place]) for row in rows]
        for place, entry in enumerate(board.inputs)
    }
