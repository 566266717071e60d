"""How fast the catalog answers over a million examples: filter, facets and first page together.

    python -m benchmarks.bench_catalog [--examples 1000000] [--rounds 60] [--json FILE]

No answer comes from memory of an earlier one: every round asks for something new. Prints the
median, the 95th percentile and the slowest of each kind of query, in milliseconds, and the 95th
percentile of the processor's time, which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from attriboard.catalog import Catalog, ExampleRow, PredictionRow, Query

SHAPES = ("circle", "rectangle", "triangle")
COLORS = ("red", "green", "blue", "black", "gray", "teal", "brown", "yellow")
NAMES = ("no", "yes", *SHAPES, *COLORS)
SMALL = ("what", "is", "the", "of", "in", "does", "a", "there", "not", "how", "many", "any", "to")
THINGS = ("color", "shape", "picture", "image", "object", "square", "line", "center", "corner")
PLACES = ("left", "right", "top", "bottom", "large", "small", "near", "beside", "between", "under")
WORDS = (*NAMES, *SMALL, *THINGS, *PLACES)
BLOCK = 4096
MODEL, FINGERPRINT = "model", "benchmark"


@dataclass(frozen=True)
class Timing:
    """Milliseconds of the rounds of one kind of query."""

    kind: str
    median: float
    p95: float
    slowest: float
    cpu_p95: float


def filled(path: Path, examples: int) -> Catalog:
    """A catalog of questions with labels, predictions and three metadata columns."""
    catalog = Catalog.open(
        path,
        data_fingerprint="synthetic",
        size=examples,
        output_names=NAMES,
        texts=("question",),
        models={MODEL: FINGERPRINT},
    )
    if catalog.predicted(MODEL) == examples:  # a folder kept from an earlier run
        return catalog
    for start in range(0, examples, BLOCK):
        indices = range(start, min(start + BLOCK, examples))
        draw = random.Random(start)
        rows = [_example(draw, index) for index in indices]
        catalog.write_examples(rows)
        catalog.write_predictions(MODEL, FINGERPRINT, [_prediction(draw, row) for row in rows])
    return catalog


def _example(draw: random.Random, index: int) -> ExampleRow:
    question = " ".join(draw.choices(WORDS, k=draw.randint(5, 11))).capitalize() + "?"
    metadata = {
        "split": draw.choice(("train", "validation", "test")),
        "brightness": draw.random(),
        "photo": f"photos/{draw.randrange(50_000):05d}.png",
    }
    return ExampleRow(index, draw.randrange(len(NAMES)), {"question": question}, metadata)


def _prediction(draw: random.Random, row: ExampleRow) -> PredictionRow:
    label = row.label if isinstance(row.label, int) else 0
    predicted = label if draw.random() < 0.9 else draw.randrange(len(NAMES))
    score = draw.betavariate(8, 1)
    return PredictionRow(
        row.index, predicted, score, 2 * score - 1, draw.expovariate(10), predicted == label
    )


def queries(draw: random.Random) -> Iterator[tuple[str, Query]]:
    """One round: each kind of query, with words and numbers it was not asked with before."""
    low = round(draw.random() / 2, 9)
    label = draw.randrange(len(NAMES))
    word, other, third = draw.sample(WORDS, 3)
    yield "score range", Query(min_score=low)
    yield "confident mistakes", Query(correct=False, min_score=low, sort="-score")
    yield "one class, by margin", Query(label=label, min_score=low, sort="margin")
    yield "text, a word", Query(q=word, sort="-score")
    yield "text, two words", Query(q=f"{word} {other}")
    yield "text, parts of words", Query(q=f"{word[-2:]} {third[:2]}", sort="loss")
    yield "text, a class, right", Query(q=f"{other[-1]} {word[:3]}", label=label, correct=True)
    yield "where", Query(where=_expression(draw, third), sort="-score")
    yield "subsample", Query(correct=False, sample=200, seed=draw.randrange(10**9))
    yield "subsample of a text", Query(q=third[:-1], sample=200, seed=draw.randrange(10**9))


def _expression(draw: random.Random, word: str) -> str:
    bound = draw.random()
    return f'split = "test" and brightness < {bound:.9f} and not question contains "{word}"'


def measured(catalog: Catalog, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds, and the processor's, of the facets and the first page, by kind of query."""
    draw = random.Random(0)
    seconds: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for kind, query in queries(draw):
            seconds.setdefault(kind, []).append(_timed(lambda q=query: _first_view(catalog, q)))  # type: ignore[misc]
    return seconds


def _first_view(catalog: Catalog, query: Query) -> None:
    catalog.facets(query)
    catalog.page(replace(query, limit=60))


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    start, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - busy


def timings(seconds: dict[str, list[tuple[float, float]]]) -> list[Timing]:
    """The figures of each kind, and of all together."""
    kinds = {**seconds, "all": [one for some in seconds.values() for one in some]}
    return [_timing(kind, some) for kind, some in kinds.items()]


def _timing(kind: str, some: list[tuple[float, float]]) -> Timing:
    median, p95, slowest = (
        float(1000 * np.percentile([wall for wall, _ in some], p)) for p in (50, 95, 100)
    )
    cpu_p95 = float(1000 * np.percentile([busy for _, busy in some], 95))
    return Timing(kind, median, p95, slowest, cpu_p95)


def main() -> None:
    """Build the catalog, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--store", type=Path, help="folder kept between runs")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        _run(options.store or Path(temporary), options)


def _run(folder: Path, options: argparse.Namespace) -> None:
    start = time.perf_counter()
    catalog = filled(folder / "catalog.duckdb", options.examples)
    print(f"{options.examples} examples there in {time.perf_counter() - start:.1f} s")
    catalog.close()
    start = time.perf_counter()
    catalog = Catalog.open(
        folder / "catalog.duckdb",
        data_fingerprint="synthetic",
        size=options.examples,
        output_names=NAMES,
        texts=("question",),
        models={MODEL: FINGERPRINT},
    )
    print(f"opened again in {1000 * (time.perf_counter() - start):.0f} ms")
    start = time.perf_counter()
    catalog.prepare_search(wait=True)
    print(f"words learnt in {time.perf_counter() - start:.1f} s, in the background of a server")
    found = timings(measured(catalog, options.rounds))
    print(f"{'ms':24} {'median':>8} {'p95':>8} {'slowest':>8} {'cpu p95':>8}")
    for each in found:
        figures = (each.median, each.p95, each.slowest, each.cpu_p95)
        print(f"{each.kind:24} " + " ".join(f"{figure:8.1f}" for figure in figures))
    if options.json:
        options.json.write_text(json.dumps([vars(each) for each in found], indent=1))


if __name__ == "__main__":
    main()
