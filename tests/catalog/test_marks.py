"""Tags, notes and saved views: kept with the data, whatever becomes of the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from attriboard.catalog import Catalog, ExampleRow, Query
from attriboard.engine.errors import InvalidInput


def opened(path: Path | None, *, data: str = "data", model: str = "one") -> Catalog:
    catalog = Catalog.open(
        path,
        data_fingerprint=data,
        size=6,
        output_names=["cat", "dog"],
        texts=["question"],
        models={"model": model},
    )
    catalog.write_examples(
        [ExampleRow(i, i % 2, {"question": f"q {i}"}, {"id": f"x{i}"}) for i in range(6)]
    )
    return catalog


def test_tags_are_given_found_and_taken_away() -> None:
    catalog = opened(None)
    catalog.marks.change([1, 2, 4], add=["odd label", " Check "])
    catalog.marks.change([2], remove=["Check"])
    assert catalog.marks.of(2) == (["odd label"], None)
    assert catalog.marks.tagged("Check") == [1, 4]
    assert catalog.indices(Query(tag=("Check",))) == [1, 4]
    assert catalog.indices(Query(tag=("Check", "odd label"))) == [1, 2, 4]
    assert catalog.indices(Query(tag=("unknown",))) == []
    items = catalog.page(Query(limit=3)).items
    assert [item["tags"] for item in items] == [[], ["Check", "odd label"], ["odd label"]]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ('tags = "Check"', [1, 4]),
        ('tags != "Check"', [0, 2, 3, 5]),
        ('tags in ("Check", "odd label")', [1, 2, 4]),
        ('tags contains "LABEL"', [1, 2, 4]),
        ('tags starts with "che" and label = "dog"', [1]),
        ("tags is null", [0, 3, 5]),
        ("tags is not null and not note is null", [4]),
        ('note contains "blurred"', [4]),
    ],
)
def test_where_knows_tags_and_notes(where: str, expected: list[int]) -> None:
    catalog = opened(None)
    catalog.indices(Query(where=where))  # an answer before the tags came must not be kept
    catalog.marks.change([1, 2, 4], add=["odd label"])
    catalog.marks.change([1, 4], add=["Check"])
    catalog.marks.note(4, "Blurred, I think.")
    assert catalog.indices(Query(where=where)) == expected


def test_tags_count_under_all_filters_but_their_own() -> None:
    catalog = opened(None)
    catalog.marks.change([0, 1, 2], add=["a"])
    catalog.marks.change([1, 3], add=["b"])
    facets = catalog.facets(Query(label="dog", tag=("a",)))
    assert {each.name: each.count for each in facets.tags} == {"a": 1, "b": 2}
    assert facets.total == 1


def test_marks_and_views_outlive_a_changed_model(tmp_path: Path) -> None:
    path = tmp_path / "catalog.duckdb"
    first = opened(path)
    first.marks.change([3], add=["keep"])
    first.marks.note(3, "why?")
    first.views.save("Odd ones", "tag=keep")
    first.close()
    second = opened(path, model="two")
    assert second.marks.of(3) == (["keep"], "why?")
    assert [view.query for view in second.views.all()] == ["tag=keep"]
    second.close()


def test_marks_of_other_data_wait_for_that_data(tmp_path: Path) -> None:
    path = tmp_path / "catalog.duckdb"
    for data, tags in (("data", []), ("other", []), ("data", ["keep"])):
        catalog = opened(path, data=data)
        assert catalog.marks.of(3)[0] == tags
        if data == "data":
            catalog.marks.change([3], add=["keep"])
        catalog.close()


def test_views_are_renamed_and_deleted() -> None:
    views = opened(None).views
    views.save("a", "q=1")
    views.save("b", "q=2")
    views.save("a", "q=3")
    renamed = views.rename("a", "c")
    assert renamed is not None
    assert [(view.name, view.query) for view in views.all()] == [("c", "q=3"), ("b", "q=2")]
    with pytest.raises(InvalidInput, match="called 'b' already"):
        views.rename("c", "b")
    assert views.rename("gone", "d") is None
    assert views.delete("b")
    assert not views.delete("b")


@pytest.mark.parametrize("tag", ["", "  ", "x" * 65])
def test_a_tag_that_cannot_be_is_refused(tag: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 64 characters"):
        opened(None).marks.change([1], add=[tag])


def test_an_example_that_is_not_there_is_refused() -> None:
    catalog = opened(None)
    with pytest.raises(InvalidInput, match="no example 6"):
        catalog.marks.change([6], add=["a"])
    with pytest.raises(InvalidInput, match="no example -1"):
        catalog.marks.note(-1, "a")


def test_examples_are_found_by_their_ids() -> None:
    catalog = opened(None)
    assert catalog.find("id", ["x3", "x0", "nothing"]) == {"x0": [0], "x3": [3]}
    assert catalog.find("index", ["5"]) == {"5": [5]}
    with pytest.raises(InvalidInput, match="no column 'name'"):
        catalog.find("name", ["a"])


def test_a_boards_own_views_are_offered_once() -> None:
    views = opened(None).views
    views.offer({"ours": "q=1", "theirs": "q=2"})
    assert [(view.name, view.query) for view in views.all()] == [("ours", "q=1"), ("theirs", "q=2")]
    views.save("ours", "q=3")
    assert views.delete("theirs")
    views.offer({"ours": "q=1", "theirs": "q=2", "new": "q=4"})
    assert [(view.name, view.query) for view in views.all()] == [("ours", "q=3"), ("new", "q=4")]
