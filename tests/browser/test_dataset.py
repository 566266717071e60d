"""What counts over the dataset: mean maps, words with their intervals, and drift between models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Literal

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.artifacts import keep_screen
from tests.browser.boards import TWO_MODELS
from tests.browser.pages import numbers
from tests.browser.server import DemoServer, start_board
from tests.browser.watch import serious_violations

Screen = tuple[int, Literal["light", "dark"]]
SCREENS: tuple[Screen, ...] = ((1400, "light"), (800, "dark"), (1400, "dark"), (800, "light"))
FEW = "/?view=dataset&sample=24&draw=5&of_method=InputXGradient"


def _sum_up(page: Page, address: str) -> None:
    """Open the view and compute, unless another test has done so already."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_contain_text("What counts")
    start = page.get_by_role("button", name="Sum up the attributions")
    done = page.get_by_role("columnheader", name="Part of all").first
    expect(done.or_(start)).to_be_visible()
    if not done.is_visible():
        with suppress(PlaywrightTimeout):  # what is stored may take the button's place
            start.click(timeout=3000)
    expect(done).to_be_visible()


class TestDemo:
    def test_maps_by_class_and_words_with_intervals(self, page: Page) -> None:
        page.goto("/?view=dataset&sample=24&draw=6&of_method=InputXGradient")
        expect(page.get_by_text("24 passes through the model")).to_be_visible()
        expect(page.get_by_text("What does the model go by, all in all?")).to_be_visible()
        _sum_up(page, FEW)
        photo = page.get_by_role("region", name="photo", exact=True)
        expect(photo).to_contain_text("not aligned")
        captions = photo.locator("figcaption")
        counts = [int(numbers(text)[0]) for text in captions.all_inner_texts()]
        assert sum(counts) == 24
        painted = "canvas => canvas.width > 8 && canvas.height > 8"
        expect(photo.get_by_role("img").last).to_be_visible()
        assert all(each.evaluate(painted) for each in photo.get_by_role("img").all())
        words = page.get_by_role("region", name="question", exact=True).get_by_role("row")
        shares = [numbers(text)[-2] for text in words.all_inner_texts()[1:]]
        assert shares == sorted(shares, reverse=True)
        captions.first.get_by_role("link").click()
        expect(page).to_have_url(re.compile(r"predicted=\d"))
        expect(page).not_to_have_url(re.compile("view=dataset"))

    def test_the_order_and_the_grouping_are_in_the_address(self, page: Page) -> None:
        _sum_up(page, FEW)
        page.get_by_role("group", name="Order of question").get_by_text("Against").click()
        expect(page).to_have_url(re.compile("rank=against"))
        words = page.get_by_role("region", name="question", exact=True).get_by_role("row")
        means = [numbers(text.split("\n")[0])[0] for text in words.all_inner_texts()[1:4]]
        assert means == sorted(means)
        page.get_by_role("group", name="Maps by").get_by_text("Label").click()
        expect(page).to_have_url(re.compile("class_of=label"))
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_contain_text("24 examples")

    def test_a_long_one_is_cancelled_and_goes_on(self, page: Page) -> None:
        page.goto("/?view=dataset&sample=2000&draw=3")
        page.get_by_role("button", name="Sum up the attributions").click()
        page.get_by_role("button", name="Cancel: Summing up").click()
        expect(page.get_by_role("button", name="Go on")).to_be_visible()
        expect(page.get_by_text("Cancelled; what is done is kept.")).to_be_visible()

    def test_no_match_says_so(self, page: Page) -> None:
        page.goto("/?view=dataset&where=index+%3E+999999")
        note = page.get_by_role("note")
        expect(note).to_contain_text("No example matches")
        note.get_by_role("button", name="Clear all filters").click()
        expect(page.get_by_role("button", name="Sum up the attributions")).to_be_visible()

    def test_it_is_open_to_everybody(self, page: Page, on_screen: Callable[[Screen], None]) -> None:
        page.goto("/?view=dataset&sample=25&draw=8&of_method=InputXGradient")
        expect(page.get_by_role("button", name="Sum up the attributions")).to_be_visible()
        for screen in SCREENS[:2]:
            on_screen(screen)
            keep_screen(page, f"dataset-empty-{screen[0]}-{screen[1]}")
            assert serious_violations(page) == []
        _sum_up(page, FEW)
        for screen in SCREENS:
            on_screen(screen)
            keep_screen(page, f"dataset-{screen[0]}-{screen[1]}")
            assert serious_violations(page) == []


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    folder = tmp_path_factory.mktemp("two")
    file = folder / "two.py"
    file.write_text(TWO_MODELS)
    with start_board(file, folder / "store", folder / "server.log") as server:
        server.wait_until_predicted()
        yield server


class TestTwoModels:
    @pytest.fixture
    def demo_server(self, two_models: DemoServer) -> DemoServer:
        return two_models

    def test_what_changed_between_them(
        self, page: Page, on_screen: Callable[[Screen], None]
    ) -> None:
        _sum_up(page, "/?view=dataset")
        expect(page.get_by_role("heading", name=re.compile("^first"))).to_be_visible()
        drift = page.get_by_role("region", name="text: change")
        expect(drift).to_contain_text("change from first, example by example")
        changes = [
            numbers(text.split("\n")[0]) for text in drift.get_by_role("row").all_inner_texts()
        ]
        assert any(each and each[0] != 0 for each in changes[1:])
        for screen in SCREENS:
            on_screen(screen)
            keep_screen(page, f"dataset-two-{screen[0]}-{screen[1]}")
            assert serious_violations(page) == []
