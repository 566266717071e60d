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


def test_pictures_zoom_and_move_in_step(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    before = explain.picture()
    explain.photo.get_by_role("button", name="Closer").click()
    expect(page).to_have_url(re.compile("zoom=1.5"))
    expect(explain.photo).to_contain_text("1.5×")
    canvas = explain.photo.get_by_label("photo as it is")
    canvas.focus()
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("zoom=2.25"))
    assert explain.picture() != before
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, box["y"] + 10, steps=3)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2)
    expect(explain.photo.locator(".readout")).to_contain_text(re.compile("x (5|6).*, y (5|6)"))
    page.keyboard.press("0")
    expect(page).not_to_have_url(re.compile("zoom"))


def test_contours_swipe_and_one_scale_for_all(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    explain.photo.get_by_role("button", name="Contour").click()
    expect(explain.photo).to_contain_text(re.compile(r"lines at [\d.e−]+, [\d.e−]+, "))
    explain.photo.get_by_role("button", name="Blend").click()
    explain.photo.get_by_label("Scale").select_option(label="One scale for all")
    ends = [panel.locator(".legend").inner_text() for panel in (explain.photo, explain.question)]
    assert ends[0] == ends[1]
    explain.photo.get_by_label("swipe").check()
    edge = explain.photo.get_by_label("Edge between original and attribution")
    edge.fill("20")
    expect(page).to_have_url(re.compile("swipe=20"))
    expect(explain.photo.locator("canvas")).to_have_count(1)


def test_pointing_at_a_word_marks_it_in_every_list_and_back(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    strongest = page.get_by_role("region", name="Strongest features").get_by_role("listitem")
    word = explain.question.locator(".token", has_text="color")
    word.hover()
    expect(strongest.filter(has_text="color")).to_have_class(re.compile("on"))
    expect(explain.question.locator(".readout")).to_contain_text("of all strength in this text")
    explain.question.get_by_text("Top words").click()
    row = explain.question.get_by_role("row", name=re.compile("^color"))
    row.hover()
    expect(word).to_have_class(re.compile(r"\bon\b"))
    strongest.filter(has_text="triangle").hover()
    expect(explain.question.locator(".token", has_text="triangle")).to_have_class(
        re.compile(r"\bon\b")
    )


def test_any_two_classes_against_each_other(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    explain.targets.get_by_role("button", name="other pair").click()
    pane = page.get_by_role("region", name="One class rather than another")
    pane.get_by_label("Why").fill("teal")
    pane.get_by_label("rather than").fill("yes")
    pane.get_by_role("button", name="Explain the difference").click()
    explain.expect_result("Integrated Gradients", "teal rather than yes")
