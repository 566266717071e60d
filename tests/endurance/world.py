"""The board that the long runs serve: `attriboard serve tests/endurance/world.py`."""

from __future__ import annotations

import attriboard as ab
from tests.api.boards import fusion_board

SIZE = 200


def board() -> ab.Board:
    """The same in every process."""
    return fusion_board(size=SIZE, name="Endurance")
