"""The two passes that DeepLift compares: the baseline's is taped, the input's looks it up."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from attriboard.engine.rules.calls import Call, CallMode, filled, leaves
from attriboard.engine.rules.deep_lift import provenance
from attriboard.engine.rules.deep_lift.composites import SPELLED
from attriboard.engine.rules.deep_lift.elementwise import Switched
from attriboard.engine.rules.deep_lift.linear import LINEAR, PLAIN, SHAPED, is_linear
from attriboard.engine.rules.deep_lift.rule import Pair, Rule, ruled
from attriboard.engine.rules.deep_lift.table import rule_for
from attriboard.engine.rules.deep_lift.tape import Entry, Tape
from attriboard.engine.rules.names import body
from attriboard.engine.tensors import Tensors

SWITCHES = frozenset({"where", "masked_fill", "mul"})
"""Linear calls by which masks take part in a function's shape."""


class Pass(CallMode):
    """What both passes share: which calls are linear, spelled out, or on the tape."""

    passed = PLAIN

    def seen(self, call: Call) -> Any:
        """Both passes must come to the same tape, so the way here is the same for both."""
        if call.function is torch.autograd.grad:  # a checkpoint's calls come again in there
            with self:
                return body(call.function)(*call.args, **call.kwargs)
        if any(torch._C._functorch.is_functorch_wrapped_tensor(t) for t in call.dependent()):
            return call.run()  # inside vmap: tensors there are not the pass's own
        if is_linear(call):
            hidden = _hidden(call)
            return self.linear(call, hidden) if hidden else call.run()
        if call.name in SPELLED:
            with self:
                result = SPELLED[call.name](*call.args, **call.kwargs)
            if result is not None:
                return call.written(result)
        return self.operation(call)

    @abstractmethod
    def linear(self, call: Call, hidden: Tensors) -> Any:
        """A linear call, some of whose tensors the pass itself may have computed."""

    @abstractmethod
    def operation(self, call: Call) -> Any:
        """A call that follows a rule."""


class BaselinePass(Pass):
    """Tapes the baseline's calls; they run as the model made them."""

    def __init__(self) -> None:
        super().__init__()
        self.tape = Tape()
        self.spans: list[provenance.Span] = []

    def seen(self, call: Call) -> Any:
        start = provenance.now()
        result = super().seen(call)
        if not torch._C._functorch.peek_interpreter_stack():
            self.spans.append((start, provenance.now()))
        return result

    def linear(self, call: Call, hidden: Tensors) -> Any:
        inputs = _kept(call.dependent() if call.name in SWITCHES else ())
        result = call.run()
        outputs = _kept(leaves(result)) if inputs else ()
        self.tape.linear.append(Entry(call.name, inputs, outputs, _kept(hidden)))
        return result

    def operation(self, call: Call) -> Any:
        inputs = _kept(call.dependent())
        result = call.run()
        if _carries_gradient(result):
            self.tape.entries.append(Entry(call.name, inputs, _kept(leaves(result))))
        return result


class InputPass(Pass):
    """Looks the input's calls up on the tape and gives each its rule."""

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._tape = tape
        self.gaps: dict[str, float] = {}
        self.moved: list[str] = []

    def linear(self, call: Call, hidden: Tensors) -> Any:
        if _replaying():
            return call.run()
        inputs = call.dependent() if call.name in SWITCHES else ()
        entry = self._tape.next_linear(call.name, inputs)
        if entry is not None and _same(hidden, entry.hidden):
            return call.run()
        if entry is None or not inputs:
            self.moved.append(call.name)
            return call.run()
        with torch.no_grad():
            output = call.pure(*_detached(inputs))
        return self._ruled(call, output, Switched(_pair(call, entry, output)))

    def operation(self, call: Call) -> Any:
        if call.in_place:
            with torch.no_grad():
                output = call.pure(*_detached(call.dependent()))
            return self._by_rule(call, output)
        result = call.run()
        if not _carries_gradient(result):
            return result
        return self._by_rule(call, filled(result, iter(_detached(leaves(result)))))

    def _by_rule(self, call: Call, output: Any) -> Any:
        if _replaying():
            return self._ruled(call, output, None)
        entry = self._tape.next(call.name, call.dependent())
        with torch.no_grad():
            rule = rule_for(_pair(call, entry, output), self._note)
        return self._ruled(call, output, rule)

    def _ruled(self, call: Call, output: Any, rule: Rule | None) -> Any:
        results = ruled(rule, call.dependent(), leaves(output))
        whole = filled(output, iter(results))
        return call.written(whole) if isinstance(whole, Tensor) else whole

    def _note(self, name: str, gap: float) -> None:
        self.gaps[name] = max(gap, self.gaps.get(name, 0.0))


def _pair(call: Call, entry: Entry, output: Any) -> Pair:
    inputs = _detached(call.dependent())
    return Pair(call.hollow(), inputs, entry.inputs, tuple(leaves(output)), entry.outputs)


def _hidden(call: Call) -> Tensors:
    """Tensors that no gradient reaches, other than parameters: masks, indices, detached values."""
    if call.name in SHAPED or (call.name not in LINEAR and call.name not in SWITCHES):
        return ()
    tensors = call.tensors()
    return tuple(t for t in tensors if not t.requires_grad and not isinstance(t, nn.Parameter))


def _same(ours: Tensors, theirs: Tensors) -> bool:
    pairs = zip(ours, theirs, strict=False)
    return len(ours) == len(theirs) and all(torch.equal(a, b) for a, b in pairs)


def _carries_gradient(result: Any) -> bool:
    return any(tensor.requires_grad for tensor in leaves(result))


def _kept(tensors: Iterable[Tensor]) -> Tensors:
    """Copies that in-place calls later in the pass do not reach."""
    return tuple(tensor.detach().clone() for tensor in tensors)


def _detached(tensors: Iterable[Tensor]) -> Tensors:
    return tuple(tensor.detach() for tensor in tensors)


def _replaying() -> bool:
    """Whether a backward pass is on: a checkpoint then runs its calls again for their tensors."""
    return bool(torch._C._current_graph_task_id() != -1)
