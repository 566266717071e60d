"""Methods that explain a layer: choose it, and see its map over the picture."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import Explain


def test_a_map_of_a_layer_lies_over_the_picture(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.choose("Grad-CAM")
    expect(explain.photo).to_contain_text(re.compile(r"cnn\.\d+: \d+ × \d+ places"))
    first = explain.picture()
    page.get_by_role("button", name=re.compile("^layer cnn")).click()
    page.get_by_role("searchbox", name="Find a layer").fill("conv")
    layers = page.get_by_role("region", name="Layer", exact=True).locator("button.layer")
    expect(layers.first).to_contain_text("Conv2d")
    layers.first.click()
    expect(explain.made_by).to_contain_text("Layercnn.0")
    explain.expect_result("Grad-CAM")
    expect(page).to_have_url(re.compile(r"layer=cnn\.0"))
    assert explain.picture() != first
    page.reload()
    expect(explain.made_by).to_contain_text("Layercnn.0")
    explain.choose("Integrated Gradients")
    expect(explain.made_by).not_to_contain_text("Layer")


def test_a_layer_of_words_colours_the_words(page: Page) -> None:
    explain = Explain(page)
    explain.open(19, method="LayerConductance", layer="embedding")
    explain.expect_result("Layer conductance")
    values = explain.question.locator(".token small").all_inner_texts()
    assert any(re.fullmatch(r"\u2212?\d+\.\d+", value) for value in values)
    panel = page.get_by_role("region", name="layer embedding")
    expect(panel.get_by_role("listitem").first).to_contain_text(re.compile(r"channel \d+"))
    expect(explain.contributions).to_contain_text("no inputs to compare")


def test_a_layer_without_places_shows_its_units(page: Page) -> None:
    explain = Explain(page)
    explain.open(19, method="LayerConductance", layer="head.0")
    explain.expect_result("Layer conductance")
    panel = page.get_by_role("region", name="layer head.0")
    expect(panel.get_by_role("listitem").first).to_contain_text(re.compile(r"unit \d+"))
