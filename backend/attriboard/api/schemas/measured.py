"""What was measured of an attribution, and what a sweep did."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from attriboard.api.schemas.common import Answer, Index

Number = float | None


class CurveView(Answer):
    """A score as features go or come, the strongest first, against a random order."""

    auc: Number = Field(description="The area under the scores.")
    control: Number = Field(description="The area under the scores of random orders.")
    shares: list[float] = Field(description="Shares of the features changed, from 0 to 1.")
    scores: list[Number] = Field(description="The score at each share.")
    control_scores: list[Number] = Field(description="The same for random orders, their mean.")


class RandomisationView(Answer):
    """How alike the attributions stay as layers are randomised, from the last to the first."""

    layers: list[str] = Field(
        description="The layer randomised at each step; those before stay so."
    )
    similarity: list[Number] = Field(
        description="Rank correlation of the strengths with the trained model's: 1 is unchanged."
    )


class MetricsView(Answer):
    """The metrics asked for. Null where one is not defined; a warning says why."""

    infidelity: Number = Field(
        None, description="Lower is better: how far the attributions mispredict the score."
    )
    sensitivity_max: Number = Field(
        None, description="Lower is better: how far they move when the input hardly does."
    )
    deletion: CurveView | None = Field(None, description="Faithful where the area is low.")
    insertion: CurveView | None = Field(None, description="Faithful where the area is high.")
    randomisation: RandomisationView | None = Field(
        None, description="The randomisation check, where it was asked for."
    )


class Measured(Answer):
    """How far one attribution can be trusted, and where the figures come from."""

    key: str = Field(description="The content address of the figures.")
    attribution: str = Field(description="The key of the attribution measured.")
    example: Index = Field(description="The example's index.")
    model: str = Field(description="The model's name.")
    method: dict[str, Any] = Field(description="The method's id and all its parameters.")
    target: dict[str, Any] = Field(description="{index or contrast, name}: what is explained.")
    baseline: dict[str, Any] = Field(description="What removed parts are replaced by.")
    scale: Literal["probability", "score"] = Field(description="What the curves follow.")
    metrics: MetricsView = Field(description="The figures.")
    warnings: list[str] = Field(description="Why a metric is null, and what else to know.")
    seed: int = Field(description="The seed.")
    passes: int = Field(description="Rows sent through the model for the figures.")
    seconds: float = Field(description="Seconds they took.")
    engine: str = Field(description="Version of the engine that measured.")


class MeasuredList(Answer):
    """Figures, one an example, in the order asked for."""

    results: list[Measured] = Field(description="Each attribution's figures.")


class SweepError(Answer):
    """One example that could not be computed."""

    example: int = Field(description="The example's index.")
    error: str = Field(description="Why.")


class SweepDone(Answer):
    """What a sweep's job did for one model."""

    model: str = Field(description="The model's name.")
    computed: int = Field(description="How many examples it computed.")
    failed: int = Field(description="How many it could not.")
    errors: list[SweepError] = Field(description="The first of those.")
