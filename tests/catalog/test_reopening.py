"""What a catalog keeps between runs, drops when things changed, and refuses to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from attriboard.catalog import Catalog, ExampleRow, PredictionRow, Query
from attriboard.engine.errors import AttriboardError, InvalidInput
from tests.catalog.worlds import FINGERPRINT, MODEL, World, opened

SIZE = 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A catalog file that holds a random world."""
    path = tmp_path / "store" / "catalog.duckdb"
    World.drawn(seed=4, size=SIZE).stored(path).close()
    return path


def test_everything_is_there_at_the_next_start(path: Path) -> None:
    world = World.drawn(seed=4, size=SIZE)
    catalog = opened(path, size=SIZE)
    fresh = world.stored(None)
    assert catalog.columns() == fresh.columns()
    assert catalog.page(Query(limit=100)) == fresh.page(Query(limit=100))
    assert catalog.facets(Query()) == fresh.facets(Query())
    assert catalog.missing_examples() == []
    known = {row.index for row in world.predictions}
    assert catalog.missing(MODEL, FINGERPRINT) == [i for i in range(SIZE) if i not in known]
    assert catalog.predicted(MODEL) == len(known)
    catalog.close()


def test_a_changed_model_loses_its_predictions_alone(path: Path) -> None:
    catalog = opened(path, size=SIZE, model="weights two")
    assert catalog.missing(MODEL, "weights two") == list(range(SIZE))
    assert catalog.predicted(MODEL) == 0
    assert catalog.missing_examples() == []
    assert {item["predicted"] for item in catalog.page(Query()).items} == {None}
    catalog.close()


def test_columns_of_a_changed_model_do_not_pile_up(path: Path) -> None:
    for weights in ("two", "three", "four"):
        opened(path, size=SIZE, model=weights).close()
    opened(path, size=SIZE, model="four").close()
    with duckdb.connect(str(path)) as connection:
        names = [row[0] for row in connection.execute("DESCRIBE examples").fetchall()]
    assert sum(name.endswith("_predicted") for name in names) == 1


def test_another_models_predictions_stay(path: Path) -> None:
    catalog = opened(path, size=SIZE)
    catalog.write_predictions("other", "x", [PredictionRow(0, 3, 0.25)])
    catalog.close()
    catalog = opened(path, size=SIZE, model="weights two")
    assert catalog.predicted("other") == 1
    assert catalog.rows([0], "other")[0]["predicted_name"] == "Blue"
    assert catalog.rows([0])[0]["predicted"] is None
    catalog.close()


@pytest.mark.parametrize("change", [{"size": SIZE + 1}, {"size": SIZE, "data": "data two"}])
def test_changed_data_drops_everything(path: Path, change: dict[str, str]) -> None:
    catalog = opened(path, **change)  # type: ignore[arg-type]
    assert catalog.missing_examples() == list(range(len(catalog)))
    assert catalog.missing(MODEL, FINGERPRINT) == list(range(len(catalog)))
    assert [column.role for column in catalog.columns()].count("metadata") == 0
    catalog.close()


def test_rows_are_there_from_the_start(tmp_path: Path) -> None:
    catalog = opened(tmp_path / "catalog.duckdb", size=3)
    assert [item["index"] for item in catalog.page(Query()).items] == [0, 1, 2]
    assert catalog.page(Query()).items[0]["label"] is None
    assert catalog.facets(Query()).predicted_count == 0
    assert catalog.facets(Query()).accuracy is None
    catalog.write_examples([ExampleRow(2, 1, {"question": "Blue?"})])
    assert catalog.missing_examples() == [0, 1]
    catalog.close()


def test_a_prediction_without_an_answer_is_not_missing(tmp_path: Path) -> None:
    catalog = opened(tmp_path / "catalog.duckdb", size=2)
    catalog.write_predictions(MODEL, FINGERPRINT, [PredictionRow(1, None, float("nan"))])
    assert catalog.missing(MODEL, FINGERPRINT) == [0]
    assert catalog.rows([1])[0]["score"] is None
    catalog.close()


@pytest.mark.parametrize("format_", ["0", "99"])
def test_another_format_is_refused(path: Path, format_: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE about SET value = ? WHERE key = 'format'", [format_])
    with pytest.raises(InvalidInput, match=rf"format {format_}, .*--store") as caught:
        opened(path, size=SIZE)
    assert caught.value.field == "store"
    with duckdb.connect(str(path)) as connection:  # refused, and left as it was
        assert connection.execute("SELECT count(*) FROM examples").fetchone() == (SIZE,)


def test_a_database_of_someone_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "catalog.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE examples AS SELECT 1 AS precious")
    with pytest.raises(InvalidInput, match="format unknown"):
        opened(path, size=SIZE)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SELECT precious FROM examples").fetchone() == (1,)


@pytest.mark.parametrize("content", [b"not a database at all" * 500, b"x"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "catalog.duckdb"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="--store") as caught:
        opened(path, size=SIZE)
    assert caught.value.field == "store"
    assert path.read_bytes() == content


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with pytest.raises(InvalidInput, match="cannot be opened"):
        opened(tmp_path / "store" / "catalog.duckdb", size=SIZE)


def test_a_second_process_is_told_who_has_the_store(path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    with pytest.raises(InvalidInput) as caught:
        opened(path, size=SIZE)
    assert caught.value.field == "store"
    assert f"in use by another AttriBoard (process {holder.pid})" in str(caught.value)
    assert "--store" in str(caught.value)
    holder.communicate()
    opened(path, size=SIZE).close()


_HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_catalog_of_this_process_is_refused(path: Path) -> None:
    first = opened(path, size=SIZE)
    with pytest.raises(InvalidInput, match="already open in this process"):
        opened(path, size=SIZE)
    first.close()
    opened(path, size=SIZE).close()


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _WRITE_AND_DIE, str(path)], check=False)
    assert killed.returncode == -9
    catalog = opened(path, size=SIZE, model="killed")
    assert catalog.missing(MODEL, "killed") == list(range(5, SIZE))
    assert catalog.rows([4])[0]["score"] == 0.75
    catalog.close()


_WRITE_AND_DIE = f"""
import os, signal, sys
from pathlib import Path
from attriboard.catalog import Catalog, PredictionRow
catalog = Catalog.open(Path(sys.argv[1]), data_fingerprint="data one", size={SIZE},
    texts=("question",), models={{"model": "killed"}})
catalog.write_predictions("model", "killed", [PredictionRow(i, 1, 0.75) for i in range(5)])
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_closed_catalog_says_so(path: Path) -> None:
    catalog = opened(path, size=SIZE)
    catalog.close()
    catalog.close()
    with pytest.raises(AttriboardError, match="catalog is closed"):
        catalog.page(Query())


def test_in_memory_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    catalog = World.drawn(seed=1, size=5).stored(None)
    assert catalog.page(Query()).total == 5
    catalog.close()
    assert list(tmp_path.iterdir()) == []


def test_no_examples_at_all() -> None:
    catalog = Catalog.open(None, data_fingerprint="none", size=0)
    assert catalog.page(Query()).items == []
    assert catalog.page(Query(sample=3)).total == 0
    assert catalog.facets(Query()).total == 0
    assert catalog.missing_examples() == []
