"""Figures of numeric columns over the examples that match."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from attriboard.api.schemas.common import LONGEST_NAME, Answer, Index
from attriboard.api.schemas.examples import BinView, Filter

MOST_COLUMNS = 20
MOST_POINTS = 2000

ColumnName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class AggregateFilter(Filter):
    """Which examples, and which figures of them."""

    column: Annotated[list[ColumnName], Field(min_length=1, max_length=MOST_COLUMNS)] = Field(
        description="A numeric column; repeat the parameter for several on one scale. Columns of "
        "true and false count as 0 and 1."
    )
    of: ColumnName | None = Field(
        None, description="The model whose columns are meant; the filter's own when left out."
    )
    by: ColumnName | None = Field(
        None,
        description="A column of few values to group by: label, predicted, correct or your own.",
    )
    complete: bool = Field(
        False, description="Leave out examples that lack a number in one of the columns."
    )
    low: float | None = Field(
        None, allow_inf_nan=False, description="Where the bins begin; give `high` too."
    )
    high: float | None = Field(
        None, allow_inf_nan=False, description="Where the bins end; give `low` too."
    )
    points: int = Field(
        0,
        ge=0,
        le=MOST_POINTS,
        description="At most so many examples of each group are told one by one.",
    )


class SummaryView(Answer):
    """One column over one set of examples."""

    column: str = Field(description="The column.")
    count: int = Field(description="How many examples have a number.")
    empty: int = Field(description="How many have none.")
    mean: float | None = Field(description="The mean; null without numbers.")
    interval: list[float] | None = Field(
        description="The 95 % interval of the mean: Wilson's for zeros and ones, else Student's."
    )
    quartiles: list[float] | None = Field(
        description="Least, first quartile, median, third quartile, greatest."
    )
    bins: list[BinView] = Field(description="A histogram over the scale all columns share.")
    points: list[tuple[Index, float]] = Field(description="Pairs of an example and its number.")


class GroupView(Answer):
    """The examples that share a value."""

    value: int | float | str | bool | None = Field(description="The value; null for none.")
    name: str = Field(description="The value's name.")
    count: int = Field(description="How many examples have it.")
    columns: list[SummaryView] = Field(description="Each column over them.")


class AggregateView(Answer):
    """Figures over all matches, and over each group of them."""

    total: int = Field(description="How many examples match.")
    columns: list[SummaryView] = Field(description="Each column over all of them.")
    groups: list[GroupView] = Field(description="The same for each group; empty without `by`.")
