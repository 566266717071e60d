"""Many threads read while one writes: each answer is of some moment, none is torn or lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attriboard.catalog import Catalog, ExampleRow, PredictionRow, Query
from attriboard.catalog.memo import Memo
from tests.catalog.worlds import FINGERPRINT, MODEL, opened

SIZE = 3000
BATCH = 100


def test_reading_while_writing(tmp_path: Path) -> None:
    catalog = opened(tmp_path / "catalog.duckdb", size=SIZE)
    done = threading.Event()
    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(_read, catalog, done, seed) for seed in range(5)]
        writer = pool.submit(_write, catalog, done)
        writer.result()
        assert all(reader.result() > 0 for reader in readers)
    facets = catalog.facets(Query())
    assert facets.predicted_count == SIZE
    assert facets.accuracy == 0.5
    assert catalog.missing(MODEL, FINGERPRINT) == catalog.missing_examples() == []
    catalog.close()


def _write(catalog: Catalog, done: threading.Event) -> None:
    try:
        for start in range(0, SIZE, BATCH):
            rows = range(start, start + BATCH)
            metadata = {f"column {start // 1000}": start, "mixed": start if start < 2000 else "x"}
            catalog.write_examples(
                [ExampleRow(i, i % 5, {"question": "blue"}, metadata) for i in rows]
            )
            predictions = [PredictionRow(i, i % 5, i / SIZE, correct=i % 2 == 0) for i in rows]
            catalog.write_predictions(MODEL, FINGERPRINT, predictions)
    finally:
        done.set()


def _read(catalog: Catalog, done: threading.Event, seed: int) -> int:
    rounds, seen = 0, 0
    while not done.is_set():
        query = Query(where="predicted is not null", sort="-score", limit=20)
        page = catalog.page(query)
        scores = [item["score"] for item in page.items]
        assert scores == sorted(scores, reverse=True)
        assert page.total >= seen
        seen = page.total
        facets = catalog.facets(Query(sample=50, seed=seed))
        assert facets.total == 50
        assert sum(each.count for each in facets.predicted) == 50
        assert sum(each.count for each in facets.labels) == 50
        assert len(catalog.missing(MODEL, FINGERPRINT)) <= SIZE
        rounds += 1
    return rounds


def test_two_writers_take_turns(tmp_path: Path) -> None:
    catalog = opened(tmp_path / "catalog.duckdb", size=400)

    def fill(model: str) -> None:
        for start in range(0, 400, 40):
            rows = [PredictionRow(i, 1, 0.5) for i in range(start, start + 40)]
            catalog.write_predictions(model, "x", rows)
            catalog.write_examples([ExampleRow(start, 2, metadata={model: start})])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fill, ["a", "b", "c", "d"]))
    assert [catalog.predicted(model) for model in "abcd"] == [400] * 4
    assert {"a", "b", "c", "d"} <= {column.name for column in catalog.columns()}
    catalog.close()


def test_a_memo_works_once_for_all_who_wait() -> None:
    memo, calls, gate = Memo(4), [], threading.Event()

    def work() -> int:
        calls.append(1)
        gate.wait(10)
        return 7

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(memo.get, (1, 0), "key", work) for _ in range(4)]
        gate.set()
        assert [answer.result(10) for answer in answers] == [7] * 4
    assert len(calls) == 1


def test_a_memo_forgets_old_revisions_and_errors() -> None:
    memo = Memo(2)
    assert memo.get((1, 0), "a", lambda: 1) == 1
    assert memo.get((1, 0), "a", lambda: 2) == 1
    assert memo.get((2, 0), "a", lambda: 3) == 3
    assert memo.get((1, 0), "a", lambda: 4) == 4  # asked for an older one: worked out, not kept
    assert memo.get((2, 0), "a", lambda: 5) == 3

    def fails() -> int:
        raise ValueError("no")

    for _ in range(2):
        try:
            memo.get((2, 0), "b", fails)
        except ValueError as error:
            assert str(error) == "no"  # noqa: PT017
    assert memo.get((2, 0), "b", lambda: 6) == 6
    memo.get((2, 0), "c", lambda: 0)
    assert memo.get((2, 0), "a", lambda: 8) == 8  # the oldest of three went
