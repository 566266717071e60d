"""The words in memory find what reading every text finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attriboard.catalog import Catalog, ExampleRow, Query, searching
from attriboard.catalog.words import Words, blocks

LETTERS = st.sampled_from("ab ")
TEXTS = st.lists(st.one_of(st.none(), st.text(LETTERS, max_size=12)), min_size=1, max_size=30)


@settings(max_examples=300, deadline=None)
@given(texts=TEXTS, wanted=st.text(LETTERS, min_size=1, max_size=6))
def test_every_string_is_found(texts: list[str | None], wanted: str) -> None:
    words = Words.of([texts[:7], texts[7:]], len(texts))
    assert words is not None
    expected = [text is not None and wanted in text for text in texts]
    assert words.containing(wanted).tolist() == expected
    assert words.known.tolist() == [text is not None for text in texts]


def test_too_many_words_are_left_to_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attriboard.catalog.words.MOST_WORDS", 5)
    assert Words.of(blocks(["a b c", "d e f"]), 2) is None


@pytest.fixture
def catalog(monkeypatch: pytest.MonkeyPatch) -> Catalog:
    monkeypatch.setattr(searching, "FEW", 10)
    made = Catalog.open(None, data_fingerprint="", size=60, texts=("question", "answer"))
    draw = np.random.default_rng(2)
    said = ["is it Blue", "a blue shape", "no SHAPE  at all", "straße", None]
    made.write_examples(
        [
            ExampleRow(
                i,
                texts={"question": said[draw.integers(5)], "answer": said[draw.integers(5)]},
                metadata={"count": int(draw.integers(3)), "part": ["x", "y", None][i % 3]},
            )
            for i in range(60)
        ]
    )
    return made


@pytest.mark.parametrize(
    "query",
    [
        Query(q="BLUE"),
        Query(q="blue sh"),
        Query(q="shape  at"),
        Query(q="STRASSE"),
        Query(q="e"),
        Query(q="zebra"),
        Query(where='question contains "blue" and count >= 1'),
        Query(where='not question contains "blue" and part = "x"'),
        Query(where='part != "x" and not count in (0, 2)'),
        Query(where='not part in ("x", "y") or answer contains "is"'),
    ],
)
def test_memory_and_table_agree(catalog: Catalog, query: Query) -> None:
    catalog._arrays.words.changed()
    catalog._arrays.words.prepare = lambda *_, **__: None  # type: ignore[method-assign]
    before = catalog.indices(query)
    del catalog._arrays.words.prepare  # type: ignore[attr-defined]
    catalog.prepare_search(wait=True)
    catalog.marks.note(0, "a write, so that no earlier answer is remembered")
    assert catalog.indices(query) == before


def test_texts_written_later_are_found(catalog: Catalog) -> None:
    catalog.prepare_search(wait=True)
    assert catalog.indices(Query(q="elephant")) == []
    catalog.write_examples([ExampleRow(7, texts={"question": "an Elephant"})])
    assert catalog.indices(Query(q="elephant")) == [7]
    catalog.prepare_search(wait=True)
    assert catalog.indices(Query(q="elephant")) == [7]
