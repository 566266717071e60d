"""One's own examples are found, counted and sorted like the dataset's."""

from __future__ import annotations

import pytest

from attriboard.catalog import Query
from attriboard.engine.errors import InvalidInput
from attriboard.jobs.session import Session
from tests.jobs.boards import SIZE


def test_nothing_is_listed_before_there_is_an_edit(session: Session) -> None:
    assert session.own_catalog.page(Query()).total == 0
    assert session.own_catalog.facets(Query()).total == 0


def test_edits_are_listed_with_what_the_model_says(session: Session) -> None:
    big = session.edits.add(3, {"question": "is it big"})
    rounded = session.edits.add(4, {"question": "is it round"})
    session.edits.add(5, {"question": "is it big"}, "baseline")
    own = session.own_catalog
    page = own.page(Query())
    assert [item["index"] for item in page.items] == [big, rounded]
    for item in page.items:
        assert item["predicted"] == int(session.predict("model", item["index"]).argmax())
        assert item["label"] is None
    assert [item["metadata"]["made_of"] for item in page.items] == [3, 4]
    assert own.indices(Query(q="ROUND")) == [rounded]
    assert own.indices(Query(where="made_of = 3")) == [big]
    assert own.facets(Query()).total == 2
    best = max(page.items, key=lambda item: item["score"])["index"]
    assert own.indices(Query(sort="-score"))[0] == best
    assert session.catalog.page(Query()).total == SIZE


def test_tags_and_notes_of_ones_own_are_kept_and_found(session: Session) -> None:
    first = session.edits.add(3, {"question": "is it big"})
    second = session.edits.add(4, {"question": "is it round"})
    own, marks = session.own_catalog, session.catalog.marks
    assert own.indices(Query(tag=("odd",))) == []
    marks.change([1, second], add=["odd"])
    marks.change([first], add=["fine"])
    marks.note(first, "a bit odd")
    assert own.indices(Query(tag=("odd",))) == [second]
    assert own.indices(Query(where='note contains "bit"')) == [first]
    assert [(item["tags"], item["note"]) for item in own.page(Query()).items] == [
        (["fine"], "a bit odd"),
        (["odd"], None),
    ]
    assert {each.name: each.count for each in own.facets(Query()).tags} == {"fine": 1, "odd": 1}
    marks.change([second], remove=["odd"])
    marks.note(first, "")
    assert own.indices(Query(tag=("odd",))) == []
    assert own.page(Query()).items[0]["note"] is None


def test_tags_of_ones_own_are_no_examples_of_the_dataset(session: Session) -> None:
    mine = session.edits.add(3, {"question": "is it big"})
    marks = session.catalog.marks
    marks.change([1, mine], add=["odd"])
    marks.change([mine], add=["mine"])
    assert session.catalog.indices(Query(tag=("odd",))) == [1]
    assert session.catalog.indices(Query(tag=("mine",))) == []
    assert {each.name: each.count for each in session.catalog.facets(Query()).tags} == {"odd": 1}
    assert {each.name: each.count for each in marks.used()} == {"mine": 1, "odd": 2}
    with pytest.raises(InvalidInput, match=f"no example {mine + 1}"):
        marks.change([mine + 1], add=["odd"])


def test_what_is_removed_is_listed_no_more(session: Session) -> None:
    first = session.edits.add(3, {"question": "is it big"})
    second = session.edits.add(3, {"question": "is it round"})
    assert session.own_catalog.indices(Query()) == [first, second]
    session.edits.remove(first)
    assert session.own_catalog.indices(Query()) == [second]
