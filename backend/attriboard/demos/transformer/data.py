"""The sentences of the demo reviews, with a class token in front and padding behind."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from attriboard.demos.reviews.data import Item, Reviews, words
from attriboard.demos.transformer.model import CLS, LENGTH


def vocabulary(data: Reviews) -> tuple[str, ...]:
    """The words of the demo reviews and the class token, which comes last."""
    return (*data.vocabulary, CLS)


def tokens(sentence: str) -> list[str]:
    """The class token and the sentence's words."""
    return [CLS, *words(sentence)]


def padded(data: Reviews, items: Sequence[Item]) -> Tensor:
    """Ids (N, LENGTH): longer sentences are cut, shorter ones padded at the end."""
    first = len(data.vocabulary)
    rows = [[first, *data.ids(item["sentence"])][:LENGTH] for item in items]
    return torch.tensor([row + [0] * (LENGTH - len(row)) for row in rows])
