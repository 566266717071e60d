"""The demo's board: the test split of easy-VQA and the trained network."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.vqa.data import ANSWERS, EasyVqa
from attriboard.demos.vqa.model import trained
from attriboard.demos.vqa.words import LENGTH, PAD, UNK, VOCABULARY, words
from attriboard.inputs import Image, Text
from attriboard.outputs import Classes


def load() -> Board:
    """The board, ready to serve. Raises AttriboardError where easy-vqa is not installed."""
    return Board(
        trained(),
        EasyVqa("test"),
        inputs=[
            Image("photo"),
            Text("question", words, vocabulary=VOCABULARY, pad=PAD, unk=UNK, length=LENGTH),
        ],
        output=Classes(ANSWERS),
        name="easy-VQA",
    )
