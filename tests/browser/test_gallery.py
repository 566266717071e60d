"""Launch the dashboard and look at the examples."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Asked, Gallery
from tests.browser.server import DemoServer
from tests.browser.watch import Problems


@pytest.fixture
def gallery(page: Page) -> Gallery:
    return Gallery(page)


def test_launch_shows_every_example(gallery: Gallery, page: Page, demo_server: DemoServer) -> None:
    gallery.open()
    expect(page).to_have_title(re.compile("Examples .* AttriBoard"))
    size = demo_server.get("api/board").json()["size"]
    gallery.expect_total(size)
    expect(gallery.total).to_contain_text(re.compile(r"accuracy 9.* macro F1 0\.9"))
    card = gallery.cards.first
    expect(card.locator(".card-text")).not_to_be_empty()
    expect(card.locator(".verdict")).to_have_text(re.compile(r"\w+\s*[<>]?[01]\.\d{3}"))
    page.wait_for_function("[...document.images].some((image) => image.naturalWidth > 1)")
    assert gallery.cards.count() < 200, "only the cards near the window are in the page"


def test_nothing_moves_where_motion_is_reduced(gallery: Gallery, page: Page) -> None:
    """A theme's ink then reaches every word at once."""
    gallery.open()
    moving = """() => [...document.querySelectorAll("*")].filter(
      (element) => getComputedStyle(element).transitionProperty !== "none").length"""
    assert page.evaluate(moving) == 0
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    inks = """() => [...new Set([...document.querySelectorAll("h1, .card-text, .board-name")]
      .map((element) => getComputedStyle(element).color))]"""
    assert len(page.evaluate(inks)) == 2  # the ink, and the quieter one of the board's name


def test_facets_narrow_the_list_and_say_how_far(gallery: Gallery, page: Page) -> None:
    gallery.open()
    label = page.get_by_role("region", name="Label")
    red = label.get_by_role("button", name=re.compile("^red"))
    count = int(re.sub(r"\D", "", red.inner_text()))
    red.click()
    gallery.expect_total(count)
    page.get_by_role("searchbox").fill("triangle")
    expect(page.get_by_text("contains “triangle”")).to_be_visible()
    expect(gallery.cards.first.locator("mark")).to_have_text("triangle")
    page.get_by_role("button", name="Clear all").click()
    gallery.expect_total(9673)


def test_a_condition_the_server_cannot_read_is_explained_at_its_field(
    gallery: Gallery, page: Page, problems: Problems
) -> None:
    problems.expect("422")
    gallery.open()
    where = page.get_by_role("textbox", name="Where")
    where.fill("correct = maybe")
    where.press("Enter")
    region = page.get_by_role("region", name="Where")
    expect(region.get_by_role("alert")).to_have_text(re.compile(r"\w.*\."))
    expect(where).to_have_attribute("aria-invalid", "true")
    where.fill('question contains "not" and score > 0.9')
    where.press("Enter")
    expect(region.get_by_role("alert")).to_have_count(0)
    expect(gallery.cards.first).to_contain_text("not")


def test_the_end_of_a_long_list_is_a_key_away(gallery: Gallery, page: Page) -> None:
    asked = Asked(page)
    gallery.open()
    gallery.cards.first.focus()
    page.keyboard.press("End")
    expect(page.locator('[data-position="9672"]')).to_be_focused()
    assert asked.count("GET", "api/examples?") < 20
