"""The network: three graph convolutions, and the strongest node for each number answers."""

from __future__ import annotations

import itertools
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from attriboard.demos.motifs.data import CLASSES, COLUMNS

WEIGHTS = Path(__file__).with_name("motifs.safetensors")
WIDTH = 32
LAYERS = 3  # so far does a node see: a motif of five nodes has no longer way across


class GraphNet(nn.Module):
    """Scores of the three classes, (N, 3), from nodes (N, V, 2) and adjacency (N, V, V).

    A layer adds what a node is to the sum of what its neighbours are (Morris et al., 2019).
    """

    def __init__(self) -> None:
        super().__init__()
        widths = [len(COLUMNS), *[WIDTH] * LAYERS]
        pairs = list(itertools.pairwise(widths))
        self.own = nn.ModuleList(nn.Linear(a, b) for a, b in pairs)
        self.near = nn.ModuleList(nn.Linear(a, b, bias=False) for a, b in pairs)
        self.head = nn.Linear(WIDTH, len(CLASSES))

    def forward(self, nodes: Tensor, edges: Tensor) -> Tensor:
        for own, near in zip(self.own, self.near, strict=True):
            nodes = torch.relu(own(nodes) + edges @ near(nodes))
        scores: Tensor = self.head(nodes.amax(1))
        return scores


def trained() -> GraphNet:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    model = untrained(0)
    model.load_state_dict(load_file(WEIGHTS))
    return model


def untrained(seed: int) -> GraphNet:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return GraphNet().eval()
