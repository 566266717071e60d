"""A tagger of words, trained in a second; see `tests.outputs.made` for its rule."""

from __future__ import annotations

import attriboard as ab
from tests.outputs.made import TAGS, WORDS, encoded, sentences, trained_tagger

board = ab.Board(
    trained_tagger(),
    sentences(60),
    ab.Text("text", tokenizer=encoded, vocabulary=WORDS, length=6),
    ab.PerToken(TAGS, background="O"),
    name="Animals",
)
