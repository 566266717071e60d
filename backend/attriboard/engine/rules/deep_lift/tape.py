"""The tape: what the baseline's pass did, call by call, for the input's pass to look up."""

from __future__ import annotations

from dataclasses import dataclass, field

from attriboard.engine.errors import Unsupported
from attriboard.engine.tensors import Tensors

ADVICE = (
    "DeepLift compares the two call by call, so it needs a model whose path does not depend on "
    "its input: use Integrated Gradients, or a baseline that takes the same path."
)


@dataclass(frozen=True)
class Entry:
    """A call of the baseline's pass. All tensors are detached copies.

    inputs: its dependent tensors; outputs: every tensor it gave; hidden: tensors among its
    arguments that no gradient reaches, yet that the pass may have computed (masks, indices).
    """

    name: str
    inputs: Tensors
    outputs: Tensors = ()
    hidden: Tensors = ()

    def __str__(self) -> str:
        return described(self.name, self.inputs)


@dataclass
class Tape:
    """Entries in the order of the calls: those with a rule, and linear ones that read masks."""

    entries: list[Entry] = field(default_factory=list)
    linear: list[Entry] = field(default_factory=list)
    position: int = 0
    linear_position: int = 0

    def next(self, name: str, inputs: Tensors) -> Entry:
        """The baseline's entry for the input's next call.

        Raises Unsupported, naming the call, where its name or shapes differ.
        """
        here = described(name, inputs)
        if self.position >= len(self.entries):
            raise Unsupported(f"The input took a call that its baseline did not: {here}. {ADVICE}")
        entry = self.entries[self.position]
        self.position += 1
        if not _fits(entry, name, inputs):
            raise Unsupported(
                f"Call {self.position} was {here} for the input and {entry} for its baseline. "
                f"{ADVICE}"
            )
        return entry

    def next_linear(self, name: str, inputs: Tensors) -> Entry | None:
        """The baseline's entry for the input's next linear call; None where they differ."""
        if self.linear_position >= len(self.linear):
            return None
        entry = self.linear[self.linear_position]
        self.linear_position += 1
        return entry if _fits(entry, name, inputs) else None

    def finish(self) -> None:
        """Raise Unsupported if the baseline made calls that the input did not."""
        if self.position < len(self.entries):
            entry = self.entries[self.position]
            raise Unsupported(f"The baseline took a call that the input did not: {entry}. {ADVICE}")


def _fits(entry: Entry, name: str, inputs: Tensors) -> bool:
    return entry.name == name and [t.shape for t in entry.inputs] == [t.shape for t in inputs]


def described(name: str, inputs: Tensors) -> str:
    """A call for a sentence: `relu` of (3, 5)."""
    return f"`{name}` of {', '.join(str(tuple(t.shape)) for t in inputs)}"
