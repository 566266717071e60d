"""Sweeps: contributions of very many examples, computed behind other work."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from attriboard.api.schemas.attributions import MOST_INPUTS, Baseline, MethodChoice, Target
from attriboard.api.schemas.common import Answer, Name, Question, Seed
from attriboard.api.schemas.examples import Filter

MOST_MODELS = 20


class SweepQuestion(Question):
    """Whose contributions, and how they are measured. Everything may be left out."""

    filter: Filter | None = Field(
        None, description="The examples, as GET /api/examples finds them; all when null."
    )
    method: MethodChoice | None = Field(
        default_factory=lambda: MethodChoice(id="IntegratedGradients"),
        description="Whose attributions are summed up for net and magnitude; null for neither.",
    )
    shapley: bool = Field(
        True,
        description="Whether to compute exact Shapley values of the inputs, where two to four, and "
        "what becomes of the answer without each.",
    )
    models: Annotated[list[Name], Field(min_length=1, max_length=MOST_MODELS)] | None = Field(
        None, description="The models; all of them when null."
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


class SweepModel(Answer):
    """How far one model is."""

    model: str = Field(description="The model's name.")
    lacking: int = Field(description="Examples that lack something.")
    passes: int = Field(description="Rows to send through the model for them, about.")


class SweepColumns(Answer):
    """The catalog's columns by measure and input: names that `where`, `sort` and figures know."""

    net: dict[str, str] = Field(description="Signed sums of attributions, L1-normalised.")
    magnitude: dict[str, str] = Field(description="Shares of the sums of absolute values.")
    share: dict[str, str] = Field(description="Absolute Shapley values over their sum.")
    shapley: dict[str, str] = Field(description="Signed Shapley values.")
    score_without: dict[str, str] = Field(description="The score with the input replaced.")
    flips: dict[str, str] = Field(description="1 where the prediction changes without the input.")
    right_without: dict[str, str] = Field(description="1 where it is right without the input.")


class InteractionColumn(Answer):
    """The column of one pair of inputs."""

    inputs: list[str] = Field(description="The two inputs.")
    column: str = Field(description="Their Shapley interaction's column.")


class SweepView(Answer):
    """What a sweep covers and lacks, and where its numbers are."""

    examples: int = Field(description="How many examples match the filter.")
    lacking: int = Field(description="Examples that lack something under some model.")
    passes: int = Field(description="Rows to send through the models for them, about.")
    models: list[SweepModel] = Field(description="Each model.")
    columns: SweepColumns = Field(description="Where the numbers are.")
    interactions: list[InteractionColumn] = Field(description="Each pair of inputs.")
    job: str | None = Field(description="Id of the job that computes it now, or null.")
