"""Where the command line says that models run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attriboard.board import Board
    from attriboard.jobs.executors import Executor


class Executors(StrEnum):
    """The values of --executor."""

    LOCAL = "local"
    RAY = "ray"


@dataclass(frozen=True)
class Place:
    """The flags that say it: --executor --isolate --workers --ray-address --gpus-per-worker."""

    kind: Executors
    isolate: bool
    workers: int | None
    ray_address: str | None
    gpus: float

    def executor(self, board: Board, load: Callable[[], Mapping[str, Any]]) -> Executor:
        """The executor; `load` gives the models to a process of its own. Raises InvalidInput."""
        from attriboard.engine.errors import InvalidInput
        from attriboard.jobs.executors import Isolated, Local, OnRay

        if self.kind is Executors.RAY:
            if self.isolate:
                raise InvalidInput(
                    "On Ray every worker is a process of its own already; leave --isolate out.",
                    "isolate",
                )
            address = self.ray_address
            return OnRay(load, address=address, seats=self.workers, gpus=self.gpus)
        if self.ray_address is not None or self.gpus:
            raise InvalidInput(
                "--ray-address and --gpus-per-worker are for Ray; add --executor ray.", "executor"
            )
        if self.isolate:
            return Isolated(load, self.workers or 1)
        return Local(board.models, self.workers or 1)
