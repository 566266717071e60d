"""The network: a transformer encoder of two layers over the words, read at its class token."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from attriboard.demos.reviews.data import CLASSES

WEIGHTS = Path(__file__).with_name("transformer.safetensors")

CLS = "<cls>"
LENGTH = 32  # tokens of a text, the class token among them
WIDTH = 32
HEADS = 4
LAYERS = 2


class Encoder(nn.Module):
    """Scores of the two classes, (N, 2), from ids (N, L); the id 0 is padding.

    The attention mask is made here, of the ids: no token looks at padding. So a text gives the
    same scores however much padding follows it, and a token that a method replaces by padding is
    gone from every layer.
    """

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, WIDTH, padding_idx=0)
        self.places = nn.Parameter(0.02 * torch.randn(LENGTH, WIDTH))
        self.forget = nn.Dropout1d(0.1)  # of whole words, so that no single one decides
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, dropout=0.2, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(WIDTH)
        self.scores = nn.Linear(WIDTH, len(CLASSES))

    def forward(self, ids: Tensor) -> Tensor:
        embedded = self.forget(self.embedding(ids)) + self.places[: ids.shape[1]]
        encoded = self.encoder(embedded, src_key_padding_mask=ids == 0)
        scores: Tensor = self.scores(self.norm(encoded[:, 0]))
        return scores


def trained() -> Encoder:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    weights = {name: tensor.float() for name, tensor in load_file(WEIGHTS).items()}
    with torch.random.fork_rng(devices=[]):
        model = Encoder(len(weights["embedding.weight"]))
    model.load_state_dict(weights)
    return model.eval()


def untrained(seed: int, vocabulary: int) -> Encoder:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Encoder(vocabulary).eval()
