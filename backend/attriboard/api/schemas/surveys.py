"""The question which methods can be relied on, over a subsample."""

from __future__ import annotations

from pydantic import Field

from attriboard.api.schemas.attributions import ColumnQuestion
from attriboard.api.schemas.common import MOST_EXAMPLES, Answer, Index, Question

MOST_COLUMNS = 30
CHECKED = 8


class SurveyQuestion(Question):
    """What to measure over which examples."""

    examples: list[Index] = Field(
        min_length=1, max_length=MOST_EXAMPLES, description="Indices of the examples, at most 1000."
    )
    columns: list[ColumnQuestion] = Field(
        min_length=1,
        max_length=MOST_COLUMNS,
        description="What is compared: each a method with its model, target and baseline.",
    )
    checked: int = Field(
        CHECKED,
        ge=0,
        le=MOST_EXAMPLES,
        description="Over how many of the examples the randomisation check goes; 0: none.",
    )


class SurveyEstimate(Answer):
    """What a survey would cost."""

    passes: int = Field(description="Rows to send through the models for what is not stored.")
    columns: list[int | None] = Field(
        description="The same for each column; null where it cannot be measured."
    )
    stored: bool = Field(description="Whether the whole table is stored.")
    job: str | None = Field(description="The job that makes it now, or null.")
