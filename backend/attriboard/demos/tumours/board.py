"""The demo's board: every tumour, and the trained network."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.tumours.data import CLASSES, Measured, tumours
from attriboard.demos.tumours.model import trained
from attriboard.inputs import Tabular
from attriboard.outputs import Classes

ABOUT = (
    "Malignant or benign, from thirty measurements of cells; right on 96 % of the tumours it never "
    "saw. It is wrong where that costs most: this one is malignant, and the network is sure it is "
    "benign. Run KernelSHAP with features set to groups to read thirty numbers as ten properties."
)


def load() -> Board:
    """The board, ready to serve. Raises AttriboardError where scikit-learn is not installed."""
    return Board(
        trained(),
        Measured(),
        inputs=Tabular("tumour", tumours().columns()),
        output=Classes(CLASSES),
        name="Tumours",
        about=ABOUT,
        opening="view=explain&example=135",
    )
