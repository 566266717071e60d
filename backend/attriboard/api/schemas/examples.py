"""Examples: what a filter is, and what the gallery and the example page are sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from attriboard.api.schemas.common import LONGEST_NAME, Answer, Index, Question, Seed

LONGEST_TEXT = 2000
MOST_CHOICES = 200
MOST_COLUMNS = 20

Label = int | float | str | list[int | str] | None
ClassChoice = Annotated[str, Field(max_length=LONGEST_NAME)]
ColumnChoice = Annotated[str, Field(max_length=LONGEST_TEXT)]
OnlyList = Annotated[list[ColumnChoice], Field(max_length=MOST_COLUMNS)]
ChoiceList = Annotated[list[ClassChoice], Field(max_length=MOST_CHOICES)]


class Filter(Question):
    """Which examples. Everything may be left out."""

    model: Annotated[str, Field(max_length=LONGEST_NAME)] | None = Field(
        None, description="The model whose predictions are meant; the first one when left out."
    )
    label: ChoiceList = Field(
        default_factory=list,
        description="A class by index or name; repeat the parameter for any of several.",
    )
    predicted: ChoiceList = Field(
        default_factory=list,
        description="A predicted class by index or name; repeat the parameter for any of several.",
    )
    correct: bool | None = Field(None, description="Right (true) or wrong (false) predictions.")
    min_score: float | None = Field(
        None, allow_inf_nan=False, description="The least score of the prediction, inclusive."
    )
    max_score: float | None = Field(
        None, allow_inf_nan=False, description="The greatest score of the prediction, inclusive."
    )
    only: OnlyList = Field(
        default_factory=list,
        description="A choice in one further column, as JSON; repeat the parameter for several, "
        'which must all hold: `{"column": "split", "values": ["test", null]}` or '
        '`{"column": "loss", "min": 0.5, "max": 2}`.',
    )
    tag: ChoiceList = Field(
        default_factory=list, description="A tag; repeat the parameter for any of several."
    )
    q: str | None = Field(
        None, max_length=LONGEST_TEXT, description="Text that an input contains, ignoring case."
    )
    where: str | None = Field(
        None,
        max_length=LONGEST_TEXT,
        description="An expression over columns: `correct = false and score > 0.9 and question "
        'contains "blue"`.',
    )
    sample: int | None = Field(
        None, ge=1, le=10**9, description="Keep this many of the matches, drawn by `seed` alone."
    )
    seed: Seed = Field(
        0, description="The seed of `sample`: the same seed keeps the same examples."
    )
    stratified: bool = Field(
        False, description="Draw the sample evenly from the classes, as far as each has examples."
    )


class ListFilter(Filter):
    """A filter of the dataset's examples, or of one's own."""

    own: bool = Field(
        False, description="The examples of one's own (`/api/edits`) in place of the dataset's."
    )


class OnlyChoice(Question):
    """A choice in one column: any of the values (null for empty), or a range of numbers."""

    column: str = Field(max_length=LONGEST_NAME, description="The column's name.")
    values: list[bool | int | float | str | None] = Field(
        default_factory=list, max_length=MOST_CHOICES, description="Any of these values."
    )
    min: float | None = Field(None, allow_inf_nan=False, description="The least value.")
    max: float | None = Field(None, allow_inf_nan=False, description="The greatest value.")


class PageFilter(ListFilter):
    """A filter, an order and a page."""

    sort: str = Field(
        "index",
        min_length=1,
        max_length=LONGEST_NAME,
        description="A column; a minus in front sorts from high to low.",
    )
    limit: int = Field(50, ge=1, le=1000, description="How many examples a page holds.")
    cursor: str | None = Field(
        None, max_length=LONGEST_TEXT, description="`next_cursor` of the page before."
    )


class ExampleItem(Answer):
    """One example in the gallery."""

    index: Index = Field(description="Its place in the dataset.")
    label: Label = Field(description="The label: a class index, a number, or several indices.")
    label_name: str | list[str] | None = Field(description="The label's name.")
    predicted: Label = Field(description="The prediction; null while it is not computed.")
    predicted_name: str | list[str] | None = Field(description="The prediction's name.")
    score: float | None = Field(description="The confidence, or a regression's value.")
    correct: bool | None = Field(description="Whether the prediction is right; null when unknown.")
    margin: float | None = Field(description="The lead over the second class.")
    loss: float | None = Field(description="The loss against the label.")
    texts: dict[str, str | None] = Field(description="The text of each text input.")
    metadata: dict[str, Any] = Field(description="The user's own columns.")
    computed: dict[str, float | None] = Field(
        description="Columns worked out for the model, such as contributions."
    )
    tags: list[str] = Field(description="The tags people gave it.")
    note: str | None = Field(description="The note people made on it.")


class ExamplePage(Answer):
    """One page of examples."""

    total: int = Field(description="How many examples match.")
    size: int = Field(description="How many examples the dataset has.")
    items: list[ExampleItem] = Field(description="The examples of this page.")
    next_cursor: str | None = Field(description="Where the next page starts; null on the last.")


class CountView(Answer):
    """How many examples hold a value."""

    value: int | float | str | bool | None = Field(description="The value.")
    name: str = Field(description="The value's name.")
    count: int = Field(description="How many examples hold it.")


class BinView(Answer):
    """One bar of a histogram."""

    start: float = Field(alias="from", description="The least value, inclusive.")
    stop: float = Field(alias="to", description="The greatest value; inclusive in the last bar.")
    count: int = Field(description="How many examples lie between.")


class Histogram(Answer):
    """A histogram."""

    bins: list[BinView] = Field(description="Bars, from low to high.")


class ColumnFacetView(Answer):
    """One metadata or computed column under the filter."""

    name: str = Field(description="The column's name.")
    type: str = Field(description="int, float, bool, str, class or classes.")
    values: list[CountView] | None = Field(description="Counts, where few values differ.")
    bins: list[BinView] | None = Field(description="A histogram, where many numbers differ.")
    nulls: int = Field(description="In how many examples the column is empty.")


class FacetsView(Answer):
    """Counts over the matches; each facet counts under all filters but its own."""

    total: int = Field(description="How many examples match.")
    labels: list[CountView] = Field(description="By label.")
    predicted: list[CountView] = Field(description="By prediction.")
    correct: list[CountView] = Field(description="Right, wrong and unknown.")
    score: Histogram = Field(description="By score.")
    columns: list[ColumnFacetView] = Field(description="By each of the user's own columns.")
    accuracy: float | None = Field(description="Share of right predictions among the matches.")
    predicted_count: int = Field(description="How many of the matches have a prediction.")
    macro_f1: float | None = Field(
        description="Mean F1 of the classes among the matches; null where there are no classes."
    )
    tags: list[CountView] = Field(description="By tag.")


class CellView(Answer):
    """One cell of the confusion matrix."""

    label: int = Field(description="The class of the label.")
    predicted: int = Field(description="The class of the prediction.")
    count: int = Field(description="How many examples are in it.")


class ClassScoreView(Answer):
    """One class's figures."""

    value: int = Field(description="The class's index.")
    name: str = Field(description="The class's name.")
    support: int = Field(description="How many examples have it as their label.")
    predicted: int = Field(description="How many examples are predicted to be of it.")
    precision: float | None = Field(description="Share of its predictions that are right.")
    recall: float | None = Field(description="Share of its examples that are found.")
    f1: float | None = Field(description="The harmonic mean of both.")


