"""Models that want a list of edges, as PyTorch Geometric does, behind an adjacency matrix."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EdgeList(nn.Module):
    """A model of (x, edge_index, edge_weight, batch) as a model of (nodes, adjacency).

    The graphs of a batch become one graph without edges between them: x (nodes, features) over all
    of them, edge_index (2, edges), edge_weight (edges,), and batch (nodes,), which says whose each
    node is. The model returns one row a graph. Weights carry the gradient, so edges have
    attributions; a pair whose weight is exactly 0 is not in the list and has none.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, nodes: Tensor, adjacency: Tensor) -> Tensor:
        graphs, count, width = nodes.shape
        graph, start, end = adjacency.nonzero(as_tuple=True)
        listed = torch.stack([graph * count + start, graph * count + end])
        weight = adjacency[graph, start, end]
        batch = torch.arange(graphs, device=nodes.device).repeat_interleave(count)
        scores: Tensor = self.model(nodes.reshape(-1, width), listed, weight, batch)
        return scores
