"""Rules for operations without weights: sums, products, elementwise functions, softmax, norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from attriboard.engine.errors import Unsupported
from attriboard.engine.rules.calls import Call, filled
from attriboard.engine.rules.lrp.ledger import Ledger
from attriboard.engine.rules.lrp.recipe import Recipe
from attriboard.engine.rules.lrp.relevance import (
    all_finite,
    copies,
    identified,
    passing,
    pulled,
    scaled,
    stabilised,
)


def identity(call: Call, output: Tensor) -> Any:
    """Each input takes the relevance of its own output; where it was spread, their sum."""
    shapes = [tensor.shape for tensor in call.dependent()]

    def share(relevance: Tensor) -> tuple[Tensor, ...]:
        return tuple(relevance.sum_to_size(shape) for shape in shapes)

    return passing(call, output, share)


def to_one(call: Call, which: Tensor, relevance_is: Tensor | None = None) -> Any:
    """All relevance to the dependent tensor `which` of an elementwise call, none to the others.

    relevance_is: where it is zero nothing passes, as under a mask.
    """
    places = [tensor is which for tensor in call.dependent()]
    shape = which.shape
    keep = None if relevance_is is None or bool(relevance_is.all()) else relevance_is != 0

    def share(relevance: Tensor) -> tuple[Tensor | None, ...]:
        if keep is not None:
            relevance = torch.where(keep, relevance, 0)
        return tuple(relevance.sum_to_size(shape) if here else None for here in places)

    return passing(call, computed(call), share)


def proportional(
    call: Call,
    recipe: Recipe,
    ledger: Ledger,
    takes: tuple[bool, ...] | None = None,
    shared: int = 1,
    ruled: bool = True,
) -> Any:
    """Relevance in proportion to input times slope, over the output.

    takes: which dependent tensors take relevance at all. shared: how many factors share equally.
    """
    leaves = copies(call.dependent())
    with torch.enable_grad():
        y = call.pure(*leaves)
    if not isinstance(y, Tensor) or not y.is_floating_point():
        return _without_rule(call, y)
    below = stabilised(y.detach() - _constant(call, y, recipe)) * shared
    takes = takes or (True,) * len(leaves)
    finite = [all_finite(x) for x in leaves]

    def share(relevance: Tensor) -> tuple[Tensor | None, ...]:
        slopes = pulled(y, leaves, relevance / below)
        parts = zip(leaves, finite, slopes, takes, strict=True)
        kept = tuple(scaled(x.detach(), ok, s) if t else None for x, ok, s, t in parts)
        ledger.passed(call.name, relevance, kept)
        if not ruled:
            ledger.unruled(call.name, relevance)
        return kept

    return passing(call, y.detach().clone(), share)


def softmax(call: Call, ledger: Ledger) -> Any:
    """AttnLRP, equation 13: R_i = x_i (R_i - s_i sum_j R_j), the softmax's own Taylor term.

    What the softmax gives at x = 0 is a constant, which absorbs the rest.
    """
    (x,) = copies(call.dependent())
    result = computed(call)
    s, dim, finite = result.clone(), call.argument(1, "dim", -1), all_finite(x)

    def share(relevance: Tensor) -> tuple[Tensor]:
        slope = relevance - s * relevance.sum(dim, keepdim=True)
        found = scaled(x.detach(), finite, slope)
        ledger.passed(call.name, relevance, (found,))
        return (found,)

    return passing(call, result, share)


def joined(call: Call, ledger: Ledger, run: Callable[[Call], Any]) -> Any:
    """A copy beside constants: they keep the relevance of their places, which the ledger notes."""
    if call.in_place or len(call.dependent()) == len(call.tensors()):
        return run(call)
    counted = [_counted(t, ledger, call.name, -1) for t in call.dependent()]
    rest = iter(counted)
    swap = iter([next(rest) if t.requires_grad else t for t in call.tensors()])
    args, kwargs = filled((call.args, call.kwargs), swap)
    result = run(Call(call.name, call.function, args, kwargs, False))
    return _counted(result, ledger, call.name, 1)


def _counted(tensor: Tensor, ledger: Ledger, name: str, sign: int) -> Tensor:
    """`tensor`, whose relevance the ledger counts as come (1) or gone on (-1)."""

    def share(relevance: Tensor) -> tuple[Tensor]:
        ledger.passed(name, sign * relevance, ())
        return (relevance,)

    result: Tensor = identified(tensor, share)
    return result


def computed(call: Call) -> Tensor:
    """What the call gives, without a graph, and no alias of what it was given."""
    dependent = [tensor.detach() for tensor in call.dependent()]
    with torch.no_grad():
        result: Tensor = call.pure(*dependent)
    given = {tensor.data_ptr() for tensor in dependent}
    return result.clone() if result.data_ptr() in given else result


def _constant(call: Call, y: Tensor, recipe: Recipe) -> Tensor | float:
    """The part of the output that stems from constants, where these are to take no relevance."""
    if recipe.absorb_bias:
        return 0.0
    with torch.no_grad():
        nothing = call.pure(*(torch.zeros_like(tensor) for tensor in call.dependent()))
    return torch.where(nothing.isfinite(), nothing, 0).to(y.dtype)


def _without_rule(call: Call, result: Any) -> Any:
    """A question about a tensor, or a call whose relevance cannot be followed."""
    tensors = result if isinstance(result, tuple | list) else (result,)
    if any(isinstance(t, Tensor) and (t.is_floating_point() or t.is_complex()) for t in tensors):
        raise Unsupported(
            f"LRP has no rule for the call {call.name!r}, which gives several or complex numbers "
            "at once. Use Integrated Gradients or DeepLift, or start after it with `layer=`."
        )
    return call.run()
