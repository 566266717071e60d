"""Features: groups of input elements that are perturbed together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.engine.tensors import Tensors


@dataclass(frozen=True)
class Features:
    """A partition of the inputs' elements into groups 0 .. count - 1.

    ids: one tensor per input, int64, each (1, ...) where all examples share it or (N, ...); it
    broadcasts to the input's shape. The same id in two inputs is the same feature. Examples may
    have different numbers of features; a feature an example lacks gets no attribution there.
    """

    ids: Tensors

    @cached_property
    def count(self) -> int:
        """Features in all, over all inputs and examples."""
        return 1 + max((int(ids.max()) for ids in self.ids if ids.numel()), default=-1)

    def of_examples(self, index: Tensor) -> Features:
        """The same features for the examples `index`."""
        return Features(tuple(i if len(i) == 1 else i.index_select(0, index) for i in self.ids))

    def spread(self, per_feature: Tensor, n: Tensor, like: Tensors) -> Tensors:
        """(R, count) -> one (R, ...) tensor per input: each element gets its feature's number.

        `n` are the examples the R rows stem from; `like` gives each input's shape.
        """
        return tuple(
            _spread(per_feature, ids, first, n, tensor.shape[1:])
            for ids, first, tensor in zip(self.ids, self._firsts, like, strict=True)
        )

    @cached_property
    def _firsts(self) -> tuple[int | None, ...]:
        """Per input the first id where ids count up from there, so that none is looked up."""
        return tuple(_counting(ids) for ids in self.ids)

    def sums(self, values: Tensors) -> Tensor:
        """(N, ...) per input -> (G, N): each feature's sum over its elements, in float64."""
        count = len(values[0])
        total = torch.zeros(count, self.count, dtype=torch.float64, device=values[0].device)
        for ids, tensor in zip(self.ids, values, strict=True):
            wide = ids.to(tensor.device).expand(count, *tensor.shape[1:])
            total.scatter_add_(1, wide.flatten(1), tensor.double().flatten(1).to(total.device))
        return total.T

    def sizes(self, like: Tensors) -> Tensors:
        """How many elements of its own input share each element's feature, each (N or 1, ...)."""
        return tuple(
            _sizes(ids.expand(len(ids), *tensor.shape[1:]), self.count)
            for ids, tensor in zip(self.ids, like, strict=True)
        )


def elements(inputs: Tensors) -> Features:
    """Each element a feature of its own, numbered through all inputs."""
    ids, start = [], 0
    for tensor in inputs:
        size = tensor[0].numel() if len(tensor) else tensor.numel()
        ids.append(torch.arange(start, start + size).reshape(1, *tensor.shape[1:]))
        start += size
    return Features(tuple(ids))


def distinct(ids: Tensors) -> Tensors:
    """Number each input's features after the ones before, so that no two inputs share any."""
    shifted, start = [], 0
    for tensor in ids:
        shifted.append(tensor + start)
        start += int(tensor.max()) + 1 if tensor.numel() else 0
    return tuple(shifted)


def resolve(features: Tensors | None, inputs: Tensors) -> Features | None:
    """The user's groups, checked and renumbered without gaps; None where none were given.

    Raises InvalidInput where the ids are not integers or do not broadcast to their input.
    """
    if features is None:
        return None
    if len(features) != len(inputs):
        raise InvalidInput(
            f"`features` has {len(features)} tensors for {len(inputs)} inputs: give one each.",
            "features",
        )
    ids = tuple(_checked(i, f, x) for i, (f, x) in enumerate(zip(features, inputs, strict=True)))
    values = torch.cat([tensor.flatten() for tensor in ids]).unique()
    return Features(tuple(torch.searchsorted(values, tensor) for tensor in ids))


def _checked(position: int, ids: Tensor, tensor: Tensor) -> Tensor:
    if ids.is_floating_point() or ids.dtype == torch.bool:
        raise InvalidInput(
            f"`features[{position}]` holds {ids.dtype}: give integer group ids.", "features"
        )
    ids = ids.long().cpu()
    if ids.ndim < tensor.ndim:
        ids = ids.reshape((1,) * (tensor.ndim - ids.ndim) + ids.shape)
    fits = all(a in (1, b) for a, b in zip(ids.shape, tensor.shape, strict=False))
    if ids.ndim != tensor.ndim or not fits:
        raise InvalidInput(
            f"`features[{position}]` of shape {tuple(ids.shape)} does not broadcast to its input "
            f"of shape {tuple(tensor.shape)}.",
            "features",
        )
    return ids


def _counting(ids: Tensor) -> int | None:
    if len(ids) != 1 or not ids.numel():
        return None
    flat = ids.flatten()
    first = int(flat[0])
    return first if torch.equal(flat, torch.arange(first, first + len(flat))) else None


def _spread(
    per_feature: Tensor, ids: Tensor, first: int | None, n: Tensor, shape: torch.Size
) -> Tensor:
    rows = len(per_feature)
    if first is not None:
        spread = per_feature[:, first : first + ids.numel()]
    elif len(ids) == 1:
        spread = per_feature.index_select(1, ids.flatten().to(per_feature.device))
    else:
        spread = per_feature.gather(1, ids[n].flatten(1).to(per_feature.device))
    return spread.reshape(rows, *ids.shape[1:]).expand(rows, *shape)


def _sizes(ids: Tensor, count: int) -> Tensor:
    flat = ids.flatten(1)
    sizes = torch.zeros(len(ids), count, dtype=torch.long).scatter_add_(
        1, flat, torch.ones_like(flat)
    )
    return sizes.gather(1, flat).reshape(ids.shape)
