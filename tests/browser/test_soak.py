"""A long session in the browser: the server stays as it is."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Sequence

import httpx
import psutil
import pytest
from playwright.sync_api import Page

from tests.browser.server import DemoServer
from tests.endurance.record import keep

VIEWS = (
    "?view=explain&example={example}&method=IntegratedGradients",
    "?view=explain&example={example}&method=Saliency",
    "?view=explain&example={example}&method=Occlusion",
    "?view=compare&example={example}",
    "?correct=false&sample=20&seed={example}",
    "?q=blue",
    "?view=trust",
    "?view=modalities",
)
FIGURES = ("memory", "threads", "files", "streams")


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(25.0, id="small"),
        pytest.param(1800.0, id="full", marks=pytest.mark.endurance),
    ],
)
def test_soak(demo_server: DemoServer, page: Page, seconds: float) -> None:
    samples: dict[str, list[float]] = {name: [] for name in FIGURES}
    draw, visits, end = random.Random(0), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        view = draw.choice(VIEWS).format(example=draw.randrange(500))
        page.goto(f"{demo_server.url}/{view}")
        page.wait_for_load_state("load")
        page.wait_for_timeout(draw.randrange(200, 1500))
        visits += 1
        for name, value in _state(demo_server).items():
            samples[name].append(value)
    page.goto("about:blank")
    time.sleep(1)
    assert _state(demo_server)["streams"] == 0
    found = {"seconds": seconds, "visits": visits}
    for name, values in samples.items():
        unit = "_mb" if name == "memory" else ""
        found[f"{name}_settled{unit}"] = _median(values, 0.25, 0.5)
        found[f"{name}_end{unit}"] = _median(values, 0.75, 1.0)
    print(found)
    assert visits > seconds / 8
    assert found["threads_end"] <= found["threads_settled"] + 8
    assert found["files_end"] <= found["files_settled"] + 16
    if seconds > 1000:
        keep("soak", found)
        assert found["memory_end_mb"] <= 1.1 * found["memory_settled_mb"]
        assert found["threads_end"] <= found["threads_settled"] + 1
        assert found["files_end"] <= found["files_settled"] + 2


def _state(server: DemoServer) -> dict[str, float]:
    seen = psutil.Process(server.process.pid)
    text = httpx.get(f"{server.url}/metrics", trust_env=False, timeout=30).text
    (streams,) = [line for line in text.splitlines() if line.startswith("attriboard_open_streams ")]
    return {
        "memory": round(seen.memory_info().rss / 1e6, 1),
        "threads": seen.num_threads(),
        "files": seen.num_fds(),
        "streams": float(streams.split()[1]),
    }


def _median(values: Sequence[float], start: float, end: float) -> float:
    part = values[int(start * len(values)) : max(1, int(end * len(values)))]
    return statistics.median(part)
