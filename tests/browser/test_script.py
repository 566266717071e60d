"""Whatever strings a dataset brings, they are shown and never run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.server import DemoServer, free_port
from tests.browser.watch import Problems, watch

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
BOARD = f"""
import torch
from torch import nn
import attriboard as ab

HOSTILE = {HOSTILE!r}
WORDS = sorted(set(HOSTILE.split()) | {{"plain", "words"}})


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(len(WORDS), 8)
        self.head = nn.Linear(8, 2)

    def forward(self, text):
        return self.head(self.words(text).mean(1))


torch.manual_seed(0)
rows = [
    {{
        "text": HOSTILE if i % 2 else "plain words", "label": i % 2,
        HOSTILE[:40]: HOSTILE, "file": "../../" + HOSTILE,
    }}
    for i in range(12)
]
board = ab.Board(
    Net(),
    rows,
    inputs=[ab.Text("text", tokenizer=lambda text: [WORDS.index(word) for word in text.split()])],
    output=ab.Classes([HOSTILE, "javascript:window.hacked=1"]),
    name=HOSTILE,
)
"""


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[DemoServer]:
    file = tmp_path / "hostile.py"
    file.write_text(BOARD)
    port = free_port()
    command = [sys.executable, "-m", "attriboard.cli", "serve", str(file), "--no-open"]
    command += ["--port", str(port), "--store", str(tmp_path / "store")]
    log = tmp_path / "log"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "backend")}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    server = DemoServer(f"http://127.0.0.1:{port}", process, log)
    server.wait_until_served()
    server.wait_until_predicted()
    yield server
    process.terminate()
    process.wait(timeout=20)


def test_hostile_strings_are_text(hostile: DemoServer, browser: Browser) -> None:
    problems = Problems(hostile.url)
    page = browser.new_page()
    watch(page, problems)
    page.goto(f"{hostile.url}/")
    expect(page.get_by_text(re.compile("onerror")).first).to_be_visible()
    for query in (
        "?view=explain&example=1",
        "?view=compare&example=1",
        "?view=examples&q=<script>",
    ):
        page.goto(f"{hostile.url}/{query}")
        page.wait_for_timeout(1500)
        assert page.evaluate("window.hacked") is None
        assert page.locator("script:not([src])").count() == 0
        assert page.locator("img[onerror]").count() == 0
    assert problems.unexpected() == []
    page.close()
