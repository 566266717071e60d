"""Each call of the model, sent to its rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from attriboard.engine.rules.calls import Call, CallMode
from attriboard.engine.rules.deep_lift import recurrent
from attriboard.engine.rules.deep_lift.attention import scaled_dot_product_attention
from attriboard.engine.rules.lrp import local, operations
from attriboard.engine.rules.lrp.ledger import Ledger
from attriboard.engine.rules.lrp.marks import Marks
from attriboard.engine.rules.lrp.provenance import Provenance
from attriboard.engine.rules.lrp.recipe import Kind, Recipe
from attriboard.engine.rules.lrp.relevance import passing
from attriboard.engine.rules.lrp.weighted import shares, weighted


class LrpMode(CallMode):
    """Records one pass so that its gradient is relevance.

    names: the module that owns a parameter, by the parameter's id.
    """

    def __init__(self, recipe: Recipe, names: Mapping[int, str], ledger: Ledger) -> None:
        super().__init__()
        self._recipe, self._names, self._ledger = recipe, names, ledger
        self.marks = Marks()
        self.provenance = Provenance()

    def seen(self, call: Call) -> Any:
        spelled = SPELLED.get(call.name)
        if spelled is not None:
            with self:
                return spelled(*call.args, **call.kwargs)
        with saved_tensors_hooks(_kept, _kept):  # no checkpoint runs the plain calls again
            return self._stepped(call)

    def _stepped(self, call: Call) -> Any:
        step = STEPS.get(call.name)
        if step is None:
            return local.proportional(call, self._recipe, self._ledger, ruled=False)
        return step(self, call)

    def copied(self, call: Call) -> Any:
        """Relevance moves with the numbers, as a gradient does."""
        before = call.dependent()
        if call.name in operations.JOINS:
            result = local.joined(call, self._ledger, self.provenance.run)
        else:
            result = self.provenance.run(call)
        self.marks.hand_on(before, result)
        return result

    def elementwise(self, call: Call) -> Any:
        """What goes in takes all, and a scale stays one."""
        before = call.dependent()
        result = local.identity(call, local.computed(call))
        self.marks.hand_on(before, result)
        if call.name in operations.RECIPROCALS:
            self.marks.add("scale", result)
        return result

    def normalised(self, call: Call) -> Any:
        """Only the input takes relevance, wherever the scale and shift come from."""
        return local.to_one(call, call.dependent()[0])

    def summed(self, call: Call) -> Any:
        """Terms share in proportion."""
        before = call.dependent()
        result = local.proportional(call, self._recipe, self._ledger)
        if len(before) == 1 and self.marks.has("raw", before[0]):
            self.marks.add("raw", result)  # an input moved, such as by its mean
        return result

    def batch_normalised(self, call: Call) -> Any:
        """In eval mode a weight and a bias a channel; the identity rule leaves both out."""
        module = self._module(call)
        if self._recipe.choose("batch_norm", False, module) == "identity":
            return local.to_one(call, call.dependent()[0])
        return local.proportional(call, self._recipe, self._ledger)

    def connected(self, call: Call) -> Any:
        """A weighted operation, by the rule chosen for it."""
        operation = weighted(call)
        if operation is None:
            return self.multiplied(call)
        kind: Kind = "convolution" if call.name in operations.CONVOLUTIONS else "dense"
        first = self.marks.has("raw", operation.x)
        rule = self._recipe.choose(kind, first, self._module(call))
        if rule == "identity":
            output = local.computed(call)
            if output.shape == operation.x.shape:
                return local.identity(call, output)
            self._ledger.not_applied.add(self._module(call) or call.name)
            rule = "epsilon"
        known, share = shares(operation, rule, self._recipe)

        def noted(relevance: Tensor) -> tuple[Tensor | None, ...]:
            found = share(relevance)
            self._ledger.passed(rule if rule == "alpha_beta" else call.name, relevance, found)
            return found

        return passing(call, local.computed(call) if known is None else known, noted)

    def scaled(self, call: Call) -> Any:
        """Elementwise products: the scaled takes all; of several factors each an equal part."""
        before = call.dependent()
        bare = [tensor for tensor in before if not self.marks.has("scale", tensor)]
        if len(before) > 1 and len(bare) != 1:
            return self.multiplied(call)
        which = bare[0] if bare else before[0]
        factors = [tensor.detach() for tensor in call.tensors() if tensor is not which]
        result = local.to_one(call, which, factors[0].clone() if factors else None)
        if len(before) == 1:
            self.marks.hand_on(before, result)
        return result

    def multiplied(self, call: Call) -> Any:
        """Factors share equally, each part in proportion; scales take nothing."""
        takes = tuple(not self.marks.has("scale", tensor) for tensor in call.dependent())
        takes = takes if any(takes) else (True,) * len(takes)
        return local.proportional(call, self._recipe, self._ledger, takes, sum(takes))

    def divided(self, call: Call) -> Any:
        """The numerator takes all: a denominator is a scale, like a norm's."""
        above = call.argument(0, "input")
        if isinstance(above, Tensor) and above.requires_grad:
            result = local.to_one(call, above)
            if len(call.dependent()) == 1:
                self.marks.hand_on((above,), result)
            return result
        result = local.identity(call, local.computed(call))
        self.marks.add("scale", result)
        return result

    def softmaxed(self, call: Call) -> Any:
        """AttnLRP's Taylor term, or a constant (Ali et al. 2022) that only scales."""
        if self._recipe.softmax == "taylor":
            return local.softmax(call, self._ledger)
        result = local.identity(call, local.computed(call))
        self.marks.add("scale", result)
        return result

    def _module(self, call: Call) -> str | None:
        known = (self._names.get(id(tensor)) for tensor in call.tensors())
        return next((name for name in known if name is not None), None)


