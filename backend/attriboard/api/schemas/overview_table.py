"""What the attributions of a whole dataset come to."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from attriboard.api.schemas.common import Answer, Index


class FeatureMean(Answer):
    """One word or column over all examples that have it."""

    name: str = Field(description="The word in lower case, or the column's name.")
    count: int = Field(description="Examples that have it.")
    mean: float = Field(description="The mean of its attribution, signed.")
    low: float | None = Field(description="Where the mean's 95 % interval begins; null for one.")
    high: float | None = Field(description="Where it ends.")
    size: float = Field(description="The mean of its size, where it is there.")
    share: float = Field(description="Its part of all sizes of this input, 0 to 1.")


class MeanMap(Answer):
    """The mean attribution of one class."""

    value: int | None = Field(description="The class; null where the output has none.")
    name: str = Field(description="Its name.")
    count: int = Field(description="Examples behind the mean.")
    alignment: float | None = Field(
        description="How much of a single picture's contrast their mean keeps beyond chance, 0 to "
        "1: high where objects lie in the same places. Null for one example."
    )
    maps: str = Field(
        description="Arrays `MAPS/attribution`, (H, W), and `MAPS/shown`, the mean picture, "
        "(H, W, 3) from 0 to 1, of GET /api/results/{key}."
    )
    high: float = Field(description="The greatest size in the mean map.")


class InputOverview(Answer):
    """One input under one model."""

    name: str = Field(description="The input's name.")
    kind: Literal["image", "text", "table", "other"] = Field(
        description="What its examples have in common: places, words, columns, or nothing."
    )
    aligned: bool | None = Field(
        description="Whether the pictures show things in the same places; null where unknown."
    )
    groups: list[MeanMap] = Field(description="Mean maps by class.")
    features: list[FeatureMean] = Field(description="Words or columns, the most influential first.")
    distinct: int = Field(description="How many different words or columns there are.")
    drift: list[FeatureMean] = Field(
        description="The same words or columns: this model's attribution less the first model's, "
        "example by example, the greatest change first. Empty for the first model."
    )


class ModelOverview(Answer):
    """One model."""

    model: str = Field(description="The model's name.")
    count: int = Field(description="Examples summed up.")
    failed: int = Field(description="Examples that could not be computed.")
    inputs: list[InputOverview] = Field(description="Each input.")


class OverviewTable(Answer):
    """The attributions of a whole dataset summed up."""

    key: str = Field(description="The content address; its arrays are at GET /api/results/{key}.")
    example: Index = Field(description="The first example.")
    examples: int = Field(description="How many examples were asked for.")
    by: Literal["predicted", "label"] = Field(description="What the classes of the maps are.")
    models: list[ModelOverview] = Field(description="Each model, in the order asked for.")
