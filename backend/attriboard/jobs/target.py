"""Which number of the model's output is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from attriboard.engine import Contrast
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.request import TargetSpec
from attriboard.outputs import Output


@dataclass(frozen=True)
class Target:
    """One class, a contrast of two classes, or the output itself where it is one number."""

    index: int | None = None
    contrast: tuple[int, int] | None = None

    def json(self) -> dict[str, Any]:
        """{"index": ..} or {"contrast": [a, b]}; the index is null for the output itself."""
        if self.contrast is not None:
            return {"contrast": list(self.contrast)}
        return {"index": self.index}

    def name(self, output: Output) -> str:
        if self.contrast is not None:
            a, b = (output.name(index) for index in self.contrast)
            return f"{a} rather than {b}"
        return output.name(self.index or 0)


def resolve(spec: TargetSpec, output: Output) -> Target | None:
    """The target that `spec` names; None where it is each example's own prediction.

    Raises InvalidInput for an index outside the classes, and for a form that is none of the three.
    """
    if spec is None:
        return Target() if output.lone else None
    if isinstance(spec, Mapping):
        return _from_mapping(spec, output)
    return _single(output.index([spec]), output)


def own(scores: Tensor, output: Output) -> Target:
    """The model's own prediction, by one example's raw scores, (K,) or (1, K)."""
    return Target(output.own(scores.flatten()))


def for_engine(targets: list[Target]) -> Any:
    """One batch's targets as the engine takes them: equal contrasts, or one index an example."""
    first = targets[0]
    if first.contrast is not None:
        return Contrast(*first.contrast)
    return None if first.index is None else [target.index for target in targets]


def _from_mapping(spec: Mapping[str, Any], output: Output) -> Target:
    if set(spec) == {"contrast"} and len(spec["contrast"]) == 2:
        a, b = (output.checked(index) for index in spec["contrast"])
        if output.lone or a == b:
            raise InvalidInput("A contrast needs two different classes.", "target.contrast")
        return Target(contrast=(a, b))
    if set(spec) == {"index"}:
        return _single(output.index(list(spec["index"])), output)
    raise InvalidInput(
        "`target` must be null (the model's own prediction), the index of a class, "
        '{"index": [class]} or {"contrast": [class, other class]}.',
        "target",
    )


def _single(index: int, output: Output) -> Target:
    return Target() if output.lone else Target(index)
