"""Graph: the features of a graph's nodes, one input; its edges are another, `Edges`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from attriboard.inputs.base import Choice, Input
from attriboard.inputs.edges import member, not_a_file

VALUES = Choice("elements", "Values", "Each feature of each node on its own.")
NODES = Choice("nodes", "Nodes", "All features of a node together.")
COLUMNS = Choice("columns", "Features", "One feature over all nodes together.")
FEATURES = (VALUES, NODES, COLUMNS)
BASELINES = (
    Choice(
        "zero",
        "Zero",
        "Every feature of every node is zero. Where zero is a value like others, such as a count, "
        "nodes that have it count for nothing.",
    ),
    Choice(
        "mean",
        "Mean",
        "Each feature's mean over the nodes of a sample of the data. Usual nodes then count for "
        "little.",
    ),
    Choice(
        "own",
        "Own mean",
        "Each feature's mean over this graph's own nodes. What all of them share then counts for "
        "nothing.",
    ),
)
DIMENSIONS = 2


class Graph(Input):
    """The nodes of a graph, as features (nodes, features) for the model.

    A raw value is an array or tensor of that shape, (nodes,) where there is one feature, or a dict
    or object with `x`, and `names` of the nodes if they have any. `columns` names the features.
    `size` fills every graph up with nodes of zeros, so that graphs of unequal size share a batch;
    without it each keeps its own. The edges are another argument of the model: the input `Edges`.
    """

    modality = "graph"

    def __init__(
        self, name: str, columns: Sequence[str] | None = None, *, size: int | None = None
    ) -> None:
        super().__init__(name)
        if isinstance(columns, str):
            raise self.invalid("columns= must be a list of names, one a feature.")
        if size is not None and size < 1:
            raise self.invalid("size= must be at least 1 node.")
        self.columns = None if columns is None else [str(column) for column in columns]
        self.size = size

    # From raw value to tensor

    def tensor(self, raw: Any) -> Tensor:
        found = self._nodes(raw)
        if self.size is None:
            return found
        return torch.cat([found, found.new_zeros(self.size - len(found), found.shape[1])])

    def _nodes(self, raw: Any) -> Tensor:
        """The graph's own nodes, without filling: (nodes, features), floating point."""
        try:
            found = torch.as_tensor(member(raw, "x", raw)).detach()
        except (TypeError, ValueError, RuntimeError) as error:
            raise self.invalid(
                f"a graph's nodes are a {type(raw).__name__}; give numbers (nodes, features), or a "
                'dict with them under "x".'
            ) from error
        found = found[:, None] if found.dim() == 1 else found
        if found.dim() != DIMENSIONS:
            raise self.invalid(
                f"a graph's nodes have shape {tuple(found.shape)}; give (nodes, features)."
            )
        found = found.clone() if found.is_floating_point() else found.float()
        self._check(found)
        return found

    def _check(self, found: Tensor) -> None:
        count, width = found.shape
        if not count or not width:
            what = "nodes" if not count else "features"
            raise self.invalid(f"a graph has no {what}, so there is nothing to explain. Leave out.")
        if self.columns is not None and width != len(self.columns):
            raise self.invalid(f"nodes have {width} features, columns= names {len(self.columns)}.")
        if self.size is not None and count > self.size:
            raise self.invalid(f"a graph has {count} nodes, more than size={self.size}.")
        if not bool(found.isfinite().all()):
            raise self.invalid("a node has a feature that is not a finite number; fill it first.")

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        nodes = self._nodes(raw)
        named = member(raw, "names", None)
        names = [str(i) for i in range(len(nodes))] if named is None else [str(n) for n in named]
        if len(names) != len(nodes):
            raise self.invalid(f"{len(names)} names for {len(nodes)} nodes; give one each.")
        columns = self.columns or [f"feature {i}" for i in range(nodes.shape[1])]
        return {"kind": "graph", "names": names, "columns": columns, "values": nodes.tolist()}

    def summed(self, attribution: Tensor) -> Tensor:
        """One number a node: (nodes, features) -> (nodes,)."""
        return attribution.sum(1)

    # Features and baselines

    def feature_kinds(self) -> tuple[Choice, ...]:
        return FEATURES

    def default_features(self, tensor: Tensor) -> str:
        return "nodes"

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        self.chosen(kind, FEATURES, "way to group nodes")
        count, width = tensor.shape
        if kind == "elements":
            return torch.arange(count * width).reshape(count, width)
        if kind == "nodes":
            return torch.arange(count)[:, None].expand(count, width).contiguous()
        return torch.arange(width).expand(count, width).contiguous()

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """One node at a time."""
        return (1, tensor.shape[1]), (1, tensor.shape[1])

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return BASELINES

    @property
    def baseline_reason(self) -> str:
        return "a node of which nothing is known has no features."

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, BASELINES, "baseline")
        if kind == "zero":
            return torch.zeros_like(tensor)
        if kind == "own":
            row = self._nodes(raw).mean(0)
        elif sample:
            row = torch.cat(list(sample)).mean(0)
        else:
            raise self.invalid("the baseline 'mean' needs a sample of the data.")
        return row.to(tensor.dtype).expand_as(tensor).clone()

    def from_file(self, source: Path | bytes) -> Any:
        raise not_a_file(self)

    def config(self) -> Mapping[str, Any]:
        return {"columns": self.columns, "size": self.size}
