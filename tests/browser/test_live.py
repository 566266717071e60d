"""The page follows a notebook, changed weights, and a server that was gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from attriboard.api import launch
from attriboard.api.launch import View
from tests.api.boards import SIZE, Fusion, fusion, fusion_board
from tests.browser.pages import Gallery


class Shown:
    """A board shown from this process, as a notebook does it."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.model: Fusion = fusion()
        self.view: View = launch.show(fusion_board(self.model), port=0, store=store)
        self.port = urlsplit(self.view.url).port

    def stop(self) -> None:
        self.view.close()

    def start_again(self, name: str) -> None:
        board = fusion_board(self.model, name=name)
        self.view = launch.show(board, port=self.port, store=self.store)


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Shown]:
    made = Shown(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def page(browser: Browser, shown: Shown) -> Iterator[Page]:
    """A page of that board; its server may go and come, so its console is not watched."""
    context = browser.new_context(
        base_url=shown.view.url, viewport={"width": 1400, "height": 900}, reduced_motion="reduce"
    )
    made = context.new_page()
    gallery = Gallery(made)
    gallery.open()
    gallery.expect_total(SIZE)
    yield made
    context.close()


def test_a_selection_goes_both_ways(shown: Shown, page: Page) -> None:
    bar = page.get_by_role("region", name="Selection")
    shown.view.selection = [3, 1, 4]
    expect(bar).to_contain_text("3 selected")
    pick = page.get_by_role("button", name="Select example 4", exact=True)
    expect(pick).to_have_attribute("aria-pressed", "true")
    pick.click()
    expect(bar).to_contain_text("2 selected")
    page.wait_for_timeout(800)
    assert shown.view.selection == [3, 1]


def test_tags_given_elsewhere_appear(shown: Shown, page: Page) -> None:
    shown.view._running.session.catalog.marks.change([2], add=["from afar"])
    facet = page.get_by_role("region", name="Tags")
    page.get_by_label("Order").select_option("-index")
    expect(facet.get_by_role("button", name="from afar")).to_be_visible()


def test_changed_weights_are_predicted_with_anew(shown: Shown, page: Page) -> None:
    before = page.locator(".verdict-name").all_inner_texts()
    with torch.no_grad():
        shown.model.head.weight.mul_(-1)
        shown.model.head.bias.mul_(-1)
    expect(page.get_by_text("The model changed")).to_be_visible()
    page.wait_for_function(
        "before => { const now = [...document.querySelectorAll('.verdict-name')]"
        ".map((name) => name.innerText); return now.length === before.length &&"
        " !now.includes('not predicted yet') && now.join() !== before.join(); }",
        arg=before,
    )


def test_a_lost_server_is_told_and_its_return_goes_on_by_itself(shown: Shown, page: Page) -> None:
    shown.stop()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    assert page.locator("a.card").count() > 0, "what was on screen stays"
    shown.start_again("Come back")
    expect(page.get_by_text("The server does not answer")).to_have_count(0)
    expect(page.locator(".board-name")).to_contain_text("Come back")
    page.get_by_role("region", name="Outcome").get_by_role("button", name="Right").click()
    expect(page.get_by_role("button", name="Remove right")).to_be_visible()
    expect(Gallery(page).cards.first).to_be_visible()
