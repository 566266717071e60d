"""A segmenter of coloured squares, trained in a second."""

from __future__ import annotations

import attriboard as ab
from tests.outputs.made import SQUARES, squares, trained_segmenter

board = ab.Board(
    trained_segmenter(),
    squares(30),
    ab.Image("picture"),
    ab.PerPixel(SQUARES, background="nothing"),
    name="Squares",
)
