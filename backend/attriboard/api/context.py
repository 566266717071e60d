"""What the routes of one server share."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from attriboard.api.errors import NotFound
from attriboard.api.events import Streams
from attriboard.api.metrics import Metrics
from attriboard.api.views.board import board_view
from attriboard.board import Board
from attriboard.jobs.session import Session


class Selection:
    """The examples last selected on the page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._examples: tuple[int, ...] = ()
        self.version = 0

    def get(self) -> list[int]:
        """Indices of the selected examples, in order."""
        with self._lock:
            return list(self._examples)

    def set(self, examples: Sequence[int]) -> None:
        """Replaces the selection."""
        with self._lock:
            self._examples = tuple(examples)
            self.version += 1


@dataclass
class Context:
    """The session with what HTTP adds to it."""

    session: Session
    metrics: Metrics
    selection: Selection = field(default_factory=Selection)
    streams: Streams = field(default_factory=Streams)
    _models: str = ""
    _board_view: dict[str, Any] | None = None
    instance: str = field(default_factory=lambda: uuid.uuid4().hex)

    def models(self) -> str:
        """A text that changes with the models; they are predicted with anew where they have."""
        now = " ".join(self.session.follow_models().values())
        if now != self._models:
            self._board_view = None
            self._models = now
        return now

    @property
    def board_view(self) -> dict[str, Any]:
        """What GET /api/board says of the board itself, made once every model was looked at."""
        found = self._board_view or board_view(self.session)
        if all(model["looked_at"] for model in found["models"]):
            self._board_view = found
        return found


async def context_of(request: Request) -> Context:
    """The context of the app that answers `request`."""
    context: Context = request.app.state.context
    return context


async def session_of(request: Request) -> Session:
    """The session of the app that answers `request`."""
    return (await context_of(request)).session


def known_index(index: int, board: Board) -> int:
    """`index`, where the dataset has that example. Raises NotFound."""
    if board.has(index):
        return index
    raise NotFound(f"There is no example {index}: the dataset has {len(board):,}, numbered from 0.")


# Both are coroutines because FastAPI sends plain functions through a thread, which takes longer
# than all they do.
ContextOf = Annotated[Context, Depends(context_of)]
SessionOf = Annotated[Session, Depends(session_of)]