class ConfusionView(Answer):
    """Labels against predictions, under all filters but those two."""

    classes: list[ClassScoreView] = Field(description="The classes that occur, in order.")
    cells: list[CellView] = Field(description="The cells that hold any example.")
    total: int = Field(description="How many examples have both answers.")
    accuracy: float | None = Field(description="Share of right predictions.")
    macro_f1: float | None = Field(description="Mean F1 of the classes.")


class IndexList(Answer):
    """Examples by their indices."""

    examples: list[Index] = Field(description="Indices, in order.")


class ExampleInput(Answer):
    """One input of one example."""

    name: str = Field(description="The input's name.")
    modality: str = Field(description="The input's modality.")
    view: dict[str, Any] = Field(description='What to draw; its "kind" says how to read it.')
    media: str | None = Field(description="Relative address of its media, or null.")


class ExtraView(Answer):
    """One further argument of the model, which nothing is attributed to."""

    name: str = Field(description="Its name.")
    kind: Literal["extra"] = Field(description="Always extra.")
    shape: list[int] = Field(description="Its shape for one example.")
    type: str = Field(description="The type of its numbers.")
    text: str = Field(description="Its numbers, shortened where they are many.")


class ScoreView(Answer):
    """One output of a model for one example."""

    index: int = Field(description="The output's index.")
    name: str = Field(description="The output's name.")
    score: float | None = Field(description="The raw score.")
    probability: float | None = Field(description="The probability; null in a regression.")


class PlacedView(Answer):
    """What one model answers at each place of one example."""

    shape: list[int] = Field(description="The places: [count], or [height, width] of pixels.")
    parts: list[list[int]] = Field(
        description="The places of each head: [1], [count], or [height, width] of pixels."
    )
    place: int = Field(
        description="The place of the model's own prediction, whose scores are told."
    )
    classes: list[int] = Field(description="The likeliest class at each; -1 at padding.")
    names: list[str] | None = Field(
        description="Their names, where the board has too many classes to list; else null."
    )
    shares: list[float | None] = Field(description="Their probabilities.")


class PredictionView(Answer):
    """What one model answers for one example."""

    model: str = Field(description="The model's name.")
    predicted: Label = Field(description="Its prediction.")
    scores: list[ScoreView] = Field(
        description="The outputs from high to low, those of one place where there are several."
    )
    places: PlacedView | None = Field(description="All places; null where there is one.")
    error: str | None = Field(description="Why the model gave no answer, or null.")


class ScoresView(Answer):
    """The scores of one place of one example."""

    place: int = Field(description="The place.")
    scores: list[ScoreView] = Field(description="From high to low.")
    total: int = Field(description="How many there are, of which the first are told.")


class EditHead(Answer):
    """How an example of one's own was made."""

    origin: Index | None = Field(description="The dataset's example that the rest is of, or null.")
    parent: Index | None = Field(description="The example it was made of, or null.")
    changed: list[str] = Field(description="The inputs that were given.")
    role: Literal["edit", "baseline"] = Field(description="What it was made for.")
    made: str = Field(description="When, in ISO 8601.")


class ExampleView(Answer):
    """One example in full."""

    index: Index = Field(description="Its place in the dataset.")
    label: Label = Field(description="The label.")
    label_name: str | list[str] | None = Field(description="The label's name.")
    label_places: list[int] | None = Field(
        description="The label of each place, -1 for none; null where places have no labels."
    )
    metadata: dict[str, Any] = Field(description="The user's own columns.")
    inputs: list[ExampleInput] = Field(description="Each input, in the model's order.")
    extras: list[ExtraView] = Field(
        description="The model's further arguments, passed and never explained."
    )
    predictions: list[PredictionView] = Field(description="What each model answers.")
    edit: EditHead | None = Field(None, description="How it was made; null for the dataset's own.")


class Selection(Question):
    """The examples selected on the page, which `view.selection` reads in a notebook."""

    examples: list[Index] = Field(
        max_length=100_000, description="Indices of the selected examples, in order."
    )
