"""Gradients that came from out of sight, found in the graph that a pass left behind.

A function mode does not see TorchScript, nor what a custom autograd function does, nor inside
vmap. Yet each operation leaves a node, numbered in order. A node whose number lies in no call that
was seen, and that is not linear by its name, passes its plain gradient on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction

from attriboard.engine.rules.deep_lift.linear import LINEAR, MULTILINEAR
from attriboard.engine.rules.names import words

Span = tuple[int, int]
"""Numbers of the nodes that a call which was seen made: from, and up to but without."""

LINEAR_NODES = frozenset(name.replace("_", "").lower() for name in LINEAR) | words(
    """
    accumulategrad asstrided copyslices copys tocopy unsafeview reshapealias viewas slice
    nativebatchnorm cudnnbatchnorm mkldnnlinear backwardhookfunction
    """
)
MULTILINEAR_NODES = frozenset(name.replace("_", "").lower() for name in MULTILINEAR) | words(
    "mm bmm mv dot cudnnconvolution mkldnnconvolution slowconv2d"
)


def now() -> int:
    """The number that the next node of this thread will have."""
    number: int = torch._C._autograd._get_sequence_nr()
    return number


def unseen(scores: Tensor, rows: Sequence[Tensor], spans: Sequence[Span]) -> list[str]:
    """Names of what made gradients between `rows` and `scores` without being seen, each once."""
    seen = {number for start, end in spans for number in range(start, end)}
    between = _between(scores, rows)
    names = (_named(node, between) for node in between if node._sequence_nr() not in seen)
    return list(dict.fromkeys(name for name in names if name))


def _between(scores: Tensor, rows: Sequence[Tensor]) -> dict[Any, None]:
    """The nodes on a way from `rows` to `scores`, the earliest first."""
    known = {id(row) for row in rows}
    found: dict[Any, None] = {}
    for node in sorted(_nodes(scores.grad_fn), key=_age):
        leaf = getattr(node, "variable", None)
        below = any(under in found for under, _ in node.next_functions)
        if id(leaf) in known or below:
            found[node] = None
    return found


def _age(node: Any) -> int:
    """Its number, which is above those of all it leads to; leaves, which have none, come first."""
    return -1 if hasattr(node, "variable") else int(node._sequence_nr())


def _nodes(top: Any) -> Iterator[Any]:
    waiting, met = [top], {None}
    while waiting:
        node = waiting.pop()
        if node in met:
            continue
        met.add(node)
        yield node
        waiting.extend(below for below, _ in node.next_functions)


def _named(node: Any, between: dict[Any, None]) -> str | None:
    """What a node out of sight is called for the user; None where it is linear."""
    kind = type(node).__name__
    stem = re.sub(r"Backwards?\d*$", "", kind)
    plain = stem.lower().lstrip("_")
    reached = [i for i, (below, _) in enumerate(node.next_functions) if below in between]
    if plain in LINEAR_NODES or (plain in MULTILINEAR_NODES and len(reached) == 1):
        return None
    if plain == "div" and reached == [0]:
        return None
    if kind == "CppFunction":
        return "a TorchScript function"
    custom = isinstance(node, BackwardCFunction)
    return f"the autograd function {stem}" if custom else f"`{plain}`"
