"""Places: names of the spaces in which points lie, and of what passes do on the way there."""

from __future__ import annotations

from collections.abc import Hashable

WHOLE = ("inputs", "outputs", ("inputs", "embedded"))
"""Places whose passes go through the model as it is, with nothing read or replaced on the way."""

HOOKED = frozenset({"read", "observed", "spliced", "neuron", "through"})
"""Kinds of places that read or replace a layer's activation by hooks, and nothing else."""


def by_hooks(place: Hashable) -> bool:
    """Whether passes at `place` go through the model as it is, but for hooks on its layers.

    A place inside another is (the other, its kind, ...).
    """
    while place not in WHOLE:
        if not isinstance(place, tuple) or place[1] not in HOOKED:
            return False
        place = place[0]
    return True
