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
            a, b = (output.names[index] for index in self.contrast)
            return f"{a} rather than {b}"
        return output.names[self.index or 0]


def resolve(spec: TargetSpec, output: Output) -> Target | None:
    """The target that `spec` names; None where it is each example's own prediction.

    Raises InvalidInput for an index outside the classes, and for a form that is none of the three.
    """
    if spec is None:
        return Target() if output.kind == "regression" else None
    if isinstance(spec, Mapping):
        return _from_mapping(spec, output)
    return _single(_checked(spec, output), output)


def own(scores: Tensor, output: Output) -> Target:
    """The model's own prediction: the highest of one example's raw scores, (K,) or (1, K)."""
    return Target() if output.kind == "regression" else Target(int(scores.flatten().argmax()))


def for_engine(targets: list[Target]) -> Any:
    """One batch's targets as the engine takes them: equal contrasts, or one index an example."""
    first = targets[0]
    if first.contrast is not None:
        return Contrast(*first.contrast)
    return None if first.index is None else [target.index for target in targets]


def _from_mapping(spec: Mapping[str, Any], output: Output) -> Target:
    if set(spec) == {"contrast"} and len(spec["contrast"]) == 2:
        a, b = (_checked(index, output) for index in spec["contrast"])
        if output.kind == "regression" or a == b:
            raise InvalidInput("A contrast needs two different classes.", "target.contrast")
        return Target(contrast=(a, b))
    if set(spec) == {"index"} and len(spec["index"]) == 1:
        return _single(_checked(spec["index"][0], output), output)
    raise InvalidInput(
        "`target` must be null (the model's own prediction), the index of a class, "
        '{"index": [class]} or {"contrast": [class, other class]}.',
        "target",
    )


def _single(index: int, output: Output) -> Target:
    return Target() if output.kind == "regression" else Target(index)


def _checked(index: Any, output: Output) -> int:
    if isinstance(index, bool) or not isinstance(index, int):
        raise InvalidInput(f"`target` holds {index!r}: give the index of a class.", "target")
    last = len(output.names) - 1
    if not 0 <= index <= last:
        classes = "is one number, index 0" if last == 0 else f"has classes 0 to {last}"
        raise InvalidInput(f"There is no target {index}: the output {classes}.", "target")
    return index
