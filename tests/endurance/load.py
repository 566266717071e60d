"""Many people at once: they browse, look at what is stored and ask for what is new."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from safetensors.numpy import load as arrays_in

from attriboard.jobs.job import Job
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.session import Session
from tests.endurance import world
from tests.endurance.process import serve

THOUGHT = 1.0  # seconds between two requests of a person, on average
KNOWN = [(example, "IntegratedGradients", {"n_steps": 10}) for example in range(20)]
FILTERS = (
    {"correct": "true"},
    {"where": "score > 0.4"},
    {"q": "colour"},
    {"sample": "20", "seed": "7"},
)
Question = tuple[int, str, dict[str, Any]]


@dataclass
class Seen:
    """What all clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    cached: list[float] = field(default_factory=list)  # seconds
    fresh: list[float] = field(default_factory=list)
    answers: dict[str, tuple[Question, bytes]] = field(default_factory=dict)  # by key
    problems: list[str] = field(default_factory=list)


def run(folder: Path, clients: int, seconds: float) -> dict[str, Any]:
    """The figures of one run. Every result that was seen is compared with the engine's own."""
    server = serve(folder / "store", folder / "load.log")
    try:
        server.wait_until_predicted()
        seen = asyncio.run(_crowd(server.url, clients, seconds, lambda: server.state()["memory"]))
    finally:
        server.stop()
    counts, memory = seen
    wrong = _wrong(counts)
    settled = memory[len(memory) // 3 :]
    return {
        "clients": clients,
        "seconds": seconds,
        "requests": sum(counts.statuses.values()),
        "statuses": dict(counts.statuses),
        "server_errors": sum(n for code, n in counts.statuses.items() if code.startswith("5")),
        "problems": counts.problems[:5],
        "results_checked": len(counts.answers),
        "wrong_answers": len(wrong),
        "cached_p50_ms": _ms(counts.cached, 50),
        "cached_p99_ms": _ms(counts.cached, 99),
        "fresh_p50_ms": _ms(counts.fresh, 50),
        "fresh_p99_ms": _ms(counts.fresh, 99),
        "memory_settled_mb": round(float(np.median(settled[: max(1, len(settled) // 4)])), 1),
        "memory_end_mb": round(float(np.median(settled[-max(1, len(settled) // 4) :])), 1),
    }


async def _crowd(url: str, clients: int, seconds: float, memory: Any) -> tuple[Seen, list[float]]:
    seen, samples = Seen(), []
    async with _connected(url, "first") as client:
        for question in KNOWN:
            await _attribute(client, question, seen, fresh=True)
    async with AsyncExitStack() as stack:
        # A client each, as in life: one pool for all holds requests up longer than the server.
        each = [
            await stack.enter_async_context(_connected(url, f"person {number}"))
            for number in range(clients)
        ]
        end = time.monotonic() + seconds
        people = [
            asyncio.create_task(_person(client, number, end, seen))
            for number, client in enumerate(each)
        ]
        while time.monotonic() < end:
            samples.append(memory())
            await asyncio.sleep(min(0.5, seconds / 40))
        await asyncio.gather(*people)
    return seen, samples


def _connected(url: str, name: str) -> httpx.AsyncClient:
    headers = {"X-AttriBoard-Client": name}
    return httpx.AsyncClient(
        base_url=url, timeout=60, headers=headers, trust_env=False, verify=False
    )


async def _person(client: httpx.AsyncClient, number: int, end: float, seen: Seen) -> None:
    draw = random.Random(number)
    while time.monotonic() < end:
        await asyncio.sleep(draw.expovariate(1 / THOUGHT))
        deed = draw.random()
        if deed < 0.4:
            await _browse(client, draw, seen)
        elif deed < 0.7:
            await _attribute(client, draw.choice(KNOWN), seen, fresh=False)
        else:
            await _attribute(client, _new(draw), seen, fresh=True)


def _new(draw: random.Random) -> Question:
    example = draw.randrange(world.SIZE)
    if draw.random() < 0.5:
        return example, "IntegratedGradients", {"n_steps": draw.randrange(2, 60)}
    return example, "FeatureAblation", {}


async def _browse(client: httpx.AsyncClient, draw: random.Random, seen: Seen) -> None:
    example = draw.randrange(world.SIZE)
    path, query = draw.choice(
        [
            ("api/examples", {**draw.choice(FILTERS), "sort": "-score", "limit": "50"}),
            ("api/facets", draw.choice(FILTERS)),
            (f"api/examples/{example}", None),
            (f"api/examples/{example}/inputs/photo", None),
            ("api/board", None),
        ]
    )
    answer = await client.get(path, params=query)
    _note(answer, seen)


async def _attribute(
    client: httpx.AsyncClient, question: Question, seen: Seen, *, fresh: bool
) -> None:
    example, method, params = question
    body = {"examples": [example], "method": {"id": method, "params": params}}
    started = time.perf_counter()
    answer = await client.post("api/attributions", json=body)
    _note(answer, seen)
    if answer.status_code == 200:
        if not fresh:
            seen.cached.append(time.perf_counter() - started)
        await _read(client, answer.json()["results"][0]["key"], question, seen)
    elif answer.status_code == 202:
        job = answer.json()["job"]["id"]
        while True:
            state = await client.get(f"api/jobs/{job}")
            _note(state, seen)
            found = state.json()
            if found["state"] not in {"queued", "running"}:
                break
            await asyncio.sleep(0.05)
        if found["state"] == "done":
            seen.fresh.append(time.perf_counter() - started)
            await _read(client, found["results"][0]["key"], question, seen)
        else:
            seen.problems.append(f"{found['state']}: {found.get('error')}")


async def _read(client: httpx.AsyncClient, key: str, question: Question, seen: Seen) -> None:
    answer = await client.get(f"api/results/{key}")
    _note(answer, seen)
    if answer.status_code == 200:
        seen.answers[key] = question, answer.content


def _note(answer: httpx.Response, seen: Seen) -> None:
    seen.statuses[str(answer.status_code)] += 1
    if answer.status_code >= 400:
        seen.problems.append(f"{answer.request.url}: {answer.text[:200]}")


def _wrong(seen: Seen) -> list[str]:
    """The keys whose numbers are not those of a session without a server."""
    session = Session(world.board())
    try:
        return [key for key, found in seen.answers.items() if not _same(session, key, *found)]
    finally:
        session.close()


def _same(session: Session, key: str, question: Question, body: bytes) -> bool:
    example, method, params = question
    request = AttributionRequest(examples=(example,), method_id=method, params=params)
    found = session.attributions(request)
    if isinstance(found, Job):
        found.wait()
        found = found.results
    if [meta["key"] for meta in found] != [key]:
        return False
    own = session.result(key)
    if own is None:
        return False
    here, there = arrays_in(own), arrays_in(body)
    return here.keys() == there.keys() and all(
        np.allclose(here[name], there[name], atol=1e-6) for name in here
    )


def _ms(seconds: list[float], percent: float) -> float | None:
    return round(float(np.percentile(seconds, percent)) * 1000, 1) if seconds else None
