"""Outputs with scores at each position of a sequence: tags of tokens, states of time steps."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.outputs.classes import Scores
from attriboard.outputs.grid import Grid


class PerToken(Grid):
    """One of several classes at each position; the model returns (N, L, K).

    A label is a class for each position, as indices or names; a negative index, such as -100,
    or None marks positions that do not count, and a label shorter than L leaves the rest out.
    `background` names the class that means "nothing here" (the O of entity tags): the model's
    own prediction for a whole example is then the surest of the other classes. `of` names the
    input whose tokens the positions are; it may be left out where there is one text.

    Targets are {"index": [position, class]}, or the flat index position * K + class.
    """

    what = "position"

    def __init__(
        self,
        names: Sequence[str],
        scores: Scores = "logits",
        *,
        background: str | None = None,
        of: str | None = None,
    ) -> None:
        super().__init__(names, scores, background, of)

    def grid(self, returned: Tensor) -> Tensor:
        if returned.ndim == 3:
            return returned
        raise InvalidInput(
            f"The model returns shape {tuple(returned.shape)}; PerToken needs (N, L, K): a score "
            "for each class at each position.",
            "output",
        )

    def place_name(self, place: int) -> str:
        return f"position {place}"
