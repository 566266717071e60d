"""Requests made from the schema, valid and not: every answer names its cause, and none is a bug."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

SLOWEST = 20.0  # seconds after which an answer counts as a hang
PROBLEM = "application/problem+json"


@dataclass
class Found:
    """What came of all requests."""

    statuses: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


def run(app: FastAPI, requests: int) -> dict[str, Any]:
    """About `requests` requests, spread over all operations. The same each time."""
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    project = ProjectConfig(generation=GenerationConfig(modes=modes))
    config = SchemathesisConfig(projects=ProjectsConfig(default=project))
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=config)
    operations = [found.ok() for found in schema.get_all_operations()]
    # An event stream of a job that runs has no end to wait for.
    operations = [each for each in operations if not each.path.endswith("/events")]
    found = Found()
    for place, operation in enumerate(operations):
        modes_here = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        for mode in modes_here:
            share = max(1, requests // (len(operations) * len(modes_here)))
            _fuzz(operation, mode, share, place, found)
    return {
        "operations": len(operations),
        "requests": sum(found.statuses.values()),
        "statuses": dict(sorted(found.statuses.items())),
        "slowest_seconds": round(found.slowest, 2),
        "failures": found.failures,
    }


def _fuzz(operation: Any, mode: Any, count: int, number: int, found: Found) -> None:
    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        started = time.perf_counter()
        answer = case.call()
        seconds = time.perf_counter() - started
        found.slowest = max(found.slowest, seconds)
        found.statuses[str(answer.status_code)] += 1
        wrong = _wrong(answer, seconds)
        if wrong:
            sent = f"{case.method} {case.formatted_path} {case.query!r:.200} {case.body!r:.300}"
            found.failures.append(f"{wrong}: {sent}")

    try:
        ask()
    except Exception as error:
        if "Unsatisfiable" not in type(error).__name__:
            raise


def _wrong(answer: Any, seconds: float) -> str | None:
    if seconds > SLOWEST:
        return f"took {seconds:.0f} s"
    if answer.status_code >= 500 and answer.status_code != 503:
        return f"{answer.status_code}"
    if answer.status_code >= 400:
        kind = answer.headers.get("content-type", [""])
        if PROBLEM not in (kind[0] if isinstance(kind, list) else kind):
            return f"{answer.status_code} is no problem document"
        body = answer.json()
        if not body.get("detail") or not body.get("title"):
            return f"{answer.status_code} names no cause"
    return None
