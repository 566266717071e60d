"""What is written of requests: as text for people, as JSON for machines, and nothing by default."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from attriboard.api.logs import Json, LogFormat, Text, configure


@pytest.fixture
def restored() -> Iterator[None]:
    logger = logging.getLogger("attriboard")
    kept = logger.handlers, logger.level, logger.propagate
    yield
    logger.handlers, logger.propagate = kept[0], kept[2]
    logger.setLevel(kept[1])


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


def _record(path: str) -> logging.LogRecord:
    record = logging.LogRecord("attriboard.api", logging.INFO, "", 0, "answered", None, None)
    record.__dict__ |= {"request": "a1b2", "path": path, "status": 404, "query": "secret"}
    return record


def test_each_line_is_a_json_object_with_its_id() -> None:
    said = json.loads(Json().format(_record("/api/nothing\nhere")))
    assert (said["request"], said["path"]) == ("a1b2", "/api/nothing\nhere")
    assert (said["status"], said["message"]) == (404, "answered")
    assert "secret" not in json.dumps(said)


def test_a_path_cannot_forge_a_line() -> None:
    (line,) = Text().format(_record("/api/nothing\n2026-01-01 info forged")).splitlines()
    assert "path=/api/nothing\\n2026" in line


def test_nothing_is_written_by_default(
    client: TestClient, written: io.StringIO, restored: None
) -> None:
    configure(LogFormat.QUIET, written)
    client.get("/api/board")
    assert written.getvalue() == ""


def test_memory_and_streams_are_metered(client: TestClient) -> None:
    text = client.get("/metrics").text
    assert "attriboard_open_streams 0.0" in text
    (memory,) = [line for line in text.splitlines() if line.startswith("attriboard_memory_bytes ")]
    assert float(memory.split()[1]) > 50e6
