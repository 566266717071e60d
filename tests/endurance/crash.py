"""Killed at random moments, the server starts again and has all that it said it has."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from attriboard.jobs.results_file import CorruptError, verified_meta
from tests.endurance import world
from tests.endurance.process import Served, serve

LONGEST = 2.5  # seconds of work before a kill
CHECKED = 200  # results looked at after each start, the newest among them


@dataclass
class Told:
    """What the server acknowledged before it was killed."""

    keys: list[str] = field(default_factory=list)
    edits: list[int] = field(default_factory=list)


def run(folder: Path, kills: int, seed: int = 0) -> dict[str, Any]:
    """The figures of one run of `kills` kills on one store."""
    draw = random.Random(seed)
    told, lost, corrupt, starts = Told(), 0, 0, 0
    for _ in range(kills):
        server = serve(folder / "store", folder / "crash.log")
        starts += 1
        missing, damaged = _check(server, told, draw)
        lost, corrupt = lost + missing, corrupt + damaged
        _work_and_kill(server, told, draw)
    server = serve(folder / "store", folder / "crash.log")
    try:
        missing, damaged = _check(server, told, draw, everything=True)
    finally:
        server.stop()
    orphans = sum(1 for _ in (folder / "store" / "tmp").iterdir())
    return {
        "kills": kills,
        "starts": starts + 1,
        "acknowledged_results": len(told.keys),
        "acknowledged_edits": len(told.edits),
        "lost": lost + missing,
        "corrupt": corrupt + damaged,
        "orphans": orphans,
    }


def _work_and_kill(server: Served, told: Told, draw: random.Random) -> None:
    stop = threading.Event()
    seeds = [draw.random() for _ in range(3)]
    threads = [threading.Thread(target=_ask, args=(server.url, told, s, stop)) for s in seeds]
    for thread in threads:
        thread.start()
    time.sleep(draw.uniform(0.05, LONGEST))
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()


def _ask(url: str, told: Told, seed: float, stop: threading.Event) -> None:
    """New questions until the server is gone."""
    draw = random.Random(seed)
    with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
        while not stop.is_set():
            try:
                _ask_once(client, told, draw)
            except (httpx.TransportError, KeyError, ValueError):
                return


def _ask_once(client: httpx.Client, told: Told, draw: random.Random) -> None:
    if draw.random() < 0.15:
        words = " ".join(draw.choices(["what", "colour", "is", "it", "a", "shape"], k=4))
        body = {"parent": draw.randrange(world.SIZE), "inputs": {"question": words}}
        answer = client.post("/api/edits", json=body)
        if answer.status_code in {200, 201}:
            told.edits.append(answer.json()["index"])
        return
    params = {"n_steps": draw.randrange(2, 200)}
    body = {
        "examples": [draw.randrange(world.SIZE)],
        "method": {"id": "IntegratedGradients", "params": params},
        "seed": draw.randrange(10**6),
    }
    answer = client.post("/api/attributions", json=body).json()
    while "job" in answer:
        answer = client.get(f"/api/jobs/{answer['job']['id']}").json()
        if answer["state"] == "done":
            break
        answer = {"job": answer}
    told.keys += [meta["key"] for meta in answer["results"]]


def _check(
    server: Served, told: Told, draw: random.Random, *, everything: bool = False
) -> tuple[int, int]:
    """How many acknowledged results are gone, and how many are damaged."""
    keys = told.keys
    if not everything and len(keys) > CHECKED:
        keys = keys[-CHECKED // 2 :] + draw.sample(keys, CHECKED // 2)
    lost = corrupt = 0
    with httpx.Client(base_url=server.url, timeout=30, trust_env=False) as client:
        for key in keys:
            answer = client.get(f"/api/results/{key}")
            if answer.status_code != 200:
                lost += 1
                continue
            try:
                corrupt += verified_meta(answer.content)["key"] != key
            except CorruptError:
                corrupt += 1
        for index in told.edits:
            lost += client.get(f"/api/examples/{index}").status_code != 200
    return lost, corrupt
