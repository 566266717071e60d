"""The network: convolutions over one, two and three words, and the strongest hit of each."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from attriboard.demos.reviews.data import CLASSES

WEIGHTS = Path(__file__).with_name("reviews.safetensors")

WORD = 32  # numbers a word's embedding
WIDTHS = (1, 2, 3)  # words a filter spans
FILTERS = 48  # of each width


class WordCnn(nn.Module):
    """Scores of the two classes, (N, 2), from ids (N, L); the id 0 is padding.

    The embedding of padding is zero and the filters have no bias, so that padding never speaks
    (Kim 2014, https://arxiv.org/abs/1408.5882).
    """

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WORD, padding_idx=0)
        self.filters = nn.ModuleList(
            nn.Conv1d(WORD, FILTERS, width, bias=False) for width in WIDTHS
        )
        self.forget = nn.Dropout1d(0.1)  # of whole words, so that no single one decides
        self.dropout = nn.Dropout(0.5)
        self.scores = nn.Linear(FILTERS * len(WIDTHS), len(CLASSES))

    def forward(self, ids: Tensor) -> Tensor:
        embedded = self.forget(self.embedding(ids)).transpose(1, 2)
        embedded = functional.pad(embedded, (max(WIDTHS) - 1, max(WIDTHS) - 1))
        strongest = [filters(embedded).relu().amax(2) for filters in self.filters]
        scores: Tensor = self.scores(self.dropout(torch.cat(strongest, 1)))
        return scores


def trained() -> WordCnn:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    weights = {name: tensor.float() for name, tensor in load_file(WEIGHTS).items()}
    with torch.random.fork_rng(devices=[]):
        model = WordCnn(len(weights["embedding.weight"]))
    model.load_state_dict(weights)
    return model.eval()


def untrained(seed: int, vocabulary: int) -> WordCnn:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return WordCnn(vocabulary).eval()
