"""The demo's board: the test split of the scored sentences, and the trained encoder."""

from __future__ import annotations

from pathlib import Path

from attriboard.board import Board
from attriboard.demos.reviews.data import CLASSES, PAD, UNK, Sentences, reviews
from attriboard.demos.transformer.data import tokens, vocabulary
from attriboard.demos.transformer.model import LENGTH, trained
from attriboard.inputs import Text
from attriboard.outputs import Classes

ABOUT = (
    "A small transformer reads the scored sentences, and makes the same mistake as convolutions "
    "in the demo reviews. DeepLIFT says what each word did, and adds up to the answer; attention "
    "rollout says only where it looked: choose it above."
)


def load(store: Path | None = None) -> Board:
    """The board, ready to serve. Raises AttriboardError where the data cannot be fetched."""
    text = Text(
        "sentence",
        tokens,
        vocabulary=vocabulary(reviews(store)),
        pad=PAD,
        unk=UNK,
        length=LENGTH,
        baseline="unk",  # padding would change the attention mask, and the answer with it
    )
    return Board(
        trained(),
        Sentences(store),
        inputs=text,
        output=Classes(CLASSES),
        name="Sentences, transformer",
        about=ABOUT,
        opening="view=explain&example=909&method=DeepLift",
    )
