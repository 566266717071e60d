"""The dataset behind a board: examples by index, safe from several threads."""

from __future__ import annotations

import random
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from torch.utils.data import DataLoader, IterableDataset

from attriboard.board import datasets, items
from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Extra, Input, Text
from attriboard.outputs import Label, Output

KEPT = 64  # examples kept in memory


@dataclass(frozen=True)
class Example:
    """One example: raw values by input name, its label (None where unknown), metadata.

    The metadata holds what the inputs tell of themselves, such as a table's columns, too.
    """

    index: int
    raw: dict[str, Any]
    label: Label | None
    metadata: dict[str, Any]


class More(Protocol):
    """Examples beyond the dataset's, numbered on from its last."""

    def has(self, index: int) -> bool:
        """Whether there is an example `index`."""

    def example(self, index: int) -> Example:
        """That example. Safe from any thread."""


class Source:
    """Reads examples of a map-style dataset, one at a time, and keeps the last few."""

    def __init__(
        self,
        dataset: Any,
        inputs: Sequence[Input],
        output: Output,
        label: str = items.LABEL,
        limit: int | None = None,
    ) -> None:
        self._dataset = datasets.opened(dataset, limit)
        self._size = min(_length(self._dataset), limit or sys.maxsize)
        self._label = label
        self._inputs = tuple(inputs)
        self._masks = {e.name: e.of for e in inputs if isinstance(e, Extra) and e.of is not None}
        self._fixed = {e.name: e.fixed for e in inputs if e.fixed is not None}
        self._read_inputs = [e for e in inputs if e.name not in {**self._masks, **self._fixed}]
        self._names = [entry.name for entry in self._read_inputs]
        self._texts = {entry.name: entry for entry in inputs if isinstance(entry, Text)}
        self._keys = {entry.name: entry.keys for entry in inputs}
        self._output = output
        self._lock = threading.RLock()
        self._kept: OrderedDict[int, Example] = OrderedDict()

    def __len__(self) -> int:
        return self._size

    def example(self, index: int) -> Example:
        """Example `index`. User datasets need not be thread-safe, so one thread reads at a time."""
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < self._size:
            raise InvalidInput(
                f"There is no example {index!r}: the dataset has {self._size}, numbered from 0.",
                "index",
            )
        with self._lock:
            if index not in self._kept:
                self._kept[index] = self._read(index)
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(index)
            return self._kept[index]

    def indices(self, n: int, seed: int) -> list[int]:
        """At most `n` different indices in ascending order; the same for the same seed."""
        return sorted(random.Random(seed).sample(range(self._size), min(n, self._size)))

    def _read(self, index: int) -> Example:
        try:
            found = self._dataset[index]
        except Exception as error:
            raise InvalidInput(
                f"The dataset failed on item {index}: {type(error).__name__}: {error}", "dataset"
            ) from error
        try:
            item = items.read(found, self._names, self._keys, self._label)
            given = {e.name: e.unpacked(item.raw[e.name]) for e in self._read_inputs}
            raw = self.completed({**given, **self._fixed})
            label = self._output.label(item.label)
        except InvalidInput as error:
            raise InvalidInput(f"Item {index} of the dataset: {error}", error.field) from None
        facts: dict[str, Any] = dict(self._output.facts(label))
        for entry in self._inputs:
            facts |= entry.facts(raw[entry.name])
        return Example(index, raw, label, {**facts, **item.metadata})

    def completed(self, raw: dict[str, Any]) -> dict[str, Any]:
        """`raw` with the masks of its texts, where the model is given them."""
        masks = {name: self._texts[of].mask_of(raw[of]) for name, of in self._masks.items()}
        return {**raw, **masks}


def _length(dataset: Any) -> int:
    if isinstance(dataset, DataLoader):
        raise InvalidInput(
            "The dataset is a DataLoader. Give the dataset it reads, loader.dataset: the dashboard "
            "makes batches itself.",
            "dataset",
        )
    indexed = hasattr(dataset, "__getitem__") and not isinstance(dataset, IterableDataset)
    if not indexed or isinstance(dataset, (str, bytes, dict)):
        raise InvalidInput(
            f"The dataset is a {type(dataset).__name__}, which cannot be read by index. Give a "
            "map-style dataset or a list: dataset[i] and len(dataset) must work. An iterable is "
            "read up to a count with limit=1000.",
            "dataset",
        )
    try:
        size = len(dataset)
    except TypeError as error:
        raise InvalidInput(
            f"The dataset ({type(dataset).__name__}) has no length. Add __len__, or read it up to "
            "a count with list(itertools.islice(iter(dataset), 1000)).",
            "dataset",
        ) from error
    except Exception as error:
        raise InvalidInput(
            f"The dataset could not say how long it is: {type(error).__name__}: {error}. Mend its "
            "__len__.",
            "dataset",
        ) from error
    if size == 0:
        raise InvalidInput(
            "The dataset is empty. Give one with at least one example; a filter or a wrong path "
            "may have left nothing.",
            "dataset",
        )
    return size
