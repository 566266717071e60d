"""Data in the forms people have it: files, folders, frames, columns, streams."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
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
from attriboard.inputs import sound

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


FEATURES = datasets.Features(
    {
        "photo": datasets.Image(),
        "said": datasets.Value("string"),
        "ids": datasets.List(datasets.Value("int64")),
        "label": datasets.ClassLabel(names=["no", "yes"]),
    }
)


def hub_data() -> datasets.Dataset:
    """What `datasets` reads from its hub: a picture, a text, ids, and a label by its number."""
    colours = ["red", "blue", "white"]
    return datasets.Dataset.from_dict(
        {
            "photo": [Pillow.new("RGB", (4, 3), colour) for colour in colours],
            "said": ["it is red", "it is blue", "it is white"],
            "ids": [[1, 2], [3, 4], [5, 6]],
            "label": [0, 1, 1],
        },
        features=FEATURES,
    )


class Flat(nn.Module):
    def forward(self, photo: Tensor) -> Tensor:
        return photo.flatten(1)[:, :2]


def seen(dataset: Any, limit: int | None = None) -> ab.Board:
    return ab.Board(
        Flat(), dataset, ab.Image("photo"), ab.Classes(["no", "yes"]), limit=limit
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["decoded", "encoded", "tensors", "stream", "parquet"])
def test_the_datasets_of_hugging_face(tmp_path: Path, kind: str) -> None:
    data = hub_data()
    given: Any = data
    if kind == "encoded":
        given = data.cast_column("photo", datasets.Image(decode=False))
    elif kind == "tensors":
        given = data.with_format("torch")
    elif kind == "stream":
        given = data.to_iterable_dataset()
    elif kind == "parquet":
        given = tmp_path / "hub.parquet"
        data.to_parquet(given)
    board = seen(given, limit=2 if kind == "stream" else None)
    assert (len(board), board.warnings) == (2 if kind == "stream" else 3, ())
    example = board.example(1)
    assert (example.label, example.metadata["said"]) == (1, "it is blue")
    assert "photo" not in example.metadata
    found = board.tensors([example])[0]
    assert found.shape == (1, 3, 3, 4)
    assert found[0, :, 0, 0].tolist() == [0.0, 0.0, 1.0]


def test_columns_of_pictures_and_arrays_are_no_metadata() -> None:
    class Sums(nn.Module):
        def forward(self, ids: Tensor) -> Tensor:
            return torch.stack([ids.sum(1), -ids.sum(1)], 1).float()

    text = ab.Text("ids")
    for data in (hub_data(), hub_data().with_format("torch")):
        board = ab.Board(Sums(), data, text, ab.Classes(["no", "yes"]))
        assert board.example(0).metadata == {"said": "it is red"}
        assert board.tensors([board.example(2)])[0].tolist() == [[5, 6]]


def test_a_dict_of_splits_is_refused_with_what_to_give() -> None:
    splits = datasets.DatasetDict(train=hub_data(), test=hub_data())
    with pytest.raises(InvalidInput, match=r"DatasetDict of several: train, test. Give .*'test'"):
        seen(splits)
    with pytest.raises(InvalidInput, match="read up to a count with limit="):
        seen(hub_data().to_iterable_dataset())
    assert len(seen(splits["test"])) == 3


def test_sounds_of_datasets_are_read_in_each_form(tmp_path: Path) -> None:
    """Arrays, WAV files in bytes or by path, and decoders (torchcodec's, which is not needed)."""

    class Samples:
        data, sample_rate = torch.full((1, 80), 0.5), 8_000

    class Decoder:
        def get_all_samples(self) -> Samples:
            return Samples()

    wav = sound.wav(torch.full((80,), 0.5), 8_000)
    path = tmp_path / "half.wav"
    path.write_bytes(wav)
    forms = [
        {"array": np.full(80, 0.5), "sampling_rate": 8_000},
        {"bytes": wav, "path": None},
        {"bytes": None, "path": str(path)},
        Decoder(),
    ]
    data = [{"call": form, "label": place % 2} for place, form in enumerate(forms)]
    board = ab.Board(
        lambda x: x.flatten(1)[:, :2], data, ab.Audio("call", rate=8_000), ab.Classes(["no", "yes"])
    )
    for index in range(len(board)):
        found = board.tensors([board.example(index)])[0].flatten()
        torch.testing.assert_close(found, torch.full((80,), 0.5), atol=1e-4, rtol=0)
