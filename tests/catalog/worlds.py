"""Random examples and a slow catalog of plain Python, which the real one must agree with."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from attriboard.catalog import Catalog, ExampleRow, PredictionRow, Query
from attriboard.catalog.sample import hashes

NAMES = ("circle", "blue square", "7", "Blue", "straße")
WORDS = ("is", "Blue", "CIRCLE", "straße", "there", "100%", "_", "'; DROP", '"quoted"', "日本")
MODEL, FINGERPRINT = "model", "weights one"

Row = dict[str, Any]


@dataclass
class World:
    """The same random examples as rows to write and as plain values by public column name."""

    examples: list[ExampleRow] = field(default_factory=list)
    predictions: list[PredictionRow] = field(default_factory=list)
    plain: list[Row] = field(default_factory=list)

    @staticmethod
    def drawn(seed: int, size: int) -> World:
        """`size` examples that depend on the seed alone."""
        world = World()
        for index in range(size):
            world._add(random.Random(f"{seed} {index}"), index)
        return world

    def _add(self, draw: random.Random, index: int) -> None:
        label = draw.choice([*range(len(NAMES)), None])
        question = draw.choice([" ".join(draw.choices(WORDS, k=4)), None])
        metadata = {
            "split": draw.choice(["train", "Test", "", None]),
            "count": draw.choice([-3, 0, 1, 2**53, None]),
            "weight": draw.choice([0.25, -1e9, 1e9, math.inf, math.nan, 0.5, None]),
            "seen": draw.choice([True, False, None]),
            "file `name`": f"{draw.randrange(10**6)}.png",
            "score": draw.choice(["low", "HIGH"]),
        }
        self.examples.append(ExampleRow(index, label, {"question": question}, metadata))
        row: Row = {"index": index, "label": label, "question": question}
        row |= {("data_score" if name == "score" else name): v for name, v in metadata.items()}
        if isinstance(row["weight"], float) and math.isnan(row["weight"]):
            row["weight"] = None
        self.plain.append(row | self._prediction(draw, index, label))

    def _prediction(self, draw: random.Random, index: int, label: int | None) -> Row:
        if draw.random() < 0.2:
            return dict.fromkeys(("predicted", "score", "margin", "loss", "correct"))
        predicted = draw.randrange(len(NAMES))
        given = PredictionRow(
            index,
            predicted,
            score=draw.choice([0.0, 0.5, 0.95, 1.0, draw.random()]),
            margin=draw.choice([draw.random(), None]),
            loss=draw.choice([draw.random(), math.inf]),
            correct=None if label is None else label == predicted,
        )
        self.predictions.append(given)
        return {name: getattr(given, name) for name in PREDICTION}

    def stored(self, path: Path | None) -> Catalog:
        """A catalog that holds this world, written in an order of its own."""
        catalog = opened(path, size=len(self.examples))
        shuffled = random.Random(0).sample(self.examples, len(self.examples))
        for start in range(0, len(shuffled), 37):
            catalog.write_examples(shuffled[start : start + 37])
        catalog.write_predictions(MODEL, FINGERPRINT, self.predictions)
        return catalog


PREDICTION = ("predicted", "score", "margin", "loss", "correct")


def opened(
    path: Path | None, *, size: int, data: str = "data one", model: str = FINGERPRINT
) -> Catalog:
    """A catalog over `size` examples of the random worlds' kind."""
    return Catalog.open(
        path,
        data_fingerprint=data,
        size=size,
        output_names=NAMES,
        texts=("question",),
        models={MODEL: model},
    )


def matching(rows: list[Row], query: Query, ignoring: str | None = None) -> list[Row]:
    """The rows that satisfy the filters of `query`, `where` and the subsample aside."""
    tests: dict[str, Callable[[Row], bool]] = {
        "label": lambda row: _chosen(row["label"], query.label),
        "predicted": lambda row: _chosen(row["predicted"], query.predicted),
        "correct": lambda row: query.correct is None or row["correct"] is query.correct,
        "score": lambda row: _between(row["score"], query.min_score, query.max_score),
        "q": lambda row: not query.q or query.q.casefold() in (row["question"] or "").casefold(),
    }
    return [row for row in rows if all(t(row) for name, t in tests.items() if name != ignoring)]


def _chosen(value: int | None, choice: Any) -> bool:
    if choice is None:
        return True
    choices = choice if isinstance(choice, tuple) else (choice,)
    return value is not None and (value in choices or NAMES[value] in choices)


def _between(value: float | None, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    return value is not None and (low is None or value >= low) and (high is None or value <= high)


def sampled(rows: list[Row], n: int, seed: int) -> list[Row]:
    """The `n` rows drawn by `seed`, in their old order."""
    drawn = sorted(rows, key=lambda row: place_in_draw(row, seed))[:n]
    return [row for row in rows if row in drawn]


def place_in_draw(row: Row, seed: int) -> int:
    """Which of the rows a draw takes first: those whose place is lowest."""
    return int(hashes(np.array([row["index"]]), seed)[0])


def ordered(rows: list[Row], sort: str) -> list[int]:
    """The indices of `rows` sorted as `sort` says: stable, empty values last."""
    name = sort.removeprefix("-")
    full = [row for row in rows if row[name] is not None]
    empty = [row["index"] for row in rows if row[name] is None]
    down = sort.startswith("-")
    groups = sorted({row[name] for row in full}, reverse=down)
    return [row["index"] for value in groups for row in full if row[name] == value] + empty
