"""The question a page or a set of facets answers."""

from __future__ import annotations

from dataclasses import dataclass

Choice = int | float | str
"""One answer picked by the user: a class by its index or its name, or a number."""


@dataclass(frozen=True)
class Query:
    """Which examples, in what order, and which page of them. All fields may be left out.

    model: the model whose predictions are meant; None is the first one.
    label, predicted: one choice or several (any of them); in a multi-label board, "has it".
    correct: right, wrong, or None for both.
    min_score, max_score: inclusive; examples without a prediction match neither.
    q: text that an input's text must contain, ignoring case.
    where: an expression of the catalog's own grammar (see `where.py`).
    sort: a column name, with a minus in front for descending; empty values come last either way.
    sample, seed: keep that many of the matching examples, drawn by the seed alone.
    limit, cursor: the page; the cursor comes from the page before.
    """

    model: str | None = None
    label: Choice | tuple[Choice, ...] | None = None
    predicted: Choice | tuple[Choice, ...] | None = None
    correct: bool | None = None
    min_score: float | None = None
    max_score: float | None = None
    q: str | None = None
    where: str | None = None
    sort: str = "index"
    sample: int | None = None
    seed: int = 0
    limit: int = 50
    cursor: str | None = None
