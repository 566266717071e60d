"""What every input of a board can do: raw value to tensor, features, baselines, what is shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput

WHOLE = 256  # inputs of more elements than this are grouped unless the user says otherwise


@dataclass(frozen=True)
class Media:
    """A file the browser shows as it is, such as a PNG picture."""

    content_type: str
    body: bytes


@dataclass(frozen=True)
class Choice:
    """One entry of a menu: its id in requests, its title on screen, and a line of help."""

    id: str
    title: str
    help: str


def held_file(raw: Any) -> bytes | Path | None:
    """The file in a dict of exactly `bytes` and `path`; None for anything else."""
    if not isinstance(raw, Mapping) or set(raw) != {"bytes", "path"}:
        return None
    if raw["bytes"] is not None:
        return bytes(raw["bytes"])
    return None if raw["path"] is None else Path(raw["path"])


class Input(ABC):
    """One argument of the model: how raw data becomes a tensor, and how it is shown.

    A subclass handles one example at a time; tensors carry no batch dimension. Nothing here
    changes the raw value. Errors about what the caller gave are `InvalidInput`, with `field`
    set to the input's name.
    """

    modality: ClassVar[str]
    fitted_on: ClassVar[int] = 16  # how many examples `fitted` is given
    attributed: ClassVar[bool] = True  # not for what is passed to the model and never explained

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name or "/" in name:
            raise InvalidInput(
                f"An input's name must be a non-empty text without a slash, not {name!r}.", "name"
            )
        if name in ("label", "index"):
            raise InvalidInput(
                f"An input cannot be called {name!r}: the catalog uses that name for a column of "
                "its own. Choose another.",
                "name",
            )
        self.name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @abstractmethod
    def tensor(self, raw: Any) -> Tensor:
        """The model's tensor of one raw value, without a batch dimension."""

    @abstractmethod
    def view(self, raw: Any) -> dict[str, Any]:
        """What the browser needs to lay the value out, as JSON with a `kind`."""

    @abstractmethod
    def feature_kinds(self) -> tuple[Choice, ...]:
        """The ways to group elements; the first leaves every element on its own."""

    @abstractmethod
    def features(self, raw: Any, tensor: Tensor, kind: str) -> Tensor:
        """Group ids from 0, int64, in the shape of `tensor`."""

    @abstractmethod
    def baseline_kinds(self) -> tuple[Choice, ...]:
        """The named baselines that are possible for this input; the first is the default."""

    @abstractmethod
    def baseline(
        self, kind: str, raw: Any, tensor: Tensor, sample: Sequence[Tensor], seed: int
    ) -> Tensor:
        """The named baseline in the shape and dtype of `tensor`.

        `sample` holds tensors of a seeded sample of the dataset, for baselines that describe the
        data; `seed` alone decides random ones.
        """

    @abstractmethod
    def window(self, tensor: Tensor) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """A sensible window and stride for occluding `tensor`, one number a dimension."""

    @abstractmethod
    def summed(self, attribution: Tensor) -> Tensor:
        """The attribution as it is displayed, such as channels summed for a picture."""

    @abstractmethod
    def from_file(self, source: Path | bytes) -> Any:
        """A raw value from a file of the user's own, of the kind the dataset yields."""

    def unpacked(self, raw: Any) -> Any:
        """`raw` as the dataset means it, where it holds a file instead: a dict of `bytes` or `path`
        as `datasets` writes them, or a decoder.
        """
        return raw

    def parse(self, payload: Any) -> Any:
        """A raw value of the kind the dataset yields, out of what a person gave: the bytes of a
        file, or the JSON value this kind of input takes. Nothing of it is trusted.

        Raises InvalidInput, which says what can be given instead.
        """
        if isinstance(payload, bytes):
            return self.from_file(payload)
        raise self.invalid(f"a {type(payload).__name__} cannot be read here; give a file.")

    def painted(self, raw: Any, picture: bytes) -> Any:
        """`raw` with what a person painted over its picture (a PNG of the size it is shown in).

        Raises InvalidInput where this kind of input has no picture.
        """
        raise self.invalid("there is no picture of it to paint over.")

    def replaced(self, raw: Any, columns: Mapping[str, Any]) -> Any:
        """`raw` with other values in some columns.

        Raises InvalidInput where this kind of input has no columns.
        """
        raise self.invalid("it has no columns to change.")

    @property
    def default_baseline(self) -> str:
        """The id of the baseline used where none is chosen."""
        return self.baseline_kinds()[0].id

    @property
    def baseline_reason(self) -> str:
        """Why the default baseline is the one for this data, in a sentence; empty if plain."""
        return ""

    @property
    def fixed(self) -> Any:
        """The raw value of every example, where the dataset need not hold one; else None."""
        return None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a dict item that make up a raw value, where that is made of several."""
        return ()

    def default_features(self, tensor: Tensor) -> str:
        """How the elements of `tensor` are grouped where the user does not say."""
        kinds = [choice.id for choice in self.feature_kinds()]
        return kinds[1 if tensor.numel() > WHOLE and len(kinds) > 1 else 0]

    def facts(self, raw: Any) -> Mapping[str, Any]:
        """What examples can be filtered and sorted by, as columns of the catalog."""
        return {}

    def media(self, raw: Any, width: int | None = None) -> Media | None:
        """The file to show for `raw`, at most `width` pixels wide; None where there is none."""
        return None

    def thumbnail(self, raw: Any, width: int | None = None) -> Media | None:
        """A small picture of `raw` for a card, at most `width` pixels wide where it has pixels.

        None where there is nothing to see at a glance.
        """
        return None

    def search_text(self, raw: Any) -> str | None:
        """The words a text search over examples reads; None where there are none."""
        return None

    def config(self) -> Mapping[str, Any]:
        """What of this input decides the tensors, as JSON; part of the data's fingerprint."""
        return {}

    def fitted(self, raws: Sequence[Any]) -> Self:
        """This input, knowing what only the data can tell (such as the range of its values)."""
        return self

    def doubts(self, raw: Any) -> tuple[str, ...]:
        """Sentences about what may mislead, found by trying `raw`."""
        first, second = self.tensor(raw), self.tensor(raw)
        if first.shape == second.shape and torch.equal(first.nan_to_num(), second.nan_to_num()):
            return ()
        return (
            f"Input {self.name!r}: preparing the same example twice gave different tensors, so its "
            "transform is random. Results cannot be stored and found again. Hand over the "
            "transform used for evaluation, without random crops, flips or noise.",
        )

    def matched(self, other: Tensor, like: Tensor) -> Tensor:
        """`other` brought to the shape of `like`, so that it can serve as its baseline."""
        if other.shape == like.shape:
            return other
        raise InvalidInput(
            f"The baseline for {self.name!r} has shape {tuple(other.shape)}, the example has "
            f"{tuple(like.shape)}. Choose a baseline of the same shape.",
            self.name,
        )

    def invalid(self, message: str) -> InvalidInput:
        """An error about this input's raw value or options, naming the input."""
        return InvalidInput(f"Input {self.name!r}: {message}", self.name)

    def chosen(self, kind: str, choices: Sequence[Choice], what: str) -> str:
        """`kind` if it is among `choices`; else an error that lists them."""
        ids = [choice.id for choice in choices]
        if kind in ids:
            return kind
        raise self.invalid(f"there is no {what} {kind!r}; choose one of {', '.join(ids)}.")
