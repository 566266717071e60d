"""The schema is complete, and the answers keep to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from attriboard.api.app import routed
from attriboard.api.openapi import schema_of

SCHEMA = schema_of(routed())
FIXED = {
    ("get", "/api/board"),
    ("get", "/api/examples"),
    ("get", "/api/facets"),
    ("get", "/api/examples/{index}"),
    ("get", "/api/examples/{index}/inputs/{name}"),
    ("post", "/api/attributions"),
    ("post", "/api/estimates"),
    ("get", "/api/jobs"),
    ("get", "/api/jobs/{id}"),
    ("delete", "/api/jobs/{id}"),
    ("get", "/api/jobs/{id}/events"),
    ("get", "/api/results/{key}"),
    ("get", "/healthz"),
    ("get", "/metrics"),
}


def _operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in SCHEMA["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_every_fixed_route_is_there() -> None:
    assert {(method, path) for method, path, _ in _operations()} >= FIXED


@pytest.mark.parametrize(
    "operation",
    [operation for _, _, operation in _operations()],
    ids=[f"{method} {path}" for method, path, _ in _operations()],
)
def test_each_operation_is_described(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    for parameter in operation.get("parameters", []):
        assert parameter.get("description"), parameter["name"]
    problems = {code: r for code, r in operation["responses"].items() if code[0] in "45"}
    assert {"401", "403", "500"} <= set(problems)
    assert ("422" in problems) == bool(operation.get("parameters") or operation.get("requestBody"))
    for response in problems.values():
        assert list(response["content"]) == ["application/problem+json"]


def test_every_field_is_described() -> None:
    for name, shape in SCHEMA["components"]["schemas"].items():
        assert shape.get("description"), name
        for field, what in shape.get("properties", {}).items():
            # A single model is referred to, and describes itself.
            assert what.get("description") or "$ref" in what, f"{name}.{field}"


def test_no_reference_is_dangling() -> None:
    text = json.dumps(SCHEMA)
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.split('"')[0] in SCHEMA["components"]["schemas"]
    assert "HTTPValidationError" not in text


def test_the_shapes_of_events_are_there() -> None:
    shapes = SCHEMA["components"]["schemas"]
    assert {"Problem", "Progress", "PartialEvent", "ResultList", "JobError"} <= set(shapes)
    assert shapes["PartialEvent"]["properties"]["final"]["type"] == "boolean"


def test_the_server_offers_the_same_schema(client: TestClient) -> None:
    answer = client.get("/api/openapi.json")
    assert answer.json() == SCHEMA
    again = client.get("/api/openapi.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_the_schema_is_printed_without_a_board() -> None:
    command = [sys.executable, "-m", "attriboard.api.openapi"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert json.loads(printed) == SCHEMA
