"""What a board that is not as it should be says on the page: warnings, and nothing to explain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.boards import UNTRAINED
from tests.browser.server import DemoServer, start_board
from tests.browser.test_trust import LONG, Trust
from tests.browser.watch import serious_violations


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """Models that were never trained: one draws at random, one mixes the rows of a batch."""
    folder = tmp_path_factory.mktemp("odd")
    file = folder / "odd.py"
    file.write_text(UNTRAINED)
    with start_board(file, folder / "store", log=folder / "server.log") as server:
        server.wait_until_predicted()
        yield server


@pytest.mark.parametrize("view", ["explain", "compare", "trust"])
def test_warnings_of_the_board_stand_on_the_page(page: Page, view: str) -> None:
    page.goto(f"/?view={view}&example=3&method=Saliency&trust=Saliency&sample=6")
    warnings = page.get_by_role("list", name="Warnings about the board")
    expect(warnings).to_contain_text("draws random numbers")
    expect(warnings).to_contain_text("rows of a batch influence one another")
    assert serious_violations(page) == []


def test_trust_says_that_there_may_be_nothing_to_explain(page: Page) -> None:
    trust = Trust(page)
    trust.open("&sample=6&trust=Saliency+InputXGradient")
    trust.measure.click()
    expect(trust.words).to_contain_text("There may be nothing to explain.", timeout=LONG)
    expect(trust.words).to_contain_text("of these 60 examples; always answering")
