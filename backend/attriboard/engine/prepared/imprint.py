"""Whether tensors still hold what they held, down to the bit."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

_WORDS = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Whole numbers by their bytes: compared as these, NaN is what it is and -0 is not 0."""


class Imprint:
    """What tensors held when it was made, in memory of its own.

    They are looked at where they lie: a tensor that is given other memory is not followed there.
    """

    def __init__(self, tensors: Iterable[Tensor | None]) -> None:
        self._now = [_words(tensor) for tensor in tensors if tensor is not None]
        self._then = [words.clone() for words in self._now]

    def holds(self) -> bool:
        """Whether none of them changed since."""
        return all(map(torch.equal, self._now, self._then))


def _is_memory(tensor: Tensor) -> bool:
    """Whether what a tensor holds is what lies in its memory."""
    plain = tensor.layout is torch.strided and not tensor.is_quantized
    return plain and not tensor.is_conj() and not tensor.is_neg()


def _words(tensor: Tensor) -> Tensor:
    """The memory of `tensor` as few long whole numbers, which takes the least time to compare."""
    tensor = tensor.detach()
    if not _is_memory(tensor):
        return tensor
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    words = tensor.view(_WORDS[tensor.element_size()])
    if not words.is_contiguous():
        return words
    flat = words.view(-1)
    whole = flat.nbytes % 8 == 0 and flat.storage_offset() * flat.element_size() % 8 == 0
    return flat.view(torch.int64) if whole else flat
