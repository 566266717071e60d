"""The questions' words: a tokenizer of one regular expression and its vocabulary."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from torch import Tensor

PAD = "<pad>"
UNK = "<unk>"

# The words of the training questions, in alphabetical order; a word's place is its id.
VOCABULARY = (
    PAD,
    UNK,
    *("a", "black", "blue", "brown", "circle", "color", "contain", "does", "gray", "green"),
    *("image", "in", "is", "no", "not", "of", "present", "rectangle", "red", "shape", "teal"),
    *("the", "there", "triangle", "what", "yellow"),
)
LENGTH = 9  # words in the longest training question

_IDS = {word: index for index, word in enumerate(VOCABULARY)}


def words(question: str) -> list[str]:
    """The words of a question, in lower case and without punctuation."""
    return re.findall(r"[a-z]+", question.lower())


def ids(questions: Sequence[str]) -> Tensor:
    """Token ids (N, LENGTH), int64: longer questions are cut, shorter ones padded at the end."""
    rows = [[_IDS.get(word, _IDS[UNK]) for word in words(text)[:LENGTH]] for text in questions]
    return torch.tensor([row + [_IDS[PAD]] * (LENGTH - len(row)) for row in rows])
