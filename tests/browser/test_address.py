"""A link holds the whole view: a reload shows the same, back and forward go through results."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import Asked, Explain, Gallery
from tests.browser.watch import Problems


def test_a_reload_shows_the_same_to_the_last_number(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    target = explain.target_name(1)
    explain.target(1).click()
    explain.method.select_option(label="Occlusion")
    explain.expect_result("Occlusion", target)
    page.get_by_role("button", name="Heat").click()
    page.get_by_label("Sign").select_option(label="Strength")
    page.get_by_label("clip").fill("97")
    page.get_by_label("smooth").check()
    explain.contributions.get_by_role("button", name="Net").click()
    before, drawn = explain.numbers(), explain.picture()
    page.reload()
    explain.expect_result("Occlusion", target)
    assert explain.numbers() == before
    for name in ("Heat", "Net"):
        expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Sign")).to_have_value("absolute")
    expect(page.get_by_label("clip")).to_have_value("97")
    expect(page.get_by_label("smooth")).to_be_checked()
    page.wait_for_function(
        "([drawn]) => document.querySelectorAll('canvas')[1].toDataURL() === drawn", arg=[drawn]
    )


def test_parameters_and_baseline_live_in_the_link(page: Page) -> None:
    explain = Explain(page)
    explain.open(19, p__n_steps=20, b__photo="black", seed=4)
    explain.expect_result("Integrated Gradients")
    expect(explain.made_by).to_contain_text("n steps20")
    expect(explain.made_by).to_contain_text("Baseline of photoBlack")
    expect(explain.made_by).to_contain_text("Seed4")
    expect(page.get_by_label("n steps")).to_have_value("20")


def test_back_and_forward_go_from_result_to_result(page: Page) -> None:
    gallery, explain = Gallery(page), Explain(page)
    gallery.open(sample=20, draw=3)
    gallery.cards.nth(2).click()
    explain.expect_result("Integrated Gradients")
    own, other = explain.target_name(0), explain.target_name(1)
    explain.target(1).click()
    explain.expect_result("Integrated Gradients", other)
    explain.choose("Saliency")
    asked = Asked(page)
    page.go_back()
    explain.expect_result("Integrated Gradients", other)
    page.go_back()
    explain.expect_result("Integrated Gradients", own)
    page.go_forward()
    page.go_forward()
    explain.expect_result("Saliency", other)
    page.go_back()
    page.go_back()
    page.go_back()
    expect(gallery.cards).to_have_count(20)
    expect(gallery.cards.nth(2)).to_be_focused()
    page.go_forward()
    explain.expect_result("Integrated Gradients", own)
    assert asked.count("POST", "") == 0


def test_a_link_to_an_example_far_down_the_list_shows_its_neighbours(page: Page) -> None:
    explain = Explain(page)
    explain.open(9672)
    explain.expect_result("Integrated Gradients")
    expect(page.get_by_role("button", name="Next example")).to_be_disabled()
    expect(explain.strip.get_by_role("button").last).to_have_attribute("aria-current", "true")


def test_a_link_that_asks_for_what_is_not_there_says_so_with_a_way_on(
    page: Page, problems: Problems
) -> None:
    explain = Explain(page)
    explain.open(3, method="Nonsense")
    expect(page.get_by_role("note")).to_contain_text("no method called Nonsense")
    explain.choose("Saliency")
    expect(page).to_have_url(re.compile("method=Saliency"))
    problems.expect("404")
    explain.open(99_999)
    expect(page.get_by_role("alert")).to_contain_text("There is no example 99999")
    page.get_by_role("button", name="Show the first example").click()
    explain.expect_result("Integrated Gradients")
