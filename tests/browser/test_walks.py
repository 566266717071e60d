"""The questions of the five views, answered from the address alone, in a few clicks each."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Clicks, Explain, Gallery, number
from tests.browser.test_trust import LONG


class Walk:
    """A page that counts what its reader clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._clicks = Clicks(page)
        page.goto("/")
        expect(page.locator("a.card").first).to_be_visible()

    def press(self, name: str | re.Pattern[str]) -> None:
        """A button or a link by what is written on it."""
        page = self.page
        page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).click()

    def clicks(self) -> int:
        return self._clicks.count()


@pytest.fixture
def walk(page: Page) -> Walk:
    return Walk(page)


def test_which_examples_should_i_look_at(walk: Walk) -> None:
    walk.press("Most confident mistakes")
    gallery = Gallery(walk.page)
    expect(gallery.total).to_contain_text(re.compile(r"^\d+ of 9,673 examples$"))
    sure = [number(text) for text in walk.page.locator("a.card .num").all_inner_texts()[:6]]
    assert sure == sorted(sure, reverse=True)
    expect(gallery.cards.first).to_contain_text("label")
    assert walk.clicks() == 1


def test_why_this_answer_and_can_i_believe_it(
    walk: Walk, open_to_everybody: Callable[[str], None]
) -> None:
    explain = Explain(walk.page)
    walk.page.locator("a.card").first.click()
    explain.expect_result("Integrated Gradients")
    expect(explain.photo).to_contain_text("for +")
    expect(walk.page.get_by_role("region", name="Strongest features")).to_contain_text("photo")
    walk.press("Measure how faithful it is")
    expect(explain.trust).to_contain_text(re.compile("beats|no better|hardly"), timeout=LONG)
    expect(explain.trust).to_contain_text(re.compile("map changes|in part"), timeout=LONG)
    for figure in ("Infidelity", "Max-sensitivity", "Deletion AUC", "Insertion AUC"):
        assert explain.fact(figure) >= 0
    assert walk.clicks() == 2
    open_to_everybody("explain-measured")


def test_do_methods_agree(walk: Walk) -> None:
    walk.press("Compare")
    words = walk.page.locator(".agreement-sentence")
    expect(words).to_contain_text(re.compile("agree|differ"))
    assert walk.clicks() == 1


def test_what_decides_the_answers_over_the_dataset(walk: Walk) -> None:
    walk.press("Modalities")
    walk.press("Look at a random 300 instead")
    walk.press(re.compile("^Compute 300 examples"))
    answer = walk.page.get_by_role("region", name="Without an input")
    expect(answer).to_contain_text(re.compile("the model uses it"), timeout=LONG)
    assert walk.clicks() == 3


def test_which_method_may_i_rely_on(walk: Walk) -> None:
    walk.press("Trust")
    walk.press("Measure")
    words = walk.page.get_by_role("region", name="In words")
    expect(words).to_contain_text(re.compile("random order|random weights"), timeout=LONG)
    assert walk.clicks() == 2
    walk.press("Cancel: Measuring")  # the rest would say the same of other methods
