"""Wrong predictions, a few of them at random: the same ones whatever else changes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Explain, Gallery
from tests.browser.server import DemoServer


@pytest.fixture
def wrong(demo_server: DemoServer) -> int:
    total: int = demo_server.get("api/examples?correct=false&limit=1").json()["total"]
    assert total > 1
    return total


def test_wrong_predictions_twenty_at_random(page: Page, wrong: int) -> None:
    gallery = Gallery(page)
    gallery.open()
    gallery.choose("Wrong")
    gallery.expect_total(wrong)
    gallery.draw(20)
    gallery.expect_total(min(20, wrong))
    drawn = gallery.shown()
    assert len(set(drawn)) == min(20, wrong)
    for card in gallery.cards.all():
        expect(card.locator(".verdict")).to_contain_text("wrong, label")
    page.reload()
    expect(gallery.cards).to_have_count(len(drawn))
    assert gallery.shown() == drawn


def test_a_seed_draws_the_same_again_and_another_one_others(page: Page) -> None:
    gallery = Gallery(page)
    gallery.open()
    gallery.draw(20, seed=3)
    gallery.expect_total(20)
    expect(gallery.cards).to_have_count(20)
    third = gallery.shown()
    page.get_by_role("button", name="Draw again").click()
    expect(gallery.total).to_contain_text("seed 4")
    expect(page.locator(".grid[aria-busy=false]")).to_be_visible()
    fourth = gallery.shown()
    assert len(fourth) == 20
    assert fourth != third
    gallery.open(sample=20, draw=3)
    expect(gallery.cards).to_have_count(20)
    assert gallery.shown() == third


def test_the_examples_stay_when_method_and_target_change(page: Page) -> None:
    gallery, explain = Gallery(page), Explain(page)
    gallery.open(sample=20, draw=3)
    expect(gallery.cards).to_have_count(20)
    drawn = gallery.shown()
    gallery.cards.nth(4).click()
    explain.expect_result("Integrated Gradients")
    before = explain.strip.inner_html()
    explain.target(1).click()
    explain.expect_result("Integrated Gradients", explain.target_name(1))
    explain.choose("Occlusion")
    assert explain.strip.inner_html() == before
    page.get_by_role("button", name="Next example").click()
    expect(page).to_have_url(re.compile(rf"example={drawn[5]}\b"))
    page.get_by_role("link", name="Examples").click()
    expect(gallery.cards).to_have_count(20)
    assert gallery.shown() == drawn
