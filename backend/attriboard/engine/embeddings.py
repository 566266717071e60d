"""Token ids are explained at their embedding, with no hook for the user to wire.

A gradient cannot reach an integer. So the calls of `embedding` that look an input's ids up are
found once, by provenance, and what they return becomes the input space in place of the ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from attriboard.engine.errors import Unsupported
from attriboard.engine.probe import Probe
from attriboard.engine.tensors import Tensors, is_integer, take


@dataclass(frozen=True)
class Lookup:
    """One call of `embedding` that reads the ids of input `source`.

    number: its place among the calls of one pass; sequence_first: ids come as (L, N) there;
    columns: those of the ids that are looked up, a number for one and a slice for several that
    follow one another, None where all of them are.
    """

    source: int
    number: int
    sequence_first: bool
    columns: int | slice | None
    table: Callable[[Tensor], Tensor]

    def embedded(self, tensors: Tensors) -> Tensor:
        """What this call returns for the ids of its input."""
        ids = tensors[self.source]
        return self.table(ids if self.columns is None else ids[:, self.columns])


def lifted(probe: Probe) -> Probe:
    """The probe with its integer inputs replaced by their embeddings; the same where none are.

    Attributions are summed over the embedding, one number a token, by the probe's `finish`.
    Raises Unsupported where the ids of an input reach no embedding.
    """
    sources = [i for i, x in enumerate(probe.point) if is_integer(x)]
    if not sources or probe.count == 0:
        return probe
    calls = _found(probe, sources)
    kept = [i for i in range(len(probe.point)) if i not in sources]
    ids = probe.point

    def embedded(tensors: Tensors) -> Tensors:
        return (*(tensors[i] for i in kept), *(call.embedded(tensors) for call in calls))

    def score(rows: Tensors, index: Tensor) -> Tensor:
        inputs = _merged(take(ids, index), kept, rows)
        with _Substitute({c.number: (c, v) for c, v in zip(calls, rows[len(kept) :], strict=True)}):
            return probe.score(inputs, index)

    def finish(tensors: Tensors) -> Tensors:
        return probe.finish(_per_token(tensors, ids, kept, calls))

    return replace(
        probe,
        score=score,
        point=embedded(probe.point),
        baseline=embedded(probe.baseline),
        pool=probe.pool.mapped(embedded) if probe.pool else None,
        finish=finish,
        place=(probe.place, "embedded"),
    )


def _per_token(tensors: Tensors, ids: Tensors, kept: list[int], calls: list[Lookup]) -> Tensors:
    """Attributions back in the order of the inputs, summed over each embedding's last dimension."""
    result: list[Tensor | None] = [None] * len(ids)
    for i, tensor in zip(kept, tensors, strict=False):
        result[i] = tensor
    for call, tensor in zip(calls, tensors[len(kept) :], strict=True):
        before, found = result[call.source], tensor.sum(-1)
        if call.columns is not None:  # among the other columns of its row
            alone, width = found, ids[call.source].shape[1]
            outer = alone.shape if isinstance(call.columns, int) else alone.shape[:-1]
            found = alone.new_zeros(*outer, width)
            found[..., call.columns] = alone
        result[call.source] = found if before is None else before + found
    return tuple(tensor for tensor in result if tensor is not None)


def _found(probe: Probe, sources: list[int]) -> list[Lookup]:
    """The lookups of the integer inputs, from one pass over the first example, remembered."""
    key = ("lookups", tuple((x.shape[1:], x.dtype) for x in probe.point))
    notes = probe.prepared.learned.notes
    if key not in notes:
        # Two rows tell batch first from sequence first. One of them is the baseline, so that ids in
        # an extra argument, which stay, are not taken for an input's that happen to be the same.
        twice = torch.zeros(2, dtype=torch.long)
        ends = zip(take(probe.point, twice[:1]), take(probe.baseline, twice[:1]), strict=True)
        rows = tuple(torch.cat([x, b.to(x)]) for x, b in ends)
        with torch.no_grad(), _Watch(rows, sources) as watch:
            probe.forward(rows, twice)
        notes[key] = watch.calls
    calls: list[Lookup] = notes[key]
    for source in sources:
        if not any(call.source == source for call in calls):
            raise Unsupported(
                f"Input {source} holds integers that reach no embedding, so no gradient can "
                "explain it. Pass it in `extra_args`, give a layer after its embedding with "
                "`layer=`, or use a perturbation method."
            )
    return calls


class _Watch(TorchFunctionMode):
    """Notes which calls of `embedding` read the ids of which input."""

    def __init__(self, rows: Tensors, sources: list[int]) -> None:
        super().__init__()
        self._rows = {i: rows[i] for i in sources}
        self._number = -1
        self.calls: list[Lookup] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if func is F.embedding:
            self._number += 1
            self._note(*_arguments(*args, **(kwargs or {})))
        return result

    def _note(self, ids: Tensor, table: Callable[[Tensor], Tensor]) -> None:
        part = self._columns(ids)
        source = self._source(ids)
        if part is not None:
            self.calls.append(Lookup(part[0], self._number, False, part[1], table))
        elif source is not None:
            swapped = not torch.equal(ids.long(), self._rows[source].long())
            self.calls.append(Lookup(source, self._number, swapped, None, table))

    def _columns(self, ids: Tensor) -> tuple[int, int | slice] | None:
        """The input and those columns of it that `ids`, (R,) or (R, C), are a view of."""
        for i, row in self._rows.items():
            if ids.ndim not in (1, 2) or row.ndim != 2 or len(ids) != len(row):
                continue
            same = ids.untyped_storage().data_ptr() == row.untyped_storage().data_ptr()
            place = int(ids.storage_offset() - row.storage_offset())
            if not same or ids.stride(0) != row.stride(0) or not 0 <= place < row.shape[1]:
                continue
            if ids.ndim == 1:
                return i, place
            if ids.stride(1) == row.stride(1) and ids.shape[1] < row.shape[1]:
                return i, slice(place, place + ids.shape[1])
        return None

    def _source(self, ids: Tensor) -> int | None:
        for i, row in self._rows.items():  # the very same memory first, then the same numbers
            if ids.data_ptr() == row.data_ptr() and ids.numel() == row.numel():
                return i
        for i, row in self._rows.items():
            if torch.equal(ids.long(), row.long()):
                return i
            if row.ndim == 2 and torch.equal(ids.long(), row.long().T):
                return i
        return None


class _Substitute(TorchFunctionMode):
    """Answers the numbered calls of `embedding` with given rows instead of looking ids up."""

    def __init__(self, answers: dict[int, tuple[Lookup, Tensor]]) -> None:
        super().__init__()
        self._answers = answers
        self._number = -1

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is F.embedding:
            self._number += 1
            if self._number in self._answers:
                call, values = self._answers[self._number]
                return values.transpose(0, 1) if call.sequence_first else values.clone()
        return func(*args, **(kwargs or {}))


def _arguments(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    *rest: Any,
    **more: Any,
) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    def table(ids: Tensor) -> Tensor:
        return F.embedding(ids, weight.detach(), padding_idx)

    return input, table


def _merged(ids: Tensors, kept: list[int], rows: Tensors) -> Tensors:
    merged = list(ids)
    for i, row in zip(kept, rows, strict=False):
        merged[i] = row
    return tuple(merged)
