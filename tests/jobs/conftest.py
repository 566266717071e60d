from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load

from attriboard.board import Board
from attriboard.jobs.job import Job
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.session import Session
from tests.jobs.boards import Watch, board

Open = Callable[..., Session]
SECONDS = 30


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def open_session() -> Iterator[Open]:
    opened: list[Session] = []

    def make(on: Board, path: Path | None = None) -> Session:
        opened.append(Session(on, path))
        return opened[-1]

    yield make
    for session in opened:
        session.close()


@pytest.fixture
def session(open_session: Open, watch: Watch) -> Session:
    return open_session(board(watch=watch))


def ask(
    examples: int | tuple[int, ...], method: str = "Saliency", **fields: Any
) -> AttributionRequest:
    indices = (examples,) if isinstance(examples, int) else examples
    return AttributionRequest(examples=indices, method_id=method, **fields)


def job_of(session: Session, request: AttributionRequest) -> Job:
    """The job for a request that is not stored."""
    found = session.attributions(request)
    assert isinstance(found, Job)
    return found


def results(session: Session, request: AttributionRequest) -> list[dict[str, Any]]:
    """The metas, computed where need be."""
    found = session.attributions(request)
    if isinstance(found, Job):
        assert found.wait(SECONDS)
        assert found.state == "done", found.failure
        found = found.results
    return found


def arrays(session: Session, meta: dict[str, Any]) -> dict[str, Any]:
    body = session.result(meta["key"])
    assert body is not None
    return dict(load(body))
