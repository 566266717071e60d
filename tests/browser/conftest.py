"""What the browser tests stand on: a Chromium, the demo on a free port, a page that is watched.

A machine without Chromium fails these tests. A page that writes an error to its console, gets no
answer, or asks any other server than its own fails the test that opened it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scripts import chromium
from tests.browser.artifacts import artifact, keep_screen
from tests.browser.server import DemoServer, start_demo
from tests.browser.watch import Problems, serious_violations, watch

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Screen = tuple[int, Literal["light", "dark"]]
SCREENS: tuple[Screen, ...] = ((1400, "light"), (800, "dark"), (1400, "dark"), (800, "light"))
# Pictures that are in sight are there, and what a change of size draws anew is drawn.
SETTLED = """() => {
  const seen = [...document.images].filter((image) => image.getBoundingClientRect().width > 0);
  return seen.every((image) => image.complete) && !document.querySelector("[aria-busy=true]");
}"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
PATIENCE = 20_000  # milliseconds: a busy machine is slow, not wrong
FAILED = pytest.StashKey[bool]()


expect.set_options(timeout=PATIENCE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The Chromium to drive; an error that says how to get one where there is none."""
    try:
        return chromium.needed()
    except chromium.BrowserError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """The default demo on a free port, with a store of its own, every example predicted."""
    folder = tmp_path_factory.mktemp("demo")
    with start_demo(folder / "store", log=folder / "server.log") as server:
        server.wait_until_predicted()
        yield server


@pytest.fixture
def context(browser: Browser, demo_server: DemoServer) -> Iterator[BrowserContext]:
    """A fresh profile whose relative addresses are the demo's."""
    made = browser.new_context(
        base_url=demo_server.url, viewport={"width": 1400, "height": 900}, reduced_motion="reduce"
    )
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


@pytest.fixture
def problems(demo_server: DemoServer) -> Problems:
    """What went wrong on the page. A test that provokes an error says problems.expect("...")."""
    return Problems(demo_server.url)


@pytest.fixture
def page(
    context: BrowserContext, problems: Problems, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A watched page: the test fails with what the page complained of."""
    made = context.new_page()
    watch(made, problems)
    yield made
    if request.node.stash.get(FAILED, False):
        made.screenshot(path=artifact("failures", f"{request.node.name}.png"))
    assert problems.unexpected() == []


@pytest.fixture
def on_screen(page: Page) -> Callable[[Screen], None]:
    """on_screen((800, "dark")) shows the page so, and waits until all of it is drawn anew."""

    def show(screen: Screen) -> None:
        width, theme = screen
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(TWO_FRAMES)
        page.wait_for_function(SETTLED)
        page.evaluate(TWO_FRAMES)

    return show


@pytest.fixture
def open_to_everybody(page: Page, on_screen: Callable[[Screen], None]) -> Callable[[str], None]:
    """open_to_everybody("trust") keeps the page on every screen, and lets axe look at each."""

    def look(name: str) -> None:
        for screen in SCREENS:
            on_screen(screen)
            width, theme = screen
            keep_screen(page, f"{name}-{width}-{theme}")
            assert serious_violations(page) == [], screen
        on_screen(SCREENS[0])

    return look


@pytest.fixture
def screenshots(page: Page, on_screen: Callable[[Screen], None]) -> Callable[[str], None]:
    """screenshots("explain") keeps how the page looks on every screen."""

    def take(name: str) -> None:
        for width, theme in SCREENS:
            on_screen((width, theme))
            keep_screen(page, f"{name}-{width}-{theme}")
        on_screen(SCREENS[0])

    return take
