"""One's own examples are found, counted and sorted like the dataset's."""

from __future__ import annotations

from attriboard.catalog import Query
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


def test_what_is_removed_is_listed_no_more(session: Session) -> None:
    first = session.edits.add(3, {"question": "is it big"})
    second = session.edits.add(3, {"question": "is it round"})
    assert session.own_catalog.indices(Query()) == [first, second]
    session.edits.remove(first)
    assert session.own_catalog.indices(Query()) == [second]
