"""What would the model say if: type, paint, drop, take words away; kept beside the original."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.pages import Explain, Gallery
from tests.browser.watch import Problems, serious_violations


class WhatIf:
    """The editor in Explain, and what comes of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.editor = page.get_by_role("region", name="What if")
        self.answers = page.get_by_role("region", name="What the change does to the prediction")
        self.canvas = self.editor.get_by_label(re.compile("^Paint over photo"))

    def open(self, example: int = 19) -> None:
        explain = Explain(self.page)
        explain.open(example)
        explain.expect_result("Integrated Gradients")
        self.page.get_by_role("button", name="What if", exact=True).click()

    def cover(self) -> None:
        """A box over the whole lower half of the picture."""
        box = self.canvas.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] - 2, steps=3)
        self.page.mouse.up()
        expect(self.editor).to_contain_text(re.compile("Changed: .*photo"))

    def run(self) -> int:
        self.editor.get_by_role("button", name="Run the change").click()
        expect(self.answers).to_be_visible()
        expect(self.page.locator(".stale")).to_have_count(0)
        expect(self.page.get_by_role("region", name="photo, original")).to_contain_text("for +")
        found = re.search(r"example=(\d+)", self.page.url)
        assert found is not None
        return int(found[1])


def test_a_covered_shape_and_another_question_are_kept_beside_the_original(page: Page) -> None:
    what_if = WhatIf(page)
    what_if.open()
    expect(what_if.editor.get_by_role("button", name="Run the change")).to_be_disabled()
    what_if.editor.get_by_label("Text of question").fill("is there a blue triangle?")
    what_if.cover()
    index = what_if.run()
    expect(what_if.answers).to_contain_text(re.compile("^The answer turns from blue to"))
    original = page.get_by_role("region", name="question, original")
    expect(original).to_contain_text("color")
    expect(page.locator("h1")).to_have_text("is there a blue triangle?")
    page.reload()
    expect(what_if.answers).to_be_visible()
    page.goto("/")
    own = page.get_by_role("region", name="Examples of your own")
    own.get_by_role("link", name="is there a blue triangle?").click()
    expect(page).to_have_url(re.compile(f"example={index}"))
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page).to_have_url(re.compile("example=19"))
    page.goto("/")
    expect(page.locator("a.card").first).to_be_visible()
    expect(own).to_have_count(0)


def test_ones_own_are_listed_and_filtered_like_the_others(page: Page) -> None:
    what_if = WhatIf(page)
    what_if.open(21)
    what_if.editor.get_by_label("Text of question").fill("is there a zebra?")
    index = what_if.run()
    page.goto("/")
    page.get_by_role("button", name="List, filter and sort them").click()
    gallery = Gallery(page)
    expect(gallery.total).to_contain_text("of your own")
    page.get_by_role("searchbox", name="Search in question").fill("ZEBRA")
    expect(gallery.total).to_contain_text("1 example of your own")
    assert gallery.shown() == [index]
    expect(gallery.cards.first).to_contain_text(re.compile(r"yes|no"))
    page.locator(".pick").first.click()
    page.get_by_label("Tag for 1 example").fill("no such animal")
    page.get_by_role("button", name="Add tag").click()
    note = page.get_by_label(f"Note on {index}")
    note.fill("It guesses")
    note.press("Enter")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.goto('/?own=true&tag=no such animal&where=note contains "guess"')
    expect(gallery.total).to_contain_text("1 example of your own")
    gallery.cards.first.click()
    page.get_by_role("button", name="Pin", exact=True).click()
    page.goto("/")
    page.get_by_role("link", name=f"Pinned example {index}").click()
    expect(what_if.answers).to_be_visible()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.goto("/?own=true&q=zebra")
    expect(page.get_by_role("heading", name="No example matches")).to_be_visible()


def test_words_are_left_out_one_by_one(page: Page) -> None:
    what_if = WhatIf(page)
    what_if.open()
    what_if.editor.get_by_role("button", name="Leave out color").click()
    expect(what_if.editor.get_by_label("Text of question")).to_have_value(
        "what is the of the triangle?"
    )
    what_if.run()
    expect(page.locator("h1")).to_have_text("what is the of the triangle?")


def test_a_dropped_picture_takes_the_place_of_the_photo(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "mine.png"
    Image.new("RGB", (200, 150), (20, 20, 200)).save(file)
    what_if = WhatIf(page)
    what_if.open()
    what_if.editor.get_by_label("Another picture in place of photo").set_input_files(file)
    expect(what_if.editor.get_by_role("img", name="What takes the place of photo")).to_be_visible()
    index = what_if.run()
    body = page.request.get(f"/api/examples/{index}/inputs/photo").body()
    with Image.open(io.BytesIO(body)) as image:
        assert image.size == (64, 64)
        assert image.getpixel((32, 32)) == (20, 20, 200)


def test_what_is_no_picture_is_said_where_it_was_given(
    page: Page, tmp_path: Path, problems: Problems
) -> None:
    file = tmp_path / "mine.png"
    file.write_bytes(b"no picture at all")
    problems.expect("422")
    what_if = WhatIf(page)
    what_if.open()
    what_if.editor.get_by_label("Another picture in place of photo").set_input_files(file)
    what_if.editor.get_by_role("button", name="Run the change").click()
    expect(what_if.editor.get_by_role("alert")).to_contain_text("cannot be read as a picture")


def test_painting_by_keyboard(page: Page) -> None:
    what_if = WhatIf(page)
    what_if.open()
    what_if.canvas.focus()
    for key in ("ArrowDown", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(what_if.editor).to_contain_text("Changed: photo")
    what_if.editor.get_by_role("button", name="Undo").click()
    expect(what_if.editor).to_contain_text("Nothing is changed yet")


def test_a_text_from_right_to_left(page: Page) -> None:
    what_if = WhatIf(page)
    what_if.open()
    what_if.editor.get_by_label("Text of question").fill("מה צבע blue המשולש")
    what_if.run()
    tokens = page.get_by_role("region", name="The change").locator(".tokens")
    expect(tokens).to_have_css("direction", "rtl")


def test_a_file_and_another_example_serve_as_baselines(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "absent.png"
    Image.new("RGB", (64, 64), (228, 228, 250)).save(file)
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    page.get_by_role("button", name=re.compile("^baseline")).click()
    page.get_by_label("Baseline of photo").first.select_option(label="a file of your own")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("button", name=re.compile("^baseline"))).to_contain_text("own file")
    explain.run.click()
    expect(explain.made_by).to_contain_text(re.compile("Baseline of photoexample 9"))
    page.get_by_role("button", name=re.compile("^baseline")).click()
    page.get_by_label("Baseline of photo").first.select_option(label="another example")
    page.get_by_label(re.compile("^Index of the example that is the baseline of photo")).fill("23")
    explain.run.click()
    expect(explain.made_by).to_contain_text("Baseline of photoexample 23")
    expect(page).to_have_url(re.compile("example=19"))


@pytest.mark.parametrize("name", ["what-if", "beside"])
def test_every_screen_is_open_to_everybody(
    name: str,
    page: Page,
    screenshots: Callable[[str], None],
    on_screen: Callable[[tuple[int, str]], None],
) -> None:
    what_if = WhatIf(page)
    what_if.open(40)
    if name == "beside":
        what_if.cover()
        what_if.run()
    screenshots(name)
    for theme in ("light", "dark"):
        on_screen((1400, theme))
        assert serious_violations(page) == []
