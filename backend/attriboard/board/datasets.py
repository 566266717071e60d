"""Data in the forms people have it, each seen as a map-style dataset of items.

A file of rows (CSV, JSON lines, Parquet), a folder of pictures by class, a data frame, a dict of
columns, or anything that can only be read from its beginning. What is a map-style dataset already
(a list, an array, `torch.utils.data`, `datasets`) is taken as it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from PIL import Image as Pillow
from PIL import ImageOps
from torch.utils.data import DataLoader, IterableDataset

from attriboard.engine.errors import InvalidInput
from attriboard.inputs import pictures

READERS = {
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".json": "read_json",
    ".jsonl": "read_json",
    ".ndjson": "read_json",
    ".parquet": "read_parquet",
}
PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


def opened(dataset: Any, limit: int | None = None) -> Any:
    """`dataset` as something to read by index, at most `limit` items of it.

    Raises InvalidInput for a path that cannot be read, and for columns of unequal length.
    """
    if limit is not None and limit < 1:
        raise InvalidInput("limit= must be at least 1 example.", "limit")
    if isinstance(dataset, (str, Path)):
        return _from_path(Path(dataset).expanduser(), limit)
    if hasattr(dataset, "iloc") and hasattr(dataset, "columns"):
        return Rows.of_columns({str(name): dataset[name] for name in dataset.columns}, limit)
    if isinstance(dataset, Mapping):
        _refuse_splits(dataset)
        return Rows.of_columns(dataset, limit)
    if limit is not None and _is_stream(dataset):
        return list(itertools.islice(dataset, limit))
    return dataset


def _refuse_splits(dataset: Mapping[Any, Any]) -> None:
    """A dict of whole data sets, such as `datasets` gives, is not one of columns."""
    splits = [str(name) for name, one in dataset.items() if hasattr(one, "column_names")]
    if splits:
        raise InvalidInput(
            f"The dataset is a {type(dataset).__name__} of several: {', '.join(splits)}. Give one "
            f"of them, such as dataset[{splits[-1]!r}].",
            "dataset",
        )


class Rows(Sequence[dict[str, Any]]):
    """The rows of a table, each a dict from column to value."""

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.names = list(names)
        self._rows = rows

    @classmethod
    def of_columns(cls, columns: Mapping[str, Any], limit: int | None) -> Rows:
        """Rows from columns of equal length."""
        lengths = {str(name): len(values) for name, values in columns.items()}
        if len(set(lengths.values())) != 1:
            listed = ", ".join(f"{name} has {length}" for name, length in lengths.items()) or "none"
            raise InvalidInput(
                f"The dataset's columns differ in length: {listed}. Give one value an example in "
                "each.",
                "dataset",
            )
        listed_columns = [list(itertools.islice(iter(c), limit)) for c in columns.values()]
        return cls(list(lengths), list(zip(*listed_columns, strict=True)))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:
        return dict(zip(self.names, self._rows[index], strict=True))


class PictureFolder(Sequence[tuple[Any, ...]]):
    """Pictures in a folder: (picture, class, {"file": path}); the class is the folder's name."""

    def __init__(self, root: Path, limit: int | None) -> None:
        found = sorted(p for p in root.rglob("*") if p.suffix.lower() in PICTURES and p.is_file())
        if not found:
            raise InvalidInput(
                f"The folder {root} holds no pictures ({', '.join(sorted(PICTURES))}). Give the "
                "folder whose folders are the classes.",
                "dataset",
            )
        self._root = root
        self._paths = found[:limit]

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: Any) -> Any:
        path = self._paths[index]
        with Pillow.open(path) as image:
            picture = pictures.simple_mode(ImageOps.exif_transpose(image))
            picture.load()
        inside = path.relative_to(self._root)
        label = inside.parts[0] if len(inside.parts) > 1 else None
        return picture, label, {"file": inside.as_posix()}


def _from_path(path: Path, limit: int | None) -> Any:
    if path.is_dir():
        return PictureFolder(path, limit)
    reader = READERS.get(path.suffix.lower())
    if reader is None or not path.is_file():
        known = ", ".join(sorted(READERS))
        what = "is no file" if not path.exists() else "is of no kind that can be read here"
        raise InvalidInput(
            f"The dataset {str(path)!r} {what}. Give a folder of pictures by class, or a file of "
            f"rows ({known}).",
            "dataset",
        )
    shortened = "" if limit is None else f" LIMIT {limit}"
    try:
        with duckdb.connect() as connection:
            found = connection.execute(f"SELECT * FROM {reader}(?){shortened}", [str(path)])
            names = [column[0] for column in found.description or ()]
            return Rows(names, found.fetchall())
    except duckdb.Error as error:
        raise InvalidInput(f"The file {str(path)!r} cannot be read: {error}", "dataset") from error


def _is_stream(dataset: Any) -> bool:
    """Whether a dataset can only be read from its beginning."""
    if isinstance(dataset, DataLoader):
        return False
    if isinstance(dataset, IterableDataset):
        return True
    return isinstance(dataset, Iterable) and not hasattr(dataset, "__getitem__")
