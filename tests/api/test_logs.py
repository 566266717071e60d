"""What is written of requests: as text for people, as JSON for machines, and nothing by default."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from attriboard.api.logs import LogFormat, configure


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


def test_each_request_is_a_json_object_with_its_id(
    client: TestClient, written: io.StringIO, restored: None
) -> None:
    configure(LogFormat.JSON, written)
    answer = client.get("/api/examples", params={"q": "secret"})
    missing = client.get("/api/nothing%0Ahere")
    said = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["request"] for line in said] == [
        answer.headers["x-request-id"],
        missing.headers["x-request-id"],
    ]
    assert said[0]["path"] == "/api/examples"
    assert said[0]["status"] == 200
    assert said[0]["ms"] > 0
    assert said[1]["status"] == 404
    assert "secret" not in json.dumps(said)


def test_a_path_cannot_forge_a_line(
    client: TestClient, written: io.StringIO, restored: None
) -> None:
    configure(LogFormat.TEXT, written)
    client.get("/api/nothing%0A2026-01-01 info forged")
    (line,) = written.getvalue().splitlines()
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
