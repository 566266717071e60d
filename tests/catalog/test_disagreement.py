"""Where a board's models predict differently: a column to filter, count and sort by."""

from __future__ import annotations

from pathlib import Path

from attriboard.catalog import Catalog, PredictionRow, Query

ONE = [0, 1, 2, 0, 1, None]
TWO = [0, 2, 2, 1, None, None]
MARKS = {"one": "a", "two": "b"}


def _catalog(path: Path | None = None, kind: str = "classes", **models: str) -> Catalog:
    return Catalog.open(
        path,
        data_fingerprint="data",
        size=6,
        output_kind=kind,  # type: ignore[arg-type]
        output_names=["x", "y", "z"],
        models=models or MARKS,
    )


def _predict(catalog: Catalog, model: str, answers: list[int | None]) -> None:
    rows = [PredictionRow(i, said, 0.5, 0.1, 0.2, None) for i, said in enumerate(answers)]
    catalog.write_predictions(model, MARKS[model], rows)


def test_it_is_filtered_and_counted_like_any_column() -> None:
    with_both = _catalog()
    _predict(with_both, "one", ONE)
    _predict(with_both, "two", TWO)
    for model in MARKS:
        page = with_both.page(Query(model=model, where="models_disagree"))
        assert [item["index"] for item in page.items] == [1, 3]
        same = with_both.page(Query(model=model, where="not models_disagree"))
        assert [item["index"] for item in same.items] == [0, 2]
        unknown = with_both.page(Query(model=model, where="models_disagree is null"))
        assert [item["index"] for item in unknown.items] == [4, 5]
    (facet,) = [f for f in with_both.facets(Query()).columns if f.name == "models_disagree"]
    assert facet.values is not None
    assert {count.value: count.count for count in facet.values} == {False: 2, True: 2}
    assert facet.nulls == 2
    with_both.close()


def test_it_follows_each_writing() -> None:
    catalog = _catalog()
    _predict(catalog, "one", ONE)
    assert catalog.page(Query(where="models_disagree")).total == 0
    _predict(catalog, "two", TWO)
    assert catalog.page(Query(where="models_disagree")).total == 2
    _predict(catalog, "two", ONE)
    assert catalog.page(Query(where="models_disagree")).total == 0
    catalog.close()


def test_models_that_are_no_longer_on_the_board_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "catalog.duckdb"
    before = _catalog(path)
    _predict(before, "one", ONE)
    _predict(before, "two", TWO)
    before.close()
    after = _catalog(path, one="a")
    assert "models_disagree" not in {column.name for column in after.columns()}
    after.close()


def test_numbers_always_differ_so_a_regression_has_no_such_column() -> None:
    catalog = _catalog(kind="regression")
    assert "models_disagree" not in {column.name for column in catalog.columns()}
    catalog.close()
