"""Edges: which nodes of a graph are joined, and how strongly, as an adjacency matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs import drawing
from attriboard.inputs.base import Choice, Input, Media
from attriboard.inputs.layout import places

PAIRS = Choice("elements", "Pairs", "Each ordered pair of nodes on its own, joined or not.")
EDGES = Choice("edges", "Edges", "Each edge, both its directions together.")
NODES = Choice("nodes", "Ends", "All edges that end in a node together.")
FEATURES = (PAIRS, EDGES, NODES)
BASELINES = (
    Choice(
        "none",
        "No edges",
        "No node is joined to another. Graphs without edges may be unlike any the model has seen.",
    ),
    Choice("kept", "Kept", "The edges as they are: the answer is explained by the nodes alone."),
)


class Edges(Input):
    """The edges of the graph whose nodes are the input `of`, as adjacency (nodes, nodes).

    Entry (i, j) is the weight of the edge from node i to node j, and 0 where there is none. A raw
    value is such a matrix (an array, a tensor, a sparse matrix of SciPy), a graph of networkx, or a
    dict or object with `edge_index` (2, edges), `num_nodes`, and `edge_weight` where edges have
    one. `directed` says that an edge leads one way: a list of edges is then not mirrored.
    `size` fills the matrix up as that of `Graph` does.

    A model that wants a list of edges is handed over inside `attriboard.inputs.EdgeList`.
    """

    modality = "edges"

    def __init__(
        self,
        name: str,
        of: str,
        *,
        directed: bool = False,
        size: int | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__(name)
        if not isinstance(of, str) or not of:
            raise self.invalid("of= must be the name of the input Graph that holds the nodes.")
        if not dtype.is_floating_point:
            raise self.invalid(f"dtype= must be a floating-point type, not {dtype}.")
        self.of, self.directed, self.size, self.dtype = of, directed, size, dtype

    # From raw value to tensor

    def tensor(self, raw: Any) -> Tensor:
        found = self._matrix(raw).to(self.dtype)
        if found.dim() != 2 or found.shape[0] != found.shape[1]:
            raise self.invalid(
                f"the edges have shape {tuple(found.shape)}; give (nodes, nodes), or a list of "
                'edges as a dict with "edge_index" (2, edges) and "num_nodes".'
            )
        if not len(found):
            raise self.invalid("a graph has no nodes, so there is nothing to explain. Leave out.")
        if not bool(found.isfinite().all()):
            raise self.invalid("an edge's weight is not a finite number.")
        if self.size is None:
            return found
        if len(found) > self.size:
            raise self.invalid(f"a graph has {len(found)} nodes, more than size={self.size}.")
        filled = found.new_zeros(self.size, self.size)
        filled[: len(found), : len(found)] = found
        return filled

    def _matrix(self, raw: Any) -> Tensor:
        listed = member(raw, "edge_index", None)
        try:
            if listed is not None:
                return self._from_list(raw, torch.as_tensor(listed).long())
            if hasattr(raw, "adjacency") and hasattr(raw, "number_of_nodes"):
                return self._from_networkx(raw)
            return torch.as_tensor(raw.toarray() if hasattr(raw, "toarray") else raw).clone()
        except (TypeError, ValueError, RuntimeError) as error:
            if isinstance(error, InvalidInput):
                raise
            raise self.invalid(f"the edges cannot be read ({error}).") from error

    def _from_list(self, raw: Any, listed: Tensor) -> Tensor:
        count = member(raw, "num_nodes", None)
        if count is None:
            raise self.invalid(
                'a list of edges needs "num_nodes" beside it: a node without edges is not in it.'
            )
        if listed.dim() != 2 or listed.shape[0] != 2:
            raise self.invalid(f'"edge_index" has shape {tuple(listed.shape)}; give (2, edges).')
        if listed.numel() and not 0 <= int(listed.min()) <= int(listed.max()) < int(count):
            raise self.invalid(
                f"an edge joins nodes {int(listed.min())} to {int(listed.max())}, but the graph "
                f"has nodes 0 to {int(count) - 1}."
            )
        weight = member(raw, "edge_weight", None)
        value = torch.ones(listed.shape[1]) if weight is None else torch.as_tensor(weight).float()
        matrix = torch.zeros(int(count), int(count))
        matrix[listed[0], listed[1]] = value
        if not self.directed:
            matrix[listed[1], listed[0]] = value
        return matrix

    def _from_networkx(self, raw: Any) -> Tensor:
        order = {node: place for place, node in enumerate(raw)}
        matrix = torch.zeros(len(order), len(order))
        for node, joined in raw.adjacency():
            for other, data in joined.items():
                weight = data.get("weight", 1.0)
                matrix[order[node], order[other]] = 1.0 if weight is None else float(weight)
        return matrix

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        """Each edge once, with its ends and weight, and where each node lies, in 0 to 1.

        Two directions of equal weight are one edge.
        """
        matrix = self.tensor(raw)
        directed = self.directed or not torch.equal(matrix, matrix.T)
        pairs = (matrix if directed else matrix.triu()).nonzero().tolist()
        edges = [[start, end, float(matrix[start, end])] for start, end in pairs]
        return {
            "kind": "edges",
            "of": self.of,
            "nodes": len(matrix),
            "directed": directed,
            "edges": edges,
            "places": places(matrix.double().numpy()).round(4).tolist(),
        }

    def thumbnail(self, raw: Any, width: int | None = None) -> Media:
        matrix = self.tensor(raw).double()
        pairs = (matrix + matrix.T).triu(1).nonzero().tolist()
        return drawing.graph(places(matrix.numpy()).tolist(), [(a, b) for a, b in pairs])

    def summed(self, attribution: Tensor) -> Tensor:
        return attribution

    # Features and baselines

    def feature_kinds(self) -> tuple[Choice, ...]:
        return FEATURES

    def default_features(self, tensor: Tensor) -> str:
        return "edges"

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        """Pairs that are not joined are one group, the last: nothing is there to take away."""
        self.chosen(kind, FEATURES, "way to group edges")
        count = len(tensor)
        if kind == "elements":
            return torch.arange(count * count).reshape(count, count)
        if kind == "nodes":
            return torch.arange(count).expand(count, count).contiguous()
        joined = (tensor != 0) | (tensor.T != 0) if not self.directed else tensor != 0
        once = joined.triu() if not self.directed else joined
        ids = torch.full((count, count), int(once.sum()), dtype=torch.int64)
        start, end = once.nonzero(as_tuple=True)
        ids[start, end] = torch.arange(len(start))
        if not self.directed:
            ids[end, start] = torch.arange(len(start))
        return ids

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """All edges that leave a node, node by node."""
        return (1, len(tensor)), (1, len(tensor))

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return BASELINES

    @property
    def baseline_reason(self) -> str:
        return "without edges each node stands alone, so what joins them is what is explained."

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, BASELINES, "baseline")
        return tensor.clone() if kind == "kept" else torch.zeros_like(tensor)

    def from_file(self, source: Path | bytes) -> Any:
        raise not_a_file(self)

    def config(self) -> Mapping[str, Any]:
        return {"of": self.of, "directed": self.directed, "size": self.size, "as": str(self.dtype)}


def member(raw: Any, name: str, otherwise: Any) -> Any:
    """What a dict or an object holds under a name; `otherwise` where it has nothing of it."""
    if isinstance(raw, Mapping):
        return raw.get(name, otherwise)
    return otherwise if isinstance(raw, Tensor) else getattr(raw, name, otherwise)


def not_a_file(entry: Input) -> InvalidInput:
    """Graphs have no file format of their own here."""
    return entry.invalid("a graph is not read from a file; choose a named baseline or an example.")
