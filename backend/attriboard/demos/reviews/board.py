"""The demo's board: the test split of the scored sentences, and the trained network."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from attriboard.board import Board
from attriboard.demos.reviews.data import CLASSES, PAD, UNK, Sentences, reviews, words
from attriboard.demos.reviews.model import trained
from attriboard.inputs import Text
from attriboard.outputs import Classes

# The view the link opens: sentences beside one another with their words coloured by Integrated
# Gradients, as figure 3 of Captum's paper (arXiv:2009.07896) has them. The first is a mistake.
FIGURE = (909, 85, 129, 304, 1115, 1142, 1147, 1326)
VIEW = urlencode(
    {
        "view": "explain",
        "example": FIGURE[0],
        "method": "IntegratedGradients",
        "where": f"index in ({', '.join(map(str, FIGURE))})",
    }
)
ABOUT = (
    "A network of word convolutions reads sentences that people scored. It is sure that the one on "
    "Men with Brooms praises, and it does not: the colours say which word misled it most. Walk on "
    "to see what it builds on where it is right."
)


def load(store: Path | None = None) -> Board:
    """The board, ready to serve. Raises AttriboardError where the data cannot be fetched."""
    data = reviews(store)
    return Board(
        trained(),
        Sentences(store),
        inputs=Text("sentence", words, vocabulary=data.vocabulary, pad=PAD, unk=UNK),
        output=Classes(CLASSES),
        name="Scored sentences",
        about=ABOUT,
        opening=VIEW,
        views={"Figure 3 of Captum's paper": VIEW},
    )
