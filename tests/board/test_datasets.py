"""Data in the forms people have it: files, folders, frames, columns, streams."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image as Pillow
from torch import Tensor, nn
from torch.utils.data import IterableDataset

import attriboard as ab
from attriboard.engine import InvalidInput

HOUSES = [
    {"rooms": 2.0, "town": "Oslo", "price": 10.0, "agent": "Kim"},
    {"rooms": 3.0, "town": "Rome", "price": 12.0, "agent": "Lee"},
    {"rooms": 5.0, "town": "Rome", "price": 30.5, "agent": None},
]
COLUMNS = [ab.Column("rooms"), ab.Column("town", categories=["Oslo", "Rome"])]


class Sum(nn.Module):
    def forward(self, rows: Tensor) -> Tensor:
        return rows.sum(1)


def prices(dataset: Any, limit: int | None = None) -> ab.Board:
    house, price = ab.Tabular("house", COLUMNS), ab.Regression("price")
    return ab.Board(Sum(), dataset, house, price, label="price", limit=limit)


def files(folder: Path) -> dict[str, Path]:
    """The houses in every kind of file."""
    frame = pd.DataFrame(HOUSES)
    paths = {name: folder / f"houses.{name}" for name in ("csv", "tsv", "jsonl", "parquet")}
    frame.to_csv(paths["csv"], index=False)
    frame.to_csv(paths["tsv"], index=False, sep="\t")
    frame.to_json(paths["jsonl"], orient="records", lines=True)
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM frame) TO '{paths['parquet']}'")
    return paths


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_files_of_rows(tmp_path: Path, kind: str) -> None:
    path = files(tmp_path)[kind]
    for given in (path, str(path)):
        check(prices(given))


def test_a_data_frame_and_a_dict_of_columns() -> None:
    check(prices(pd.DataFrame(HOUSES)))
    columns = {name: [row[name] for row in HOUSES] for name in HOUSES[0]}
    columns["rooms"] = np.array(columns["rooms"])  # type: ignore[assignment]
    check(prices(columns))


def check(board: ab.Board) -> None:
    assert len(board) == 3
    (rows,) = board.tensors([board.example(index) for index in range(3)])
    assert rows.tolist() == [[2, 1, 0], [3, 0, 1], [5, 0, 1]]
    assert [board.example(index).label for index in range(3)] == [10, 12, 30.5]
    assert board.example(1).metadata == {"rooms": 3.0, "town": "Rome", "agent": "Lee"}


def test_arrays_and_lists_without_labels() -> None:
    board = ab.Board(
        Sum(), np.ones((4, 2), dtype=np.float32), ab.Tabular("x", ["a", "b"]), ab.Regression("y")
    )
    assert (len(board), board.labelled) == (4, False)


class Endless(IterableDataset[dict[str, Any]]):
    def __iter__(self) -> Iterator[dict[str, Any]]:
        while True:
            yield from HOUSES


def test_a_stream_is_read_up_to_a_count() -> None:
    assert len(prices(Endless(), limit=7)) == 7
    assert len(prices(iter(Endless()), limit=4)) == 4
    assert len(prices(HOUSES, limit=2)) == 2
    with pytest.raises(InvalidInput, match="limit=1000"):
        prices(Endless())
    with pytest.raises(InvalidInput, match="at least 1"):
        prices(HOUSES, limit=0)


def test_a_folder_of_pictures_by_class(tmp_path: Path) -> None:
    for name, level in (("dark/a.png", 10), ("dark/b.jpg", 20), ("light/c.png", 240)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Pillow.new("RGB", (8, 6), (level,) * 3).save(tmp_path / name)
    (tmp_path / "dark" / "notes.txt").write_text("no picture")

    class Bright(nn.Module):
        def forward(self, photo: Tensor) -> Tensor:
            mean = photo.mean((1, 2, 3))
            return torch.stack([0.5 - mean, mean - 0.5], 1)

    board = ab.Board(Bright(), tmp_path, ab.Image("photo"), ab.Classes(["dark", "light"]))
    assert [board.example(index).label for index in range(3)] == [0, 0, 1]
    assert board.example(2).metadata == {"file": "light/c.png"}
    assert board.tensors([board.example(0)])[0].shape == (1, 3, 6, 8)
    with pytest.raises(InvalidInput, match="'light' is not among the 2 class names"):
        ab.Board(Bright(), tmp_path, ab.Image("photo"), ab.Classes(["dark", "bright"]))


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is no file"):
        prices(tmp_path / "none.csv")
    (tmp_path / "houses.xml").write_text("<x/>")
    with pytest.raises(InvalidInput, match=r"of no kind that can be read.*\.parquet"):
        prices(tmp_path / "houses.xml")
    (tmp_path / "broken.parquet").write_text("not one")
    with pytest.raises(InvalidInput, match=r"broken\.parquet' cannot be read"):
        prices(tmp_path / "broken.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput, match="holds no pictures"):
        prices(tmp_path / "empty")
    with pytest.raises(InvalidInput, match="rooms has 2, town has 1"):
        prices({"rooms": [1, 2], "town": ["Oslo"]})
