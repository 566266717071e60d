"""Overviews: the attributions of a whole dataset, summed up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from attriboard.api.schemas.attributions import MOST_INPUTS, Baseline, MethodChoice, Target
from attriboard.api.schemas.common import Answer, Name, Question, Seed
from attriboard.api.schemas.examples import Filter
from attriboard.api.schemas.overview_table import OverviewTable

MOST_MODELS = 20


class OverviewQuestion(Question):
    """Whose attributions are summed up. Everything may be left out."""

    filter: Filter | None = Field(
        None, description="The examples, as GET /api/examples finds them; all when null."
    )
    method: MethodChoice = Field(
        default_factory=lambda: MethodChoice(id="IntegratedGradients"),
        description="Whose attributions.",
    )
    by: Literal["predicted", "label"] = Field(
        "predicted", description="Which class an example's map counts for."
    )
    models: Annotated[list[Name], Field(min_length=1, max_length=MOST_MODELS)] | None = Field(
        None,
        description="The models, the first of which the others are compared with; all if null.",
    )
    target: Target | None = Field(
        None, description="The output explained; each model's own prediction when null."
    )
    baseline: dict[Name, Baseline] | None = Field(
        None,
        max_length=MOST_INPUTS,
        description="A baseline's id or an example for each input; the defaults when null.",
    )
    seed: Seed = Field(0, description="The seed of every random draw.")


class OverviewEstimate(Answer):
    """What an overview would cost."""

    examples: int = Field(description="How many examples match the filter.")
    passes: int = Field(description="Rows to send through the models for what is not stored.")
    stored: bool = Field(description="Whether the whole overview is stored.")
    job: str | None = Field(description="The job that makes it now, or null.")


class OverviewList(Answer):
    """The one overview of a question."""

    results: list[OverviewTable] = Field(description="The overview.")
