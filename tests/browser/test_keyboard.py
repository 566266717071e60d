"""The whole way by keyboard: no mouse, and the focus always in sight."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import Explain, Gallery

MOST_TABS = 60
SKIP = "a.skip[href='#examples']"


def test_from_the_search_to_another_target_by_keys_alone(page: Page) -> None:
    gallery, explain = Gallery(page), Explain(page)
    gallery.open(sample=20, draw=3)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("is")
    page.keyboard.press("Enter")
    expect(page.get_by_text("contains “is”")).to_be_visible()
    tab_to(page, SKIP)
    page.keyboard.press("Enter")
    tab_to(page, "a.card")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(gallery.cards.nth(2)).to_be_focused()
    example = gallery.shown()[2]
    page.keyboard.press("Enter")
    explain.expect_result("Integrated Gradients")
    expect(page).to_have_url(re.compile(rf"example={example}\b"))
    page.keyboard.press("j")
    expect(page).not_to_have_url(re.compile(rf"example={example}\b"))
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(rf"example={example}\b"))
    explain.expect_result("Integrated Gradients")
    tab_to(page, "button.target")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    explain.expect_result("Integrated Gradients", explain.target_name(1))
    tab_to(page, ".method-select")
    page.keyboard.type("Occl")
    explain.expect_result("Occlusion")
    tab_to(page, "canvas")
    page.keyboard.press("ArrowDown")
    expect(explain.photo.locator(".readout")).to_contain_text("x 32, y 32")
    page.keyboard.press("g")
    page.keyboard.press("e")
    expect(gallery.total).to_be_visible()


def test_the_list_of_keys_opens_and_closes_and_gives_the_focus_back(page: Page) -> None:
    Gallery(page).open()
    tab_to(page, SKIP)
    page.keyboard.press("Enter")
    tab_to(page, "a.card")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_contain_text("Next example")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(page.locator("a.card").first).to_be_focused()


def test_a_pane_lies_in_the_window_and_closes_with_escape(page: Page) -> None:
    page.set_viewport_size({"width": 800, "height": 900})
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    button = page.get_by_role("button", name="Settings")
    button.focus()
    page.keyboard.press("Enter")
    pane = page.get_by_role("region", name="All settings")
    box = pane.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 800
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(pane).to_have_count(0)
    expect(button).to_be_focused()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what `selector` finds, and see that it shows."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("part => document.activeElement.matches(part)", selector):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"{MOST_TABS} presses of Tab do not lead to {selector}")
