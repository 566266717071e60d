"""A list of 100,000 examples scrolls as an empty one does, with few cards in the page."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image as Picture
from playwright.sync_api import Browser, expect
from torch import nn

import attriboard as ab
from attriboard.api import launch
from attriboard.catalog import ExampleRow, PredictionRow
from attriboard.jobs.session import Session
from tests.browser.artifacts import artifact
from tests.browser.pages import Gallery

SIZE = 100_000
CLASSES = ["circle", "square", "star"]
BLOCK = 5000
ROUNDS = 4
MOST_CARDS = 150
FRAMES, STEP = 150, 120  # some 7,000 pixels a second: rows come and go at every other frame
SLOWER = 1.2

# Scrolls an element by `step` pixels a frame. Gives the frames' times, the longest task of the
# main thread and the most cards there ever were.
SCROLL = """async ([selector, frames, step]) => {
  const element = document.querySelector(selector);
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries()));
  observer.observe({ entryTypes: ["longtask"] });
  element.scrollTop = 0;
  await new Promise((done) => setTimeout(done, 500));
  tasks.length = 0;
  const times = [];
  let cards = 0;
  let last = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < frames; frame += 1) {
    element.scrollTop += step;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
    cards = Math.max(cards, document.querySelectorAll(".card").length);
  }
  await new Promise((done) => setTimeout(done, 200));
  observer.disconnect();
  const longest = Math.max(0, ...tasks.map((task) => task.duration));
  const mean = times.reduce((a, b) => a + b) / times.length;
  return { mean, longest, cards, top: element.scrollTop };
}"""
# An empty list of the same size, over the grid.
EMPTY = """() => {
  const grid = document.querySelector(".grid-scroll");
  const list = document.createElement("div");
  const box = grid.getBoundingClientRect();
  list.id = "empty-list";
  Object.assign(list.style, { position: "fixed", overflowY: "scroll", background: "white" });
  for (const side of ["left", "top", "width", "height"]) list.style[side] = `${box[side]}px`;
  const inner = document.createElement("div");
  inner.style.height = `${grid.scrollHeight}px`;
  list.append(inner);
  document.body.append(list);
}"""


class Shapes:
    """Pictures and words made when they are asked for."""

    def __len__(self) -> int:
        return SIZE

    def __getitem__(self, index: int) -> dict[str, object]:
        color = (index % 256, (index // 256) % 256, 128)
        picture = Picture.new("RGB", (32, 32), color)
        return {"photo": picture, "note": f"number {index}", "label": index % len(CLASSES)}


def _board() -> ab.Board:
    torch.manual_seed(0)

    class Both(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(3, len(CLASSES))

        def forward(self, photo: torch.Tensor, note: torch.Tensor) -> torch.Tensor:
            scores: torch.Tensor = self.head(photo.mean((2, 3)))
            return scores + 0 * note.float().mean(1, keepdim=True)

    inputs = [
        ab.Image("photo"),
        ab.Text("note", tokenizer=lambda text: [len(w) for w in text.split()]),
    ]
    return ab.Board(Both(), Shapes(), inputs, ab.Classes(CLASSES), name="Many", version="synthetic")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A board of many examples, with every prediction written to its catalog beforehand."""
    store = tmp_path_factory.mktemp("many")
    board = _board()
    session = Session(board, store)
    draw = random.Random(0)
    for start in range(0, SIZE, BLOCK):
        indices = range(start, start + BLOCK)
        session.catalog.write_examples(
            [ExampleRow(i, i % 3, {"note": f"number {i}"}, {"weight": i / 7}) for i in indices]
        )
        rows = [PredictionRow(i, draw.randrange(3), draw.random(), 0.1, 0.5, True) for i in indices]
        session.catalog.write_predictions("model", board.model_fingerprint("model"), rows)
    session.close()
    view = launch.show(board, port=0, store=store)
    yield view.url
    view.close()


def test_a_hundred_thousand_examples_scroll_as_an_empty_list_does(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, base_url=address)
    context.set_default_timeout(60_000)
    page = context.new_page()
    gallery = Gallery(page)
    gallery.open()
    gallery.expect_total(SIZE)
    expect(page.locator(".grid[aria-busy=false]")).to_be_visible()
    page.evaluate(EMPTY)
    rounds: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        empty = page.evaluate(SCROLL, ["#empty-list", FRAMES, STEP])
        page.evaluate("document.getElementById('empty-list').hidden = true")
        full = page.evaluate(SCROLL, [".grid-scroll", FRAMES, STEP])
        page.evaluate("document.getElementById('empty-list').hidden = false")
        rounds.append({"empty": empty, "full": full, "ratio": full["mean"] / empty["mean"]})
    context.close()
    artifact("figures", "grid.json").write_text(json.dumps(rounds, indent=1))
    assert all(each["full"]["cards"] <= MOST_CARDS for each in rounds)
    assert all(each["full"]["top"] > FRAMES * STEP / 2 for each in rounds)
    # A machine that does other work too is slow in some rounds, never quick by chance.
    best = min(rounds, key=lambda each: (each["full"]["longest"] > 50, each["ratio"]))
    assert best["full"]["longest"] <= 50, rounds
    assert best["ratio"] <= SLOWER, rounds


def test_a_jump_to_the_end_shows_the_last_example(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, base_url=address)
    context.set_default_timeout(60_000)
    page = context.new_page()
    gallery = Gallery(page)
    gallery.open()
    gallery.cards.first.focus()
    page.keyboard.press("End")
    last = page.locator(f'[data-position="{SIZE - 1}"]')
    expect(last).to_be_focused(timeout=60_000)
    expect(last).to_contain_text(f"number {SIZE - 1}")
    assert gallery.cards.count() <= MOST_CARDS
    context.close()
