"""Calls the mode did not see: found in the graph they left behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from attriboard.engine.rules.calls import Call, leaves

OWN = frozenset(
    {
        "_RelevanceBackward",
        "AccumulateGrad",
        "AsStridedBackward0",  # a view remade after it was written into
        "CloneBackward0",
        "CopyBackwards",
        "CopySlices",
        "TBackward0",  # .T and its like are attributes, not calls
        "TransposeBackward0",
        "PermuteBackward0",
        "AdjointBackward0",
    }
)
"""Nodes of our own, and of what only moves numbers."""


class Provenance:
    """Which nodes of the graph stem from calls that were seen."""

    def __init__(self) -> None:
        self._known = set(OWN)

    def run(self, call: Call) -> Any:
        """Run a call as it is, and know its nodes again."""
        before = {id(tensor.grad_fn) for tensor in call.dependent()}
        held = [tensor.grad_fn for tensor in call.dependent()]  # so that the ids stay theirs
        result = call.run()
        self._known |= _nodes(leaves(result), before)
        del held
        return result

    def unseen(self, scores: Tensor) -> set[str]:
        """Names of nodes between `scores` and the inputs that no seen call left."""
        return _nodes((scores,), set()) - self._known


def _nodes(tensors: Iterable[Tensor], stop: set[int]) -> set[str]:
    """The names of all nodes from `tensors` back to those whose ids are in `stop`."""
    waiting = [tensor.grad_fn for tensor in tensors if tensor.grad_fn is not None]
    met: set[int] = set(stop)
    held, names = [], set()
    while waiting:
        node = waiting.pop()
        if id(node) in met:
            continue
        met.add(id(node))
        held.append(node)
        names.add(node.name().rpartition("::")[2])
        waiting.extend(before for before, _ in node.next_functions if before is not None)
    return names
