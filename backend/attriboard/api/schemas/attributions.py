"""Attributions: what is asked for, the results' provenance, jobs and their events."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictInt, Tag

from attriboard.api.schemas.common import (
    LARGEST_INDEX,
    LONGEST_NAME,
    MOST_EXAMPLES,
    Answer,
    Index,
    Name,
    Question,
    Seed,
)
from attriboard.api.schemas.measured import Measured, SweepDone
from attriboard.api.schemas.overview_table import OverviewTable
from attriboard.api.schemas.survey_table import SurveyTable

MOST_INPUTS = 100
DEEPEST_INDEX = 8

OutputIndex = Annotated[StrictInt, Field(ge=0, le=LARGEST_INDEX)]
UnitIndex = Annotated[StrictInt, Field(ge=-LARGEST_INDEX, le=LARGEST_INDEX)]


class MethodChoice(Question):
    """A method and those of its parameters that differ from the defaults."""

    id: Name = Field(description="The method's id, as GET /api/board lists it.")
    params: dict[Name, Any] = Field(
        default_factory=dict,
        max_length=MOST_INPUTS,
        description="Parameters by name, each within the range its schema states.",
    )


class IndexTarget(Question):
    """One element of an output with several dimensions."""

    index: list[OutputIndex] = Field(
        min_length=1, max_length=DEEPEST_INDEX, description="The element's index, one a dimension."
    )


class ContrastTarget(Question):
    """One class rather than another: the difference of their scores."""

    contrast: list[OutputIndex] = Field(
        min_length=2, max_length=2, description="[a, b]: why a rather than b."
    )


class ExampleBaseline(Question):
    """Another example as the baseline."""

    example: Index = Field(description="Its index.")


def _target_form(value: object) -> str:
    """Which form of target is meant, so that an error speaks of that form alone."""
    if isinstance(value, dict | Question):
        return "<contrast>" if "contrast" in dict(value) else "<index>"
    return "<number>"


Target = Annotated[
    Annotated[OutputIndex, Tag("<number>")]
    | Annotated[IndexTarget, Tag("<index>")]
    | Annotated[ContrastTarget, Tag("<contrast>")],
    Discriminator(_target_form),
]
Baseline = Annotated[
    Annotated[Name, Tag("<name>")] | Annotated[ExampleBaseline, Tag("<example>")],
    Discriminator(lambda value: "<name>" if isinstance(value, str) else "<example>"),
]
Unit = Annotated[
    Annotated[UnitIndex, Tag("<number>")]
    | Annotated[list[UnitIndex], Field(max_length=DEEPEST_INDEX), Tag("<list>")],
    Discriminator(lambda value: "<list>" if isinstance(value, list) else "<number>"),
]


class ColumnQuestion(Question):
    """How to attribute, whatever the example. All but `method` may be left out."""

    model: Name | None = Field(None, description="The model; the first one when null.")
    method: MethodChoice = Field(description="The method and its parameters.")
    target: Target | None = Field(
        None, description="The output explained; the model's own prediction when null."
    )
    baseline: dict[Name, Baseline] | None = Field(
        None,
        max_length=MOST_INPUTS,
        description="A baseline's id or an example for each input; the defaults when null.",
    )
    features: dict[Name, Name] | None = Field(
        None,
        max_length=MOST_INPUTS,
        description="How each input's elements are grouped; single elements when null.",
    )
    layer: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)] | None = Field(
        None, description="Dotted name of a layer to attribute to, instead of the inputs."
    )
    neuron: Unit | None = Field(
        None, description="A unit of `layer` to explain, instead of an output."
    )
    seed: Seed = Field(0, description="The seed of every random draw.")


class AttributionQuestion(ColumnQuestion):
    """What to attribute. All but `examples` and `method` may be left out."""

    examples: list[Index] = Field(
        min_length=1,
        max_length=MOST_EXAMPLES,
        description="Indices of the examples, at most 1000.",
    )


class MethodUsed(Answer):
    """The method with all its parameters."""

    id: str = Field(description="The method's id.")
    params: dict[str, Any] = Field(description="Every parameter, defaults included.")


class Interaction(Answer):
    """What two inputs do together beyond what each does alone."""

    inputs: list[str] = Field(description="The two inputs.")
    value: float | None = Field(description="The Shapley interaction.")


class ShapleyView(Answer):
    """Exact Shapley values with the inputs as players."""

    values: dict[str, float | None] = Field(description="Signed; they sum to `total`.")
    shares: dict[str, float | None] = Field(description="Absolute values over their sum.")
    interactions: list[Interaction] = Field(description="Each pair of inputs.")
    total: float | None = Field(description="f(x) - f(baseline).")


class Contributions(Answer):
    """How much each input contributes, in three measures."""

    net: dict[str, float | None] | None = Field(None, description="Signed sums, L1-normalised.")
    magnitude: dict[str, float | None] | None = Field(
        None, description="Shares of the sums of absolute values; biased by dimension."
    )
    shapley: ShapleyView | None = Field(None, description="Null with a single input or too many.")


class ResultMeta(Answer):
    """A result's provenance and figures. Its arrays are at GET /api/results/{key}."""

    key: str = Field(description="The content address of the result.")
    example: Index = Field(description="The example's index.")
    model: str = Field(description="The model's name.")
    method: MethodUsed = Field(description="The method.")
    target: dict[str, Any] | None = Field(
        description="{index or contrast, name}: what is explained."
    )
    baseline: dict[str, Any] | None = Field(description="The baseline of each input.")
    features: dict[str, str] | None = Field(description="How each input's elements were grouped.")
    layer: str | None = Field(description="The layer attributed to; null for the inputs.")
    neuron: int | list[int] | None = Field(description="The unit explained; null for an output.")
    seed: int = Field(description="The seed.")
    delta: float | None = Field(description="Sum of attributions - (f(x) - f(baseline)).")
    gap: float | None = Field(description="|delta| over |f(x) - f(baseline)|.")
    score: float | None = Field(description="f(x).")
    baseline_score: float | None = Field(description="f(baseline), where the method needed it.")
    contributions: Contributions | None = Field(description="How much each input contributes.")
    warnings: list[str] = Field(description="What to know before trusting it.")
    passes: int = Field(description="Rows sent through the model for it.")
    seconds: float = Field(description="Seconds it took.")
    shapes: dict[str, list[int]] = Field(description="The shape of each array.")
    engine: str = Field(description="Version of the engine that computed it.")


