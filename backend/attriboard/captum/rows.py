"""A row of the table: what one of Captum's classes is in the engine's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from attriboard.captum.arguments import Argument
from attriboard.engine import Method


@dataclass(frozen=True)
class Row:
    """One class: the engine's method, where its attributions live, and its arguments.

    init, call: arguments of the constructor and of `attribute`, in Captum's order. fixed: the
    method's parameters that this name settles. at: whose shape the answer has. multiplies: what
    `multiplies_by_inputs` says where it is not an argument. random: draws follow torch's seed.
    note: what differs from Captum, a sentence for the docstring.
    """

    name: str
    method: type[Method]
    init: tuple[Argument, ...]
    call: tuple[Argument, ...]
    at: Literal["inputs", "layer"] = "inputs"
    fixed: Mapping[str, Any] = field(default_factory=dict)
    multiplies: bool = False
    random: bool = False
    note: str = ""

    @property
    def has_delta(self) -> bool:
        """Whether the class gives a convergence delta."""
        return any(argument.name == "return_convergence_delta" for argument in self.call)
