"""The question a page or a set of facets answers."""

from __future__ import annotations

from dataclasses import dataclass

Choice = int | float | str
"""One answer picked by the user: a class by its index or its name, or a number."""


@dataclass(frozen=True)
class Only:
    """What to keep by one column: any of `values` (None for empty), or numbers in a range.

    low, high: inclusive; None leaves that side open. Either values or a range, not both.
    """

    column: str
    values: tuple[Choice | None, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Query:
    """Which examples, in what order, and which page of them. All fields may be left out.

    model: the model whose predictions are meant; None is the first one.
    label, predicted: one choice or several (any of them); in a multi-label board, "has it".
    correct: right, wrong, or None for both.
    min_score, max_score: inclusive; examples without a prediction match neither.
    only: choices among the values, or in the range, of further columns; all must hold.
    tag: tags that people gave; examples with any of them.
    q: text that an input's text must contain, ignoring case.
    where: an expression of the catalog's own grammar (see `where.py`).
    sort: a column name, with a minus in front for descending; empty values come last either way.
    sample, seed: keep that many of the matching examples, drawn by the seed alone.
    stratified: draw as many of each class as there are, as far as `sample` goes, for a sample in
        which rare classes show too.
    limit, cursor: the page; the cursor comes from the page before.
    """

    model: str | None = None
    label: Choice | tuple[Choice, ...] | None = None
    predicted: Choice | tuple[Choice, ...] | None = None
    correct: bool | None = None
    min_score: float | None = None
    max_score: float | None = None
    only: tuple[Only, ...] = ()
    tag: tuple[str, ...] = ()
    q: str | None = None
    where: str | None = None
    sort: str = "index"
    sample: int | None = None
    seed: int = 0
    stratified: bool = False
    limit: int = 50
    cursor: str | None = None
