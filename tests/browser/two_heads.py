"""What a thing is and what it weighs, of one model, trained in a second."""

from __future__ import annotations

import attriboard as ab
from tests.outputs.made import KINDS, things, trained_heads

board = ab.Board(
    trained_heads(),
    things(60),
    ab.Tabular("row", ["x0", "x1", "x2", "x3"]),
    {"kind": ab.Classes(KINDS), "weight": ab.Regression("weight", "kg")},
    name="Things",
)
