"""The demo's board: graphs the network never saw."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.motifs.data import CLASSES, COLUMNS, Motifs
from attriboard.demos.motifs.model import trained
from attriboard.inputs import Edges, Graph
from attriboard.outputs import Classes


def load() -> Board:
    """The board, ready to serve."""
    return Board(
        trained(),
        Motifs("test"),
        inputs=[Graph("nodes", columns=COLUMNS), Edges("edges", of="nodes")],
        output=Classes(CLASSES),
        name="Motifs in graphs",
        about="A graph network tells a house and a ring, hidden in a tree, from a plain branch. "
        "The nodes named m are the motif: the colours should lie on them, and on none named t.",
        opening="?view=explain&example=1&method=FeatureAblation",
    )
