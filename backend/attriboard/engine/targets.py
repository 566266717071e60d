"""Targets: which number of the model's output a score is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput, ModelError

Index = int | tuple[int, ...]


@dataclass(frozen=True)
class Contrast:
    """Why `a` rather than `b`: the difference of two targets' scores."""

    a: Any
    b: Any


@dataclass(frozen=True)
class Probability:
    """The target's probability: softmax over the output's dimension 1 before the target is read."""

    of: Any


@dataclass(frozen=True)
class LogProbability:
    """The target's log-probability: log-softmax over dimension 1 before the target is read."""

    of: Any


@dataclass(frozen=True)
class Output:
    """A target in one of several outputs, named by its position or key."""

    which: int | str
    target: Any = None


Target = (
    int | tuple[int, ...] | Tensor | Sequence[Any] | Contrast | Probability | LogProbability
    | Output | None
)  # fmt: skip
"""An int; a tuple index; a tensor or list of N (one per example); a wrapper above; None."""

Scale = Literal["raw", "probability", "log_probability"]


@dataclass(frozen=True)
class Term:
    """One number of the output for each example: sign * scale(output[which])[index].

    index: (N, D) positions in the output's dimensions after the batch; None for a lone number.
    """

    index: Tensor | None
    sign: float = 1.0
    scale: Scale = "raw"
    which: int | str | None = None
    places: dict[torch.Size, Tensor | int] = field(default_factory=dict, compare=False, repr=False)

    def read(self, output: Any, n: Tensor) -> Tensor:
        """The term for rows that stem from examples `n`, (R,)."""
        values = self._scaled(_chosen(output, self.which), n.shape[0])
        if self.index is None:
            return self.sign * _lone(values)
        flat = self._flat(values)
        if isinstance(flat, int):
            column = values.flatten(1).select(1, flat)
        else:
            column = values.flatten(1).gather(1, flat[n].to(values.device)[:, None])[:, 0]
        return column if self.sign == 1 else self.sign * column

    def _flat(self, values: Tensor) -> Tensor | int:
        """(N,): where the number stands in a flattened row; one place where all examples share it.

        Checked once per shape of output.
        """
        assert self.index is not None
        if values.shape[1:] not in self.places:
            if self.index.shape[1] != values.ndim - 1:
                raise InvalidInput(_wrong_depth(self.index, values), "target")
            self.places[values.shape[1:]] = _places(self.index, values)
        return self.places[values.shape[1:]]

    def _scaled(self, values: Tensor, rows: int) -> Tensor:
        if values.ndim == 0:  # one number for the whole batch, which is a batch of one row
            values = values.reshape(1)
        if values.shape[0] != rows:
            raise ModelError(
                f"The model returned {len(values)} rows for {rows}: its output must have the "
                "batch first, one row for each row of the input."
            )
        if self.scale == "raw":
            return values
        if values.ndim < 2:
            raise InvalidInput(
                "A probability needs an output with classes in dimension 1.", "target"
            )
        return values.softmax(1) if self.scale == "probability" else values.log_softmax(1)


Terms = tuple[Term, ...]
"""One target: the sum of its terms."""


def read_all(targets: Sequence[Terms], output: Any, n: Tensor) -> Tensor:
    """Every target's score for rows of examples `n`, (R, T), in memory of its own."""
    scores = seen_all(targets, output, n)
    return scores.clone() if len(targets) == 1 else scores


def seen_all(targets: Sequence[Terms], output: Any, n: Tensor) -> Tensor:
    """As `read_all`, but perhaps a view of the output, which lives as long as it does."""
    if not targets:  # a neuron is explained, whatever comes out of the model
        return torch.zeros(len(n), 0)
    columns = []
    for terms in targets:
        parts = [term.read(output, n) for term in terms]
        columns.append(sum(parts[1:], start=parts[0]) if parts else torch.zeros(len(n)))
    return columns[0][:, None] if len(columns) == 1 else torch.stack(columns, dim=1)


def score(output: Tensor, target: Target) -> Tensor:
    """The target's number in each row of a raw output, (R, ...) -> (R,)."""
    rows = len(output)
    return read_all([resolve(target, rows)], output, torch.arange(rows))[:, 0]


def resolve(target: Target, count: int) -> Terms:
    """`target` as terms with one index for each of `count` examples.

    Raises InvalidInput where a per-example target has another length, or is none of the forms.
    """
    if isinstance(target, Contrast):
        minus = (_flipped(term) for term in resolve(target.b, count))
        return (*resolve(target.a, count), *minus)
    if isinstance(target, Probability | LogProbability):
        scale: Scale = "probability" if isinstance(target, Probability) else "log_probability"
        return tuple(_with(term, scale=scale) for term in resolve(target.of, count))
    if isinstance(target, Output):
        return tuple(_with(term, which=target.which) for term in resolve(target.target, count))
    return (Term(_index(target, count)),)


