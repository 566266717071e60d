"""Models that end, hang or leave, for the processes that run them."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

import torch
from torch import Tensor

from attriboard.engine import Run
from tests.jobs.boards import Fusion, Watch

SEEDS = {"model": 0}
BAD = 0.5  # a picture whose first pixel is brighter than this is one the model cannot bear


class Unruly(Fusion):
    """Runs as Fusion does, but not on pictures with a bright first pixel."""

    def __init__(self, deed: str) -> None:
        super().__init__(Watch())
        self.deed = deed

    def forward(self, photo: Tensor, question: Tensor) -> Tensor:
        if bool((photo[:, 0, 0, 0] > BAD).any()):
            DEEDS[self.deed]()
        return super().forward(photo, question)


def _segfault() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


KEPT: list[Tensor] = []


def _leak() -> None:
    KEPT.append(torch.ones(4_000_000))  # 16 MB


def _sleep() -> None:
    time.sleep(600)


DEEDS: dict[str, Any] = {
    "segfault": _segfault,
    "exit": lambda: sys.exit(3),
    "vanish": lambda: os._exit(7),
    "hang": _sleep,
    "leak": _leak,
}


def plain() -> dict[str, Any]:
    return {"model": Fusion(Watch())}


def segfault() -> dict[str, Any]:
    return {"model": Unruly("segfault")}


def exits() -> dict[str, Any]:
    return {"model": Unruly("exit")}


def vanishes() -> dict[str, Any]:
    return {"model": Unruly("vanish")}


def hangs() -> dict[str, Any]:
    return {"model": Unruly("hang")}


def leaks() -> dict[str, Any]:
    return {"model": Unruly("leak")}


def broken() -> dict[str, Any]:
    raise OSError("the weights are gone")


def process_of(model: Any, run: Run | None = None) -> int:
    """A work that says which process it runs in."""
    return os.getpid()


def double(model: Any, run: Run | None = None) -> Tensor:
    """A work that needs no input."""
    return 2 * torch.ones(3)
