"""Tabular: rows of numbers and categories, each column by its name, unit and meaning."""

from __future__ import annotations

import copy
import csv
import io
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from attriboard.inputs import table_baselines
from attriboard.inputs.base import Choice, Input
from attriboard.inputs.columns import BadValue, Column, Value
from attriboard.inputs.table_baselines import Summary

VALUES = Choice("elements", "Values", "Each number the model reads on its own.")
ALONE = Choice("elements", "Columns", "Each column on its own.")
COLUMNS = Choice("columns", "Columns", "All numbers of one column together.")
GROUPS = Choice("groups", "Groups", "The columns of one group together.")


class Tabular(Input):
    """A row of a table, as (D,) numbers for the model.

    `columns` are `Column`s, or names where there is nothing more to say. A raw row is a mapping
    from column to value (a dict, a row of pandas), or the values in the order of the columns
    (a list, a tuple, an array); each is turned into the model's numbers as its column says. A
    torch tensor holds the model's own numbers already and is taken as it is; `mean`, `std` and
    `categories` then tell how to read them. An item of the dataset may also hold the columns
    themselves instead of a row under the input's name.

    `transform` turns a raw row into the model's numbers instead, in the order of the columns and
    as many of them as each column takes (one, or one a category where it is one-hot). `dtype` is
    that of the model's numbers: float32 where left out, int64 where all columns are codes.
    """

    modality = "tabular"
    fitted_on: ClassVar[int] = 256

    def __init__(
        self,
        name: str,
        columns: Iterable[Column | str],
        transform: Callable[[Any], Any] | None = None,
        *,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(name)
        if isinstance(columns, (str, Column)):
            raise self.invalid("columns= must be a list of names or Columns.")
        found = [one if isinstance(one, Column) else Column(str(one)) for one in columns]
        names = [column.name for column in found]
        twice = next((one for one in names if names.count(one) > 1), None)
        if not found or twice is not None:
            what = "columns= is empty" if twice is None else f"two columns are called {twice!r}"
            raise self.invalid(f"{what}; give each column of the model one name.")
        self.columns = tuple(found)
        self.transform = transform
        self.coded = all(column.coded for column in found)
        self.dtype = dtype or (torch.int64 if self.coded else torch.float32)
        self._given = dtype
        ends = list(itertools.accumulate(column.width for column in found))
        self.starts = [0, *ends[:-1]]
        self.width = ends[-1]
        self._summary = Summary(self.columns, ())
        self._rows: list[Tensor] = []

    # From raw value to tensor

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def tensor(self, raw: Any) -> Tensor:
        if self.transform is not None:
            try:
                found = self.transform(raw)
            except Exception as error:
                raise self.invalid(
                    f"transform= failed with {type(error).__name__}: {error}"
                ) from error
            return self._checked(found, "transform= returned")
        if self._encoded(raw):
            return self._checked(raw, "the dataset yields")
        try:
            pairs = zip(self.columns, self._natural(raw), strict=True)
            numbers = [number for column, value in pairs for number in column.encode(value)]
        except BadValue as fault:
            raise self.invalid(str(fault)) from None
        return torch.tensor(numbers, dtype=self.dtype)

    def _encoded(self, raw: Any) -> bool:
        """Whether a row holds the model's numbers already, rather than values of the columns."""
        if isinstance(raw, Tensor):
            return True
        size = getattr(raw, "shape", None)
        return size is not None and tuple(size) == (self.width,) and self.width != len(self.columns)

    def _checked(self, found: Any, begin: str) -> Tensor:
        """The model's own numbers, (D,); tensors keep their type, arrays take that of the input."""
        row = torch.as_tensor(found).detach()
        row = row.reshape(-1) if self.transform is not None else row
        if row.shape != (self.width,):
            raise self.invalid(
                f"{begin} numbers of shape {tuple(row.shape)}, but the {len(self.columns)} columns "
                f"take {self.width}: one each, or one a category where a column is one-hot."
            )
        kept = isinstance(found, Tensor) and self._given is None
        keep = kept and (row.is_floating_point() or self.coded)
        row = row.clone() if keep else row.to(self.dtype)
        if not row.is_floating_point() or not bool(row.isnan().any()):
            return row
        for column, start in zip(self.columns, self.starts, strict=True):
            part = row[start : start + column.width]
            if bool(part.isnan().any()):
                try:
                    part.copy_(torch.tensor(column.encode(None)))
                except BadValue as fault:
                    raise self.invalid(str(fault)) from None
        return row

    def _natural(self, raw: Any) -> list[Any]:
        """The raw value of each column."""
        if hasattr(raw, "to_dict"):
            raw = raw.to_dict()
        if isinstance(raw, Mapping):
            missing = [name for name in self.keys if name not in raw]
            if missing:
                held = ", ".join(str(key) for key in raw) or "none"
                raise self.invalid(f"a row lacks the column {missing[0]!r}; it has: {held}.")
            return [raw[name] for name in self.keys]
        values = [raw] if isinstance(raw, (int, float, str)) else raw
        try:
            values = list(values)
        except TypeError:
            raise self.invalid(
                f"a row is a {type(raw).__name__}; give a dict from column to value, or the values "
                "in the order of the columns."
            ) from None
        if len(values) != len(self.columns):
            raise self.invalid(
                f"a row has {len(values)} values, but there are {len(self.columns)} columns "
                f"({', '.join(self.keys[:8])}{', ...' if len(self.keys) > 8 else ''})."
            )
        return values

    def values(self, raw: Any) -> list[Value]:
        """Each column's value as people read it; None where it is missing."""
        try:
            if not self._encoded(raw):
                pairs = zip(self.columns, self._natural(raw), strict=True)
                return [column.read(value) for column, value in pairs]
            numbers: list[float] = torch.as_tensor(raw).tolist()
            return [
                column.decode(numbers[start : start + column.width])
                for column, start in zip(self.columns, self.starts, strict=True)
            ]
        except BadValue as fault:
            raise self.invalid(str(fault)) from None

    # What the data tells

    def fitted(self, raws: Sequence[Any]) -> Self:
        found = copy.copy(self)
        found._summary = Summary(self.columns, [self.values(raw) for raw in raws])
        found._rows = [self.tensor(raw) for raw in raws]
        return found

    def doubts(self, raw: Any) -> tuple[str, ...]:
        found = super().doubts(raw)
        codes = [column.name for column in self.columns if column.coded]
        if not codes or self.coded:
            return found
        return (
            *found,
            f"Input {self.name!r}: {', '.join(codes)} stand as codes in a row of decimal numbers. "
            "No gradient passes from a code, so gradient methods give these columns nothing: use "
            "perturbation methods, or make them an input of their own, which is then explained "
            "at its embeddings.",
        )

    # What is shown

    def view(self, raw: Any) -> dict[str, Any]:
        places = zip(self.columns, self.values(raw), self.starts, self._summary.usual, strict=True)
        return {
            "kind": "table",
            "columns": [
                {
                    "name": column.name,
                    "unit": column.unit,
                    "value": value,
                    "usual": usual,
                    "start": start,
                    "width": column.width,
                }
                for column, value, start, usual in places
            ],
        }

    def facts(self, raw: Any) -> Mapping[str, Any]:
        """Every column's value, for the catalog to filter and sort by."""
        try:
            return dict(zip(self.keys, self.values(raw), strict=True))
        except ValueError:  # the row cannot be read; what is wrong is said where its tensor is made
            return {}

    def summed(self, attribution: Tensor) -> Tensor:
        """One number a column: (D,) -> (columns,)."""
        parts = attribution.split([column.width for column in self.columns])
        return torch.stack([part.sum() for part in parts])

    # Features

    def feature_kinds(self) -> tuple[Choice, ...]:
        kinds = (ALONE,) if self.width == len(self.columns) else (VALUES, COLUMNS)
        return (*kinds, GROUPS) if any(column.group for column in self.columns) else kinds

    def default_features(self, tensor: Tensor) -> str:
        """Whole columns: half a category removed is no row of any table."""
        return self.feature_kinds()[0 if self.width == len(self.columns) else 1].id

    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        self.chosen(kind, self.feature_kinds(), "way to group columns")
        if kind == "elements":
            return torch.arange(self.width)
        labels = [
            column.group if kind == "groups" and column.group else f"\0{place}"
            for place, column in enumerate(self.columns)
        ]
        order = list(dict.fromkeys(labels))
        ids = torch.tensor([order.index(label) for label in labels])
        return ids.repeat_interleave(torch.tensor([column.width for column in self.columns]))

    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """One number at a time."""
        return (1,), (1,)

    # Baselines

    def baseline_kinds(self) -> tuple[Choice, ...]:
        return table_baselines.choices(self._summary)

    @property
    def default_baseline(self) -> str:
        return table_baselines.automatic(self._summary)[0]

    @property
    def baseline_reason(self) -> str:
        return table_baselines.automatic(self._summary)[1]

    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        self.chosen(kind, self.baseline_kinds(), "baseline")
        if kind == "zero":
            zeros = [number for column in self.columns for number in column.zero()]
            return torch.tensor(zeros).to(tensor.dtype)
        # What `usual` was read from, so that the two never contradict one another.
        rows = self._rows or sample
        if not rows:
            raise self.invalid(f"the baseline {kind!r} needs a sample of the data.")
        return table_baselines.made(kind, self.columns, rows, seed).to(tensor.dtype)

    # Values of one's own

    def replaced(self, raw: Any, columns: Mapping[str, Any]) -> Any:
        """The row with other values, of the same kind; the other columns keep theirs exactly."""
        unknown = next((name for name in columns if name not in self.keys), None)
        if unknown is not None:
            raise self.invalid(f"there is no column {unknown!r}; there are {', '.join(self.keys)}.")
        for name, value in columns.items():
            if value is not None and not isinstance(value, (str, int, float)):
                raise self.invalid(f"the column {name!r} is given as a number, a text or null.")
        if self._encoded(raw):
            return self._replaced_numbers(torch.as_tensor(raw).detach().clone(), columns)
        values = dict(zip(self.keys, self._natural(raw), strict=True)) | dict(columns)
        return values if isinstance(raw, Mapping) or hasattr(raw, "to_dict") else [*values.values()]

    def _replaced_numbers(self, row: Tensor, columns: Mapping[str, Any]) -> Tensor:
        try:
            for column, start in zip(self.columns, self.starts, strict=True):
                if column.name in columns:
                    numbers = torch.tensor(column.encode(columns[column.name]))
                    row[start : start + column.width] = numbers.to(row.dtype)
        except BadValue as fault:
            raise self.invalid(str(fault)) from None
        return row

    # Files and fingerprints

    def from_file(self, source: Path | bytes) -> Any:
        """The first row of a CSV file with the columns' names in its first line."""
        try:
            body = source if isinstance(source, bytes) else source.read_bytes()
            rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise self.invalid(f"the file cannot be read as CSV ({error}).") from error
        if not rows:
            raise self.invalid("the CSV file has no row below its first line.")
        return {name: value or None for name, value in rows[0].items()}

    def config(self) -> Mapping[str, Any]:
        return {"columns": [repr(column) for column in self.columns], "dtype": str(self.dtype)}
