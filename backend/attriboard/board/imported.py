"""Outputs of a model that were worked out elsewhere, such as on a machine with more of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from attriboard import engine
from attriboard.board import fingerprints
from attriboard.engine.errors import AttriboardError, InvalidInput, ModelError
from attriboard.outputs import Output

if TYPE_CHECKING:
    from attriboard.board.board import Board

FIELD = "outputs"
LOOKED_AT = 4
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Imported:
    """The raw outputs of one model, (N, ...), a row an example in the dataset's order."""

    outputs: Tensor
    fingerprint: str

    def rows(self, indices: Sequence[int]) -> Tensor:
        """The outputs of some examples, as the model would have given them."""
        return self.outputs[list(indices)]


@dataclass(frozen=True)
class Absent:
    """In place of a model whose predictions alone are there. Calling it says so."""

    name: str

    def __call__(self, *inputs: Tensor) -> Tensor:
        raise ModelError(
            f"The board holds the predictions of {self.name!r}, not the model itself, so it cannot "
            "be run or explained here. Hand the model over with the others to Board(...)."
        )


def imports_differ(board: Board, model: str, given: Imported) -> str | None:
    """A sentence where a model answers otherwise than what was imported, by its first examples."""
    for index in range(min(LOOKED_AT, len(board))):
        try:
            one = [board.example(index)]
            extra = board.extra(one)
            own = engine.predict(board.models[model], board.tensors(one), extra_args=extra)
        except AttriboardError:
            continue
        theirs = board.output.predictions(given.rows([index])).predicted[0]
        mine = board.output.predictions(own).predicted[0]
        if isinstance(mine, float) and isinstance(theirs, float):
            same = abs(mine - theirs) <= TOLERANCE * max(1.0, abs(mine))
        else:
            same = mine == theirs
        if not same:
            return (
                f"The predictions imported for {model!r} are not what the model says: example "
                f"{index} is {_said(board, theirs)} there and {_said(board, mine)} here. The list "
                "shows the imported ones, explanations the model's own."
            )
    return None


def _said(board: Board, answer: Any) -> str:
    name = board.output.label_name(answer)
    return repr(answer if name is None else name)


def imported(outputs: Any, size: int, output: Output) -> Imported:
    """`outputs` checked: a row for each of `size` examples, finite, of the output's kind.

    Raises InvalidInput, field "outputs", that names what does not fit.
    """
    try:
        if output.reads:
            outputs = output.read(outputs, {})
        found = outputs.detach().cpu() if isinstance(outputs, Tensor) else torch.as_tensor(outputs)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InvalidInput(
            f"Predictions are the model's raw outputs, a row of numbers an example; this cannot "
            f"be read as such: {error}.",
            FIELD,
        ) from error
    if found.ndim == 0 or len(found) != size:
        rows = "a single number" if found.ndim == 0 else f"{len(found):,} rows"
        raise InvalidInput(
            f"The dataset has {size:,} examples and the predictions {rows}. Give one row of raw "
            "outputs an example, in the dataset's order.",
            FIELD,
        )
    if not found.is_floating_point():
        raise InvalidInput(
            f"Predictions are the model's raw outputs (scores, not classes); these are "
            f"{str(found.dtype).removeprefix('torch.')} numbers. Give the scores of every class.",
            FIELD,
        )
    found = found.float()
    bad = (~torch.isfinite(found.reshape(size, -1))).any(1).nonzero().flatten().tolist()
    if bad:
        raise InvalidInput(
            f"The prediction of example {bad[0]} holds NaN or infinity"
            + (f", and {len(bad) - 1} more do." if len(bad) > 1 else "."),
            FIELD,
        )
    odd = _misfit(found, output)
    if odd is not None:
        raise InvalidInput(f"The predictions do not fit the output: {odd}", FIELD)
    return Imported(found, fingerprints.of_tensors([("outputs", found)]))


def _misfit(found: Tensor, output: Output) -> str | None:
    """What is odd about the numbers, or wrong with their shape."""
    try:
        return output.check(found)
    except InvalidInput as error:
        return str(error)
