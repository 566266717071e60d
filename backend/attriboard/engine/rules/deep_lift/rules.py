"""The rules as a probe takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from torch import Tensor

from attriboard.engine.errors import Unsupported
from attriboard.engine.rules.deep_lift import provenance
from attriboard.engine.rules.deep_lift.modes import BaselinePass, InputPass
from attriboard.engine.rules.deep_lift.tape import Tape
from attriboard.engine.tensors import Tensors, is_integer

TOLERANCE = 1e-4
"""The share of its change that an operation without a rule may leave out unsaid."""


@dataclass(frozen=True)
class DeepLiftRules:
    """Gradients in the pass are DeepLift's multipliers. `warn` hears what they leave out."""

    warn: Callable[[str], None]

    @contextmanager
    def active(self, forward: Callable[[Tensors], Tensor], reference: Tensors) -> Iterator[object]:
        """The input's pass, after that of `reference` (R, ...) was taped.

        Raises Unsupported where the two passes differ in their calls, or where all that is not
        linear runs out of sight.
        """
        tape = self._taped(forward, reference)
        mode = InputPass(tape)
        with mode:
            yield mode
        tape.finish()
        self._report(mode)

    def _taped(self, forward: Callable[[Tensors], Tensor], reference: Tensors) -> Tape:
        rows = tuple(r if is_integer(r) else r.detach().requires_grad_() for r in reference)
        mode = BaselinePass()
        with mode:
            scores = forward(rows)
        unseen = provenance.unseen(scores, rows, mode.spans)
        if unseen and not mode.tape.entries:
            raise Unsupported(
                f"DeepLift sees none of the model's operations: {_list(unseen)} made its gradient "
                "out of sight (TorchScript, vmap, or a custom autograd function). Use Integrated "
                "Gradients, or hand over the Python module."
            )
        if unseen:
            self.warn(
                f"DeepLift did not see {_list(unseen)} (TorchScript, vmap, or a custom autograd "
                "function): its plain gradient was used there, and attributions may not add up."
            )
        return mode.tape

    def _report(self, mode: InputPass) -> None:
        for name, gap in mode.gaps.items():
            if not gap <= TOLERANCE:
                self.warn(
                    f"DeepLift has no rule for `{name}`: integrated along its own path, it left "
                    f"out {gap:.2g} of the change there."
                )
        for name in dict.fromkeys(mode.moved):
            self.warn(
                f"`{name}` took a mask, an index or a detached value that differs between input "
                "and baseline: no gradient reaches it, and attributions may not add up."
            )


def _list(names: list[str]) -> str:
    shown = names[:6]
    return ", ".join(shown) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
