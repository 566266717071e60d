"""What was measured of several methods over a subsample."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from attriboard.api.schemas.common import Answer, Index


class MeanView(Answer):
    """A mean over examples with its 95 % interval."""

    mean: float = Field(description="The mean.")
    low: float | None = Field(description="Where the interval begins; null for a single value.")
    high: float | None = Field(description="Where it ends.")
    count: int = Field(description="Examples for which the figure is defined.")


class FiguresView(Answer):
    """Means of one method's figures; null where a figure is defined for no example."""

    gap: MeanView | None = Field(description="The completeness gap.")
    infidelity: MeanView | None = Field(description="Lower is better.")
    sensitivity_max: MeanView | None = Field(description="Lower is better.")
    sparseness: MeanView | None = Field(description="The Gini index of the strengths.")
    passes: MeanView | None = Field(description="Rows through the model for one attribution.")
    seconds: MeanView | None = Field(description="Seconds for one attribution.")
    deletion: MeanView | None = Field(description="Area under the deletion curve: low is faithful.")
    deletion_control: MeanView | None = Field(description="The same for a random order.")
    deletion_gain: MeanView | None = Field(description="The random order's less its own.")
    insertion: MeanView | None = Field(description="Area under the insertion curve.")
    insertion_control: MeanView | None = Field(description="The same for a random order.")
    insertion_gain: MeanView | None = Field(description="Its own less the random order's.")


class MeanCurve(Answer):
    """A curve averaged over the examples."""

    shares: list[float] = Field(description="Shares of the features changed, from 0 to 1.")
    scores: list[float] = Field(description="The mean score at each share.")
    control_scores: list[float] = Field(description="The same for random orders.")


class MeanCurves(Answer):
    """Both curves; null where one is not defined."""

    deletion: MeanCurve | None = Field(description="The strongest features go first.")
    insertion: MeanCurve | None = Field(description="The strongest features come first.")


class MeanRandomisation(Answer):
    """The randomisation check over the first few examples."""

    layers: list[str] = Field(
        description="The layer randomised at each step; those before stay so."
    )
    similarity: list[MeanView | None] = Field(
        description="Rank correlation of the strengths with the trained model's."
    )
    count: int = Field(description="Examples checked.")


class WarningCount(Answer):
    """A warning and how often it was given."""

    text: str = Field(description="The sentence.")
    count: int = Field(description="Of how many examples.")


class RowError(Answer):
    """Why a column has no figures."""

    title: str = Field(description="The kind of failure.")
    detail: str = Field(description="What happened, and what to do about it.")


class SurveyRow(Answer):
    """One column's figures, and what it was asked for."""

    key: str = Field(description="The content address of the row; empty where it failed.")
    model: str | None = Field(description="The model.")
    method: dict[str, Any] = Field(description="{id, params} as asked.")
    target: Any = Field(description="The target as asked; null for each example's own prediction.")
    baseline: dict[str, Any] | None = Field(description="The baselines as asked.")
    features: dict[str, str] | None = Field(description="The grouping as asked.")
    layer: str | None = Field(description="The layer as asked.")
    seed: int = Field(description="The seed.")
    count: int = Field(description="How many examples were measured.")
    scale: Literal["probability", "score"] | None = Field(description="What the curves follow.")
    figures: FiguresView | None = Field(description="The means.")
    curves: MeanCurves | None = Field(description="The curves.")
    randomisation: MeanRandomisation | None = Field(
        description="The check; null where it was not asked for or cannot be made."
    )
    warnings: list[WarningCount] = Field(description="What was said, the most frequent first.")
    error: RowError | None = Field(description="Why there are no figures.")


class PairAgreement(Answer):
    """How far two columns agree on which features are strong."""

    pair: list[int] = Field(description="The places of the two columns.")
    rank: MeanView | None = Field(description="Rank correlation of the strengths.")
    top: MeanView | None = Field(description="The share of the strongest that both have.")


class SurveyTable(Answer):
    """Several methods measured over the same examples."""

    key: str = Field(description="The content address of the table.")
    example: Index = Field(description="The first example.")
    examples: list[Index] = Field(description="All of them.")
    rows: list[SurveyRow] = Field(description="One a column, in the order asked for.")
    agreement: list[PairAgreement] = Field(
        description="Each two columns; empty until all are done."
    )


class SurveyList(Answer):
    """The one table of a survey."""

    results: list[SurveyTable] = Field(description="The table.")