def _kept(tensor: Tensor) -> Tensor:
    return tensor


def baddbmm(input: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    return (input if beta == 1 else input * beta) + torch.matmul(a, b) * alpha


def addcmul(input: Tensor, a: Tensor, b: Tensor, *, value: float = 1) -> Tensor:
    return input + a * b * value


def addcdiv(input: Tensor, a: Tensor, b: Tensor, *, value: float = 1) -> Tensor:
    return input + a / b * value


def glu(input: Tensor, dim: int = -1) -> Tensor:
    a, b = input.chunk(2, dim)
    return a * torch.sigmoid(b)


SPELLED: dict[str, Callable[..., Any]] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "baddbmm": baddbmm,
    "addmm": baddbmm,
    "addmv": baddbmm,
    "addcmul": addcmul,
    "addcdiv": addcdiv,
    "glu": glu,
    "gru": recurrent.gru,
    "lstm": recurrent.lstm,
    "rnn_tanh": recurrent.rnn_tanh,
    "rnn_relu": recurrent.rnn_relu,
    "gru_cell": recurrent.one_gru_cell,
    "lstm_cell": recurrent.one_lstm_cell,
    "rnn_tanh_cell": recurrent.one_tanh_cell,
    "rnn_relu_cell": recurrent.one_relu_cell,
}
"""Operations of torch that are several: written out, call by call, for the mode to see."""

Step = Callable[[LrpMode, Call], Any]

STEPS: dict[str, Step] = {
    **dict.fromkeys(operations.COPIES, LrpMode.copied),
    **dict.fromkeys(operations.ELEMENTWISE, LrpMode.elementwise),
    **dict.fromkeys(operations.RECIPROCALS, LrpMode.elementwise),
    **dict.fromkeys(operations.NORMALISATIONS, LrpMode.normalised),
    **dict.fromkeys(operations.SUMS, LrpMode.summed),
    **dict.fromkeys(operations.PRODUCTS, LrpMode.multiplied),
    **dict.fromkeys(operations.CONVOLUTIONS, LrpMode.connected),
    **dict.fromkeys(operations.DENSE, LrpMode.connected),
    "batch_norm": LrpMode.batch_normalised,
    "mul": LrpMode.scaled,
    "div": LrpMode.divided,
    "softmax": LrpMode.softmaxed,
}
"""Which rule each operation follows; an operation that is not here follows input x gradient."""