class ResultList(Answer):
    """Results, one an example, in the order asked for."""

    results: list[ResultMeta] = Field(description="Each result's provenance and figures.")


class Progress(Answer):
    """How far a job is."""

    done: int = Field(description="Rows done.")
    total: int = Field(description="Rows planned; 0 while unknown.")


class JobError(Answer):
    """Why a job failed."""

    title: str = Field(description="The kind of failure.")
    detail: str = Field(description="What happened, and what to do about it.")
    field: str | None = Field(None, description="Dotted name of the field at fault.")
    trace: list[str] | None = Field(None, description="The lines of the user's own code.")


class JobView(Answer):
    """A running or ended computation."""

    id: str = Field(description="The job's id.")
    kind: str = Field(description="attribute, measure, survey, sweep, overview or predict.")
    state: Literal["queued", "running", "done", "failed", "cancelled"] = Field(
        description="Where it stands."
    )
    progress: Progress = Field(description="How far it is.")
    results: list[ResultMeta | Measured | SurveyTable | OverviewTable | SweepDone] = Field(
        description="What is stored so far."
    )
    error: JobError | None = Field(None, description="Why it failed.")


class JobAnswer(Answer):
    """The work was queued."""

    job: JobView = Field(description="The job to follow.")


class JobList(Answer):
    """The jobs that have not ended."""

    jobs: list[JobView] = Field(description="Oldest first.")


class Estimate(Answer):
    """What a request would cost."""

    passes: int = Field(description="Rows to send through the model.")
    examples: int = Field(description="Examples asked for.")
    stored: int = Field(description="Examples whose result is stored already.")


class PartialEvent(Answer):
    """Data of the event `partial`."""

    key: str = Field(description="Where the arrays are: GET /api/results/{key}.")
    example: Index = Field(description="The example's index.")
    final: bool = Field(description="False for a snapshot that will still change.")
    done: int = Field(description="Rows done.")
    total: int = Field(description="Rows planned.")
    result: ResultMeta | Measured | SurveyTable | OverviewTable | None = Field(
        None, description="The stored result, when final."
    )
