"""What halts a block of rows though the model runs: doubt in how it went, too little memory."""

from __future__ import annotations

import torch


class Doubt(Exception):
    """A pass went another way than the one that was watched: its result is not to be trusted.

    joint: the number of the convolution and norm between which it did.
    """

    def __init__(self, message: str, joint: int) -> None:
        super().__init__(message)
        self.joint = joint


def out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, on any device."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "not enough memory" in str(error)
