"""What a user asks for: attributions of some examples by one method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_EXAMPLES = 1000

TargetSpec = int | Mapping[str, Sequence[int]] | None
"""None is the model's own prediction; else an index, {"index": [..]} or {"contrast": [a, b]}."""

BaselineSpec = str | Mapping[str, int]
"""The name of one of the input's baselines, or {"example": index}."""


@dataclass(frozen=True, kw_only=True)
class AttributionRequest:
    """Everything but `examples` and `method_id` may be left out.

    examples: indices in the dataset, at most MOST_EXAMPLES; a repeated one counts once.
    model: the name of one of the board's models; None is the first.
    method_id, params: a method's class name, and those of its parameters that are not default.
    target: what is explained; see TargetSpec.
    baseline: for each input (by name), what stands for "absent"; those left out use their default.
    features: for each input, how its elements are grouped; those left out use their default.
    layer, neuron: another site than the inputs: a layer's dotted name, an index into its output.
    seed: all random draws come from it.
    """

    examples: tuple[int, ...]
    method_id: str
    params: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    target: TargetSpec = None
    baseline: Mapping[str, BaselineSpec] | None = None
    features: Mapping[str, str] | None = None
    layer: str | None = None
    neuron: int | tuple[int, ...] | None = None
    seed: int = 0
