"""Why this answer: run a method, switch the target, compare another method, and nothing twice."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.pages import Asked, Explain, Gallery
from tests.browser.server import DemoServer


def test_a_new_look_at_what_is_known_computes_nothing(page: Page, demo_server: DemoServer) -> None:
    asked, explain = Asked(page), Explain(page)
    Gallery(page).open()
    Gallery(page).cards.first.click()
    explain.expect_result("Integrated Gradients")
    own, other = explain.target_name(0), explain.target_name(1)
    gradients = explain.numbers()
    explain.target(1).click()
    explain.expect_result("Integrated Gradients", other)
    assert explain.numbers()["contributions"] != gradients["contributions"]
    explain.target(0).click()
    explain.expect_result("Integrated Gradients", own)
    explain.choose("Occlusion")
    assert asked.count("POST", "api/attributions") == 3
    posts, rows = asked.count("POST", ""), _rows(demo_server)
    explain.choose("Integrated Gradients")
    assert explain.numbers() == gradients
    explain.choose("Occlusion")
    explain.choose("Integrated Gradients")
    explain.target(1).click()
    explain.expect_result("Integrated Gradients", other)
    assert asked.count("POST", "") == posts
    assert _rows(demo_server) == rows


def test_the_first_sight_of_an_example_holds_photo_question_and_contributions(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    expect(explain.photo).to_contain_text(re.compile(r"64 × 64.* % of all strength"))
    expect(explain.photo).to_contain_text(re.compile(r"−\S+ against.*for \+\S+", re.S))
    tokens = explain.question.locator(".token")
    words = page.locator("h1").inner_text().rstrip("?").split()
    assert tokens.locator("span").all_inner_texts()[: len(words)] == words
    values = tokens.locator("small").all_inner_texts()
    assert all(re.fullmatch(r"\u2212?\d+(\.\d+)?", value) for value in values), values
    expect(explain.contributions.get_by_role("listitem")).to_have_count(2)
    assert explain.fact("Completeness gap") < 10


def test_the_value_under_the_pointer_is_read_out(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    canvas = explain.photo.get_by_label("Attributions of photo")
    canvas.hover(position={"x": 5, "y": 5})
    readout = explain.photo.locator(".readout")
    expect(readout).to_contain_text(re.compile(r"x 1, y 1.*channels.*pixel \d+ \d+ \d+", re.S))
    canvas.focus()
    page.keyboard.press("ArrowRight")
    expect(readout).to_contain_text(re.compile(r"x \d+, y \d+"))


def test_drawing_otherwise_asks_nothing(page: Page) -> None:
    asked, explain = Asked(page), Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    expect(page.get_by_text("stored")).to_be_visible()
    before, drawn = _questions(asked), explain.picture()
    page.get_by_role("button", name="Heat").click()
    page.get_by_label("Sign").select_option(label="Against only")
    page.get_by_label("clip").fill("95")
    expect(page).to_have_url(re.compile("draw=heat.*sign=negative.*clip=95"))
    page.wait_for_function(
        "([before]) => document.querySelectorAll('canvas')[1].toDataURL() !== before", arg=[drawn]
    )
    assert _questions(asked) == before


def test_one_class_rather_than_another(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    chip = explain.targets.get_by_role("button", name=re.compile(" rather than "))
    words = chip.inner_text()
    chip.click()
    explain.expect_result("Integrated Gradients", words)


def _questions(asked: Asked) -> int:
    """Those about attributions: the list beside them may still be on its way."""
    return asked.count("POST", "") + asked.count("GET", "api/results")


def _rows(server: DemoServer) -> float:
    """Rows the server has sent through its model."""
    found = re.search(r"^attriboard_model_rows_total (\S+)", server.get("metrics").text, re.M)
    assert found is not None
    return float(found[1])
