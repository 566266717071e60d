"""Which rule a call that is not linear follows, by its normalised name."""

from __future__ import annotations

from collections.abc import Callable

from attriboard.engine.rules.deep_lift.elementwise import ELEMENTWISE, Elementwise
from attriboard.engine.rules.deep_lift.linear import MULTILINEAR
from attriboard.engine.rules.deep_lift.maximum import POOLS, Extreme, Pooled
from attriboard.engine.rules.deep_lift.products import Integral, Measured, Note, Product, Quotient
from attriboard.engine.rules.deep_lift.rule import Pair, Rule
from attriboard.engine.rules.deep_lift.softmax import LogSoftmax, LogSumExp, Softmax

SINGLE: dict[str, Callable[[Pair], Rule]] = {
    **dict.fromkeys(ELEMENTWISE, Elementwise),
    **dict.fromkeys(POOLS, Pooled),
    **dict.fromkeys(("max", "amax", "min", "amin"), Extreme),
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
    "logsumexp": LogSumExp,
}
"""Calls with one dependent tensor."""


def rule_for(pair: Pair, note: Note) -> Rule:
    """The rule of a call; `note` hears what the calls without one leave out."""
    name, count = pair.call.name, len(pair.x)
    real = all(x.is_floating_point() for x in (*pair.x, *pair.y[:1]))
    if name in MULTILINEAR and real:
        return Product(pair) if (name, count) == ("mul", 2) else Integral(pair, (count + 1) // 2)
    if name == "div" and real and not pair.call.kwargs.get("rounding_mode"):
        return Quotient(pair)
    if name in SINGLE and count == 1 and real:
        return SINGLE[name](pair)
    return Measured(pair, note)
