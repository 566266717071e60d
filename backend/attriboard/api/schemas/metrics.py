"""The question how far attributions can be trusted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from attriboard.api.schemas.attributions import AttributionQuestion

MetricName = Literal["infidelity", "sensitivity_max", "deletion", "insertion", "randomisation"]
ALL: tuple[MetricName, ...] = ("infidelity", "sensitivity_max", "deletion", "insertion")


class MetricsQuestion(AttributionQuestion):
    """The attributions, asked for as at /api/attributions, and what to measure of them."""

    metrics: list[MetricName] = Field(
        default_factory=lambda: list(ALL),
        min_length=1,
        max_length=len(ALL) + 1,
        description="The metrics; all but the randomisation check where left out.",
    )
