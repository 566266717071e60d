"""What is written to the catalog and what is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

OutputKind = Literal["classes", "regression", "multilabel"]
ColumnType = Literal["int", "float", "bool", "str", "class", "classes", "tags"]
ColumnRole = Literal["index", "label", "prediction", "text", "metadata", "computed", "mark"]

Answer = int | float | tuple[int, ...] | None
"""A label or a prediction: a class index, a number, the indices of several classes, or unknown."""


@dataclass(frozen=True)
class ExampleRow:
    """What the dataset says about one example. `texts` is what the search reads, by input name."""

    index: int
    label: Answer = None
    texts: Mapping[str, str | None] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PredictionRow:
    """What one model answered for one example. `correct` is None where there is no label."""

    index: int
    predicted: Answer = None
    score: float | None = None
    margin: float | None = None
    loss: float | None = None
    correct: bool | None = None


@dataclass(frozen=True)
class Column:
    """A column that `where` and `sort` understand. "class" columns hold class indices."""

    name: str
    type: ColumnType
    role: ColumnRole


@dataclass(frozen=True)
class Page:
    """One page of examples. `total` counts all that match, on this page or not.

    Each item is JSON-able: index, label, label_name, predicted, predicted_name, score, correct,
    margin, loss, texts {input: str}, metadata {column: value}, computed {column: number}.
    """

    total: int
    items: list[dict[str, Any]]
    next_cursor: str | None


@dataclass(frozen=True)
class Count:
    """How many examples hold `value`; `name` is what a person reads, such as the class's name."""

    value: int | float | str | bool | None
    name: str
    count: int


@dataclass(frozen=True)
class Bin:
    """One bar of a histogram over [start, stop); the last bar includes its stop."""

    start: float
    stop: float
    count: int


@dataclass(frozen=True)
class ColumnFacet:
    """One metadata or computed column: `values` when few differ, else `bins` of its numbers.

    Both are None for a column of free text, and for one with no values. `nulls` counts the
    examples where it is empty.
    """

    name: str
    type: ColumnType
    values: list[Count] | None
    bins: list[Bin] | None
    nulls: int


@dataclass(frozen=True)
class Facets:
    """Counts over the matching examples; each facet counts under all filters but its own."""

    total: int
    labels: list[Count]
    predicted: list[Count]
    correct: list[Count]
    score: list[Bin]
    columns: list[ColumnFacet]
    accuracy: float | None
    predicted_count: int
    macro_f1: float | None = None
    tags: list[Count] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """How many examples of class `label` were predicted to be of class `predicted`."""

    label: int
    predicted: int
    count: int


@dataclass(frozen=True)
class ClassScore:
    """One class's figures. support: how many examples have it as their label."""

    value: int
    name: str
    support: int
    predicted: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Confusion:
    """Labels against predictions; cells without an example are left out."""

    classes: list[ClassScore]
    cells: list[Cell]
    total: int
    accuracy: float | None
    macro_f1: float | None
