"""A segmenter of coloured squares, trained in a second, with a second head: which there are."""

from __future__ import annotations

import attriboard as ab
from tests.outputs.made import SQUARES, SquaresAndKind, squares_and_kind

board = ab.Board(
    SquaresAndKind(),
    squares_and_kind(30),
    ab.Image("picture"),
    {
        "mask": ab.PerPixel(SQUARES, background="nothing"),
        "kind": ab.Classes(["red", "blue", "both"]),
    },
    name="Squares",
)