def all_of(output: Any) -> list[Index]:
    """Every target a single output tensor holds, in order: ints, or tuples for deeper outputs."""
    values = _chosen(output, None)
    if values.ndim <= 1:
        raise InvalidInput(
            'targets="all" needs an output with more than one number a row: leave `targets` out.',
            "targets",
        )
    if values.ndim == 2:
        return list(range(values.shape[1]))
    grid = torch.cartesian_prod(*(torch.arange(s) for s in values.shape[1:]))
    return [tuple(row) for row in grid.tolist()]


def _index(target: Any, count: int) -> Tensor | None:
    if target is None:
        return None
    if isinstance(target, bool):
        raise InvalidInput("`target` is a bool: give the index of a class.", "target")
    if isinstance(target, int):
        return torch.tensor([[target]]).expand(count, 1)
    if isinstance(target, tuple):
        return torch.tensor(target).reshape(1, -1).expand(count, -1)
    if isinstance(target, list):
        target = torch.tensor(target)
    if isinstance(target, Tensor) and not target.is_floating_point():
        return _per_example(target.cpu().long(), count)
    raise InvalidInput(
        f"`target` is a {type(target).__name__}: give an int, a tuple index, a tensor or list of "
        "one per example, or None for an output that is one number.",
        "target",
    )


def _per_example(target: Tensor, count: int) -> Tensor:
    if target.numel() == 1:
        return target.reshape(1, 1).expand(count, 1)
    if len(target) != count:
        raise InvalidInput(
            f"`target` has {len(target)} entries for {count} examples: give one for each.", "target"
        )
    return target.reshape(count, -1)


def _chosen(output: Any, which: int | str | None) -> Tensor:
    if isinstance(output, Tensor):
        return output
    if which is None and isinstance(output, tuple | list) and len(output) == 1:
        which = 0
    if which is None and isinstance(getattr(output, "logits", None), Tensor):
        which = "logits"
    if which is None:
        raise InvalidInput(
            f"The model returns a {type(output).__name__}, not a tensor: say which part is "
            "explained with engine.Output(position or key, target).",
            "target",
        )
    try:
        known = isinstance(output, Mapping) or isinstance(which, int)
        part = output[which] if known else getattr(output, str(which))
    except (KeyError, IndexError, AttributeError, TypeError):
        part = None
    if not isinstance(part, Tensor):
        raise InvalidInput(f"The model's output has no tensor at {which!r}.", "target")
    return part


def _lone(values: Tensor) -> Tensor:
    if _size(values.shape[1:]) != 1:
        raise InvalidInput(
            f"The model gives {tuple(values.shape[1:])} numbers a row: choose one with `target`.",
            "target",
        )
    return values.reshape(len(values))


def _places(index: Tensor, values: Tensor) -> Tensor | int:
    """Where `index` (N, D) stands in flattened rows, (N,); one place where all rows share it."""
    sizes = values.shape[1:]
    if len(index) == 1 or (len(index) and index.stride(0) == 0):
        place = 0
        for at, size in zip(index[0].tolist(), sizes, strict=True):
            if not 0 <= at < size:
                raise InvalidInput(_outside(values), "target")
            place = place * size + at
        return place
    if bool(((index >= torch.tensor(sizes)) | (index < 0)).any()):
        raise InvalidInput(_outside(values), "target")
    strides = torch.tensor([_size(sizes[d + 1 :]) for d in range(len(sizes))])
    return (index * strides).sum(1)


def _outside(values: Tensor) -> str:
    return (
        "`target` is outside the model's output: each index must be at least 0 and below "
        f"{tuple(values.shape[1:])}."
    )


def _wrong_depth(index: Tensor, values: Tensor) -> str:
    shape = tuple(values.shape[1:])
    if not shape:
        return "The model gives one number a row: leave `target` out."
    return f"`target` has {index.shape[1]} indices, but the output has shape {shape} a row."


def _size(shape: torch.Size) -> int:
    return int(torch.Size(shape).numel())


def _flipped(term: Term) -> Term:
    return _with(term, sign=-term.sign)


def _with(
    term: Term,
    *,
    sign: float | None = None,
    scale: Scale | None = None,
    which: int | str | None = None,
) -> Term:
    return Term(
        term.index,
        term.sign if sign is None else sign,
        scale or term.scale,
        term.which if which is None else which,
    )
