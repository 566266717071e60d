"""BA-Shapes made in code: trees grown by preferential attachment, with a motif joined to them.

After Ying et al., GNNExplainer (2019), and Luo et al., PGExplainer (2020): which motif a graph
holds is its class, so that the nodes that decide the class are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import torch
from torch import Tensor
from torch.utils.data import Dataset

Split = Literal["train", "test"]

CLASSES = ("no motif", "house", "ring")
COLUMNS = ("one", "noise")
MOTIFS = {
    "house": ((0, 1), (1, 2), (2, 3), (3, 0), (0, 4), (1, 4)),
    "ring": ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0)),
}
TREE = 20  # nodes of the tree
MOTIF = 5  # nodes of the motif, or of the branch that stands in its place
NODES = TREE + MOTIF
SEEDS = {"train": 0, "test": 1}
SIZES = {"train": 3000, "test": 600}


class Item(TypedDict):
    """One graph, and what the catalog can filter by."""

    nodes: dict[str, Any]  # x (25, 2) and the nodes' names
    edges: Tensor  # adjacency (25, 25)
    label: int  # place in CLASSES
    number_of_edges: int


@dataclass(frozen=True)
class Tensors:
    """A whole split; N graphs of 25 nodes."""

    nodes: Tensor  # (N, 25, 2): a constant, and noise that says nothing
    edges: Tensor  # (N, 25, 25), 0 or 1
    labels: Tensor  # (N,), places in CLASSES
    motif: Tensor  # (N, 25), True on the nodes of the motif; of the branch where there is none


class Motifs(Dataset[Item]):
    """The graphs of one split, the same each time."""

    def __init__(self, split: Split) -> None:
        self.tensors = made(SIZES[split], SEEDS[split])

    def __len__(self) -> int:
        return len(self.tensors.labels)

    def __getitem__(self, index: int) -> Item:
        data = self.tensors
        marks = ["m" if inside else "t" for inside in data.motif[index].tolist()]
        names = [f"{mark}{marks[:place].count(mark)}" for place, mark in enumerate(marks)]
        return Item(
            nodes={"x": data.nodes[index], "names": names},
            edges=data.edges[index],
            label=int(data.labels[index]),
            number_of_edges=int(data.edges[index].sum()) // 2,
        )


def made(count: int, seed: int) -> Tensors:
    """`count` graphs; the classes take turns, and the nodes stand in a random order."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % len(CLASSES)
    noise = torch.rand(count, NODES, generator=generator)
    nodes = torch.stack([torch.ones_like(noise), noise], 2)
    edges, motif = torch.zeros(count, NODES, NODES), torch.zeros(count, NODES, dtype=torch.bool)
    for row, label in enumerate(labels.tolist()):
        order = torch.randperm(NODES, generator=generator)
        edges[row] = _graph(CLASSES[label], generator)[order][:, order]
        motif[row] = order >= TREE
    return Tensors(nodes, edges, labels, motif)


def _graph(name: str, generator: torch.Generator) -> Tensor:
    """The tree's nodes first, then the motif's."""
    branch = [(_draw(node, generator), node) for node in range(1, MOTIF)]
    edges = [(TREE + a, TREE + b) for a, b in MOTIFS.get(name, branch)]
    edges += _tree(generator)
    edges.append((_draw(TREE, generator), TREE + _draw(MOTIF, generator)))
    adjacency = torch.zeros(NODES, NODES)
    start, end = torch.tensor(edges).T
    adjacency[start, end] = adjacency[end, start] = 1
    return adjacency


def _tree(generator: torch.Generator) -> list[tuple[int, int]]:
    """Each new node joins one that is there, the likelier the more edges that has."""
    edges, degrees = [(0, 1)], [1.0, 1.0]
    for node in range(2, TREE):
        other = int(torch.multinomial(torch.tensor(degrees), 1, generator=generator))
        edges.append((other, node))
        degrees[other] += 1
        degrees.append(1.0)
    return edges


def _draw(below: int, generator: torch.Generator) -> int:
    return int(torch.randint(below, (1,), generator=generator))
