"""Rules for operations with weights: linear layers, convolutions, products with a constant.

A rule is data: groups of terms. With terms (x_k, w_k, b_k) of a group and its coefficient c, an
input's relevance is

    R_i = sum_groups c * sum_k x_ki * sum_j w_kij * R_j / stabilised(sum_k (w_k x_k + b_k)_j)

which one loop computes for every rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from attriboard.engine.rules.calls import Call, filled
from attriboard.engine.rules.lrp.operations import DENSE
from attriboard.engine.rules.lrp.recipe import Recipe, Rule
from attriboard.engine.rules.lrp.relevance import STABLE, Share, pulled, stabilised

Term = tuple[Tensor, Tensor, Tensor | None]
Groups = list[tuple[float, list[Term]]]
Apply = Callable[[Tensor, Tensor, Tensor | None], Tensor]


@dataclass(frozen=True)
class Weighted:
    """A call as a function of input, weight and bias, linear in the first two."""

    x: Tensor
    weight: Tensor
    bias: Tensor | None
    apply: Apply

    def terms(self, rule: Rule, recipe: Recipe) -> Groups:
        """What `rule` makes of the call."""
        x, w = self.x.detach().clone(), self.weight.detach()
        b = self.bias if recipe.absorb_bias else None
        return RULES[rule](x, w, None if b is None else b.detach(), recipe)


def weighted(call: Call) -> Weighted | None:
    """`call` as Weighted; None where more than its input depends on what is explained."""
    if call.name in DENSE and call.name != "linear":
        return _product(call)
    x, weight, bias = (call.argument(i, n) for i, n in enumerate(("input", "weight", "bias")))
    if not x.requires_grad or len(call.dependent()) != 1:
        return None
    rest = call.args[3:]
    named = {k: v for k, v in call.kwargs.items() if k not in ("input", "weight", "bias")}
    return Weighted(x, weight, bias, lambda x, w, b: call.function(x, w, b, *rest, **named))


def _product(call: Call) -> Weighted | None:
    tensors = call.tensors()
    if len(tensors) != 2 or len(call.dependent()) != 1:
        return None
    first = tensors[0].requires_grad
    x, weight = tensors if first else tensors[::-1]

    def apply(x: Tensor, w: Tensor, b: Tensor | None) -> Tensor:
        args, kwargs = filled((call.args, call.kwargs), iter((x, w) if first else (w, x)))
        result: Tensor = call.function(*args, **kwargs)
        return result

    return Weighted(x, weight, None, apply)


def shares(operation: Weighted, rule: Rule, recipe: Recipe) -> tuple[Tensor | None, Share]:
    """How `rule` shares relevance among the inputs of `operation`.

    With it comes the operation's output, where the rule had to compute it anyway.
    """
    epsilon = recipe.epsilon if rule == "epsilon" else STABLE
    parts = []
    for coefficient, terms in operation.terms(rule, recipe):
        leaves = tuple(x.requires_grad_() for x, _, _ in terms)
        with torch.enable_grad():
            outputs = [operation.apply(x, w, b) for x, w, b in terms]
            total = sum(outputs[1:], start=outputs[0])
        parts.append((coefficient, leaves, total, stabilised(total.detach(), epsilon)))
    shape = operation.x.shape

    def share(relevance: Tensor) -> tuple[Tensor]:
        result = relevance.new_zeros(shape)
        for coefficient, leaves, total, below in parts:
            for leaf, pull in zip(leaves, pulled(total, leaves, relevance / below), strict=True):
                result += coefficient * leaf.detach() * pull
        return (result,)

    same = rule == "epsilon" and (recipe.absorb_bias or operation.bias is None)
    return parts[0][2].detach().clone() if same else None, share


def _epsilon(x: Tensor, w: Tensor, b: Tensor | None, recipe: Recipe) -> Groups:
    return [(1.0, [(x, w, b)])]


def _gamma(x: Tensor, w: Tensor, b: Tensor | None, recipe: Recipe) -> Groups:
    favoured = None if b is None else b + recipe.gamma * b.clamp(min=0)
    return [(1.0, [(x, w + recipe.gamma * w.clamp(min=0), favoured)])]


def _alpha_beta(x: Tensor, w: Tensor, b: Tensor | None, recipe: Recipe) -> Groups:
    groups: Groups = [(recipe.alpha, _positive(x, w, b))]
    if recipe.alpha != 1:
        groups.append((1 - recipe.alpha, _positive(x, -w, None if b is None else -b)))
    return groups


def _z_plus(x: Tensor, w: Tensor, b: Tensor | None, recipe: Recipe) -> Groups:
    return [(1.0, _positive(x, w, b))]


def _flat(x: Tensor, w: Tensor, b: Tensor | None, recipe: Recipe) -> Groups:
    return [(1.0, [(torch.ones_like(x), torch.ones_like(w), None)])]


def _w_square(x: Tensor, w: Tensor, b: Tensor | None, recipe: Recipe) -> Groups:
    return [(1.0, [(torch.ones_like(x), w.square(), None)])]


def _z_box(x: Tensor, w: Tensor, b: Tensor | None, recipe: Recipe) -> Groups:
    low, high = torch.full_like(x, -recipe.low), torch.full_like(x, -recipe.high)
    return [(1.0, [(x, w, None), (low, w.clamp(min=0), None), (high, w.clamp(max=0), None)])]


def _positive(x: Tensor, w: Tensor, b: Tensor | None) -> list[Term]:
    """Terms of the positive contributions; those of the negative ones come with -w and -b."""
    above = None if b is None else b.clamp(min=0)
    terms = [(x.clamp(min=0), w.clamp(min=0), above)]
    if bool((x < 0).any()):
        terms.append((x.clamp(max=0), w.clamp(max=0), None))
    return terms


RULES: dict[Rule, Callable[[Tensor, Tensor, Tensor | None, Recipe], Groups]] = {
    "epsilon": _epsilon,  # Bach et al. 2015, equation 58
    "gamma": _gamma,  # Montavon et al. 2019, section 10.2.1
    "alpha_beta": _alpha_beta,  # Bach et al. 2015, equation 60
    "z_plus": _z_plus,  # Montavon et al. 2017, section 4.2: alpha-beta with alpha 1
    "flat": _flat,  # Lapuschkin et al. 2019, supplementary note 2
    "w_square": _w_square,  # Montavon et al. 2017, section 4.1
    "z_box": _z_box,  # Montavon et al. 2017, section 4.3
}
