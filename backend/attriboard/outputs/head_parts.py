"""What one of several heads returns, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.base import Predictions
from attriboard.outputs.head_layout import One
from attriboard.outputs.labels import Answer, ClassMap, Label
from attriboard.outputs.per_pixel import PerPixel
from attriboard.outputs.per_token import PerToken
from attriboard.outputs.regression import Regression


def row_of(name: str, one: One, part: Any, arguments: Mapping[str, Tensor]) -> Tensor:
    """What a head returned as (N, F)."""
    if isinstance(one, PerPixel | PerToken):
        try:
            return one.read(part, arguments)
        except InvalidInput as error:
            raise InvalidInput(f"Head {name!r}: {error}", error.field) from None
    found = torch.as_tensor(part)
    found = found[:, None] if found.ndim == 1 else found
    wanted = len(one.names)
    if found.ndim == 2 and found.shape[1] == wanted:
        return found
    raise InvalidInput(
        f"The head {name!r} returns shape {tuple(found.shape)}, but output= names {wanted} "
        f"number{'' if wanted == 1 else 's'} for it: it must be (N, {wanted}).",
        "output",
    )


def map_of(one: One, row: Tensor) -> tuple[list[int], list[float]]:
    """The likeliest class of each of a head's places, and its probability."""
    if isinstance(one, PerPixel | PerToken):
        return one.map(row)
    scores = row.double()
    best = int(scores.argmax())
    return [best], [float(one.probabilities(scores)[best])]


def figures_of(
    one: One, shares: Tensor, labels: Sequence[Label | None], apart: bool
) -> Mapping[str, Sequence[float | None]]:
    """A head's columns, from probabilities (N, K), or its numbers (N, 1).

    apart: with what the catalog says of the main head alone: its score and whether it is right.
    """
    if isinstance(one, Regression):
        said = one.predictions(shares)
        own = dict(one.columns(said, labels))
        return {"predicted": _numbers(shares[:, 0]), **own} if apart else own
    if isinstance(one, PerPixel | PerToken):
        nothing = shares.new_zeros(0)
        return one.columns(Predictions((), nothing, nothing, shares, one), labels)
    if not apart:
        return {}
    known = type(one)(one.names, "probabilities").predictions(shares)
    right = [None if one is None else float(one) for one in known.correct(labels)]
    judged = {} if all(value is None for value in right) else {"correct": right}
    return {"score": _numbers(known.score), **judged}


def _numbers(values: Tensor) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]


def label_of(name: str, one: One, value: Any) -> Answer | ClassMap | None:
    try:
        found = one.label(value)
    except InvalidInput as error:
        raise InvalidInput(f"head {name!r}: {error}", error.field) from None
    return found if isinstance(found, ClassMap) else one.answer(found)
