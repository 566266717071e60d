"""The command palette: everywhere from one field, by keys alone."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SCREENS
from tests.browser.pages import Explain, Gallery
from tests.browser.watch import serious_violations


def _open(page: Page) -> Locator:
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Search or run")
    expect(palette.get_by_role("combobox")).to_be_focused()
    return palette


def test_an_example_a_method_and_a_filter_by_name(page: Page) -> None:
    gallery, explain = Gallery(page), Explain(page)
    gallery.open()
    _open(page)
    page.keyboard.type("19")
    page.keyboard.press("Enter")
    explain.expect_result("Integrated Gradients")
    expect(page).to_have_url(re.compile("example=19"))
    _open(page)
    page.keyboard.type("salien")
    page.keyboard.press("Enter")
    explain.expect_result("Saliency")
    _open(page)
    page.keyboard.type("most conf")
    page.keyboard.press("Enter")
    gallery.expect_total(50)
    expect(page).to_have_url(re.compile("correct=false.*sort=-score"))


def test_what_cannot_run_says_why_and_what_is_not_there_too(page: Page) -> None:
    Gallery(page).open()
    palette = _open(page)
    page.keyboard.type("99999")
    option = palette.get_by_role("option").first
    expect(option).to_have_attribute("aria-disabled", "true")
    expect(option).to_contain_text("there are 9673")
    page.keyboard.press("Enter")
    expect(palette).to_be_visible()
    palette.get_by_role("combobox").fill("zebra crossing")
    expect(palette).to_contain_text("Nothing is called so.")
    page.keyboard.press("Escape")
    expect(palette).to_have_count(0)


def test_the_arrows_go_round_and_it_is_open_to_everybody(page: Page, on_screen: object) -> None:
    Gallery(page).open()
    page.locator("#search").focus()
    palette = _open(page)
    page.keyboard.press("ArrowUp")
    expect(palette.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(palette.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    for screen in SCREENS:
        on_screen(screen)  # type: ignore[operator]
        assert serious_violations(page) == [], screen
