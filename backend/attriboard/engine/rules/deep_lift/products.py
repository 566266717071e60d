"""Operations integrated along their own path: exact for products, close for all the rest."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from attriboard.engine import paths
from attriboard.engine.rules.deep_lift.rule import Pair, Rule, step, summed_to
from attriboard.engine.tensors import Tensors, is_integer

NODES = 9
"""Of the path of an operation without a rule: exact for polynomials of degree 18."""

Note = Callable[[str, float], None]
"""(name of an operation, share of its output's change that its rule left out)."""


class Product(Rule):
    """a * b, each factor's gradient at the midpoint of the other: exact."""

    def __init__(self, pair: Pair) -> None:
        self._middle = [(x + b) / 2 for x, b in zip(pair.x, pair.b, strict=True)]

    def back(self, gradients: Tensors) -> Tensors:
        (gradient,), (a, b) = gradients, self._middle
        return summed_to(gradient * b, a.shape), summed_to(gradient * a, b.shape)


class Quotient(Rule):
    """a / b, from the product it undoes: da = y db + b dy, at the midpoints of y and b. Exact.

    Nothing here is large unless both denominators are small. A product with 1 / b would be, where
    one is: a vector divided by its norm, a zero vector for the baseline. Where b changes its sign
    its midpoint may vanish, and the product with 1 / b is taken after all.
    """

    def __init__(self, pair: Pair) -> None:
        y, yb = pair.y[0], pair.yb[0]
        (a, low_a), (d, low_d) = _operands(pair)
        crosses = (d > 0) != (low_d > 0)
        middle = torch.where(crosses, 1, (d + low_d) / 2)
        self._over = torch.where(crosses, (1 / d + 1 / low_d) / 2, 1 / middle)
        swing = (a + low_a) / 2 / (d * low_d)
        self._under = torch.where(crosses, -swing, -(y + yb) / 2 / middle)
        self._both = len(pair.x) == 2
        self._shapes = [x.shape for x in pair.x]

    def back(self, gradients: Tensors) -> Tensors:
        (gradient,) = gradients
        below = summed_to(gradient * self._under, self._shapes[-1])
        if not self._both:
            return (below,)
        return summed_to(gradient * self._over, self._shapes[0]), below


def _operands(pair: Pair) -> list[tuple[Tensor, Tensor]]:
    """(for the input, for the baseline) of numerator and denominator, dependent or not."""
    ends = iter(zip(pair.x, pair.b, strict=True))
    found = []
    for given in (pair.call.argument(0, "input"), pair.call.argument(1, "other")):
        if getattr(given, "requires_grad", False):
            found.append(next(ends))
        else:
            constant = torch.as_tensor(given, dtype=pair.y[0].dtype, device=pair.y[0].device)
            found.append((constant, constant))
    return found


class Integral(Rule):
    """The operation's own gradient, averaged over the straight path between its two inputs.

    With k factors the gradient is a polynomial of degree k - 1 along the path, which (k + 1) // 2
    Gauss nodes integrate exactly: for a product of two, the midpoint.
    """

    def __init__(self, pair: Pair, nodes: int = NODES) -> None:
        self._call = pair.call
        self._places, self._weights = (t.tolist() for t in paths.nodes("gausslegendre", nodes))
        self._ends: list[Tensors]
        if nodes == 1:  # one tensor to keep in place of two
            self._ends = [((x + b) / 2,) for x, b in zip(pair.x, pair.b, strict=True)]
        else:
            self._ends = [(b, x.clone()) for x, b in zip(pair.x, pair.b, strict=True)]

    def back(self, gradients: Tensors) -> Tensors:
        totals = [torch.zeros_like(ends[0]) for ends in self._ends]
        for place, weight in zip(self._places, self._weights, strict=True):
            point = [torch.lerp(ends[0], ends[-1], place) for ends in self._ends]
            for total, slope in zip(totals, self._at(point, gradients), strict=True):
                if slope is not None:
                    total.add_(slope, alpha=weight)
        return tuple(totals)

    def _at(self, point: list[Tensor], gradients: Tensors) -> tuple[Tensor | None, ...]:
        with torch.enable_grad():
            leaves = [x.detach().requires_grad_() for x in point]
            given = self._call.pure(*leaves)
        outputs = (given,) if isinstance(given, Tensor) else tuple(given)
        live = [(y, g) for y, g in zip(outputs, gradients, strict=True) if y.requires_grad]
        return torch.autograd.grad(
            [y for y, _ in live], leaves, [g for _, g in live], allow_unused=True
        )


class Measured(Rule):
    """An operation with no rule of its own: integrated, and what that leaves out is noted."""

    def __init__(self, pair: Pair, note: Note) -> None:
        self._inner, self._name, self._note = Integral(pair), pair.call.name, note
        self._dx = [_change(x, b) for x, b in zip(pair.x, pair.b, strict=True)]
        self._dy = [_change(y, b) for y, b in zip(pair.y, pair.yb, strict=True)]

    def back(self, gradients: Tensors) -> Tensors:
        result = self._inner.back(gradients)
        due = sum(_sums(gradients, self._dy), start=torch.zeros(2, dtype=torch.float64))
        given = sum(_sums(result, self._dx), start=torch.zeros(2, dtype=torch.float64))
        if due[1] > 0:
            self._note(self._name, float((due[0] - given[0]).abs() / due[1]))
        return result


def _change(x: Tensor, b: Tensor) -> Tensor | None:
    return None if is_integer(x) else step(x, b)


def _sums(gradients: Tensors, changes: list[Tensor | None]) -> list[Tensor]:
    """(sum, sum of sizes) of gradient times change, for each tensor that has one."""
    parts = [(g * d).double() for g, d in zip(gradients, changes, strict=True) if d is not None]
    return [torch.stack([part.sum(), part.abs().sum()]).cpu() for part in parts]


def _real(tensor: Tensor) -> Tensor:
    return (tensor.real if tensor.is_complex() else tensor).double()
