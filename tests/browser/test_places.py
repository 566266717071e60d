"""Outputs with several places: choose the position or the head, and see its own explanation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Explain, Gallery
from tests.browser.server import DemoServer, start_board

HERE = Path(__file__).parent
BOARDS = ("taggers", "two_heads", "segments", "next_tokens", "answers")


@pytest.fixture(scope="module", params=BOARDS)
def demo_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoServer]:
    """A small board in place of the demo."""
    folder = tmp_path_factory.mktemp(request.param)
    log = folder / "server.log"
    with start_board(HERE / f"{request.param}.py", folder / "store", log) as server:
        server.wait_until_predicted()
        yield server


def only(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("demo_server", [name], indirect=True, scope="module")


@only("taggers")
def test_each_position_is_explained_by_the_words_it_sees(
    page: Page, demo_server: DemoServer, open_to_everybody: Callable[[str], None]
) -> None:
    row = next(
        item
        for item in demo_server.get("api/examples?limit=60").json()["items"]
        if re.search(r"not (cat|dog) .*(here|there|a) (cat|dog)", item["texts"]["text"])
    )
    words = row["texts"]["text"].split()
    wild = next(
        i for i, w in enumerate(words) if i and w in ("cat", "dog") and words[i - 1] == "not"
    )
    explain = Explain(page)
    explain.open(row["index"])
    places = page.get_by_role("region", name="Explained position")
    expect(places.get_by_role("button")).to_have_count(len(words))
    expect(places.get_by_role("button").nth(wild)).to_contain_text("WILD")
    for position in (wild, wild + 1):
        places.get_by_role("button").nth(position).click()
        said = "WILD" if position == wild else None
        explain.expect_result("Integrated Gradients", said and f"{said} at position {position}")
        expect(places.locator("[aria-pressed=true]")).to_have_count(1)
        values = page.locator(".token small").all_inner_texts()
        far = [value for i, value in enumerate(values) if i not in (position - 1, position)]
        assert all(value in ("0", "0.00", "0.000") for value in far), values
    places.get_by_role("button").nth(wild).click()
    explain.expect_result("Integrated Gradients", f"WILD at position {wild}")
    explain.target(1).click()
    expect(explain.made_by).to_contain_text(re.compile(rf"Target(PET|O) at position {wild}"))
    page.get_by_role("button", name=re.compile("rather than")).click()
    expect(explain.made_by).to_contain_text("rather than")
    page.reload()
    expect(explain.made_by).to_contain_text("rather than")
    open_to_everybody("places-position")


@only("taggers")
def test_examples_are_found_by_the_tags_in_them(page: Page) -> None:
    gallery = Gallery(page)
    gallery.open(where='label contains "WILD" and accuracy = 1')
    shown = gallery.shown()
    assert 0 < len(shown) < 60
    expect(gallery.cards.first).to_contain_text("WILD")


@only("taggers")
def test_an_element_of_the_output_may_stand_in_the_link(page: Page) -> None:
    explain = Explain(page)
    explain.open(0, target="1,2")
    explain.expect_result("Integrated Gradients", "WILD at position 1")
    places = page.get_by_role("region", name="Explained position")
    expect(places.get_by_role("button").nth(1)).to_have_attribute("aria-pressed", "true")


@only("two_heads")
def test_each_head_is_explained(page: Page, open_to_everybody: Callable[[str], None]) -> None:
    explain = Explain(page)
    explain.open(3)
    explain.expect_result("Integrated Gradients")
    expect(explain.made_by).to_contain_text("Targetkind: ")
    expect(explain.targets).to_be_visible()
    heads = page.get_by_role("region", name="Explained head")
    before = page.locator("table.columns").inner_text()
    heads.get_by_role("button", name=re.compile("^weight")).click()
    explain.expect_result("Integrated Gradients", "weight")
    expect(explain.targets).to_have_count(0)
    assert page.locator("table.columns").inner_text() != before
    open_to_everybody("places-head")
    page.reload()
    explain.expect_result("Integrated Gradients", "weight")
    heads.get_by_role("button", name=re.compile("^kind")).click()
    expect(explain.made_by).to_contain_text("Targetkind: ")


@only("two_heads")
def test_other_heads_are_columns_to_sort_by(page: Page) -> None:
    gallery = Gallery(page)
    gallery.open(sort="-weight_abs_residual", where="weight > 0")
    assert len(gallery.shown()) > 3


@only("segments")
def test_a_click_on_a_pixel_explains_it(
    page: Page, open_to_everybody: Callable[[str], None]
) -> None:
    explain = Explain(page)
    explain.open(0)
    explain.expect_result("Integrated Gradients")
    expect(explain.made_by).to_contain_text(re.compile(r"Targetmask: red at x \d+, y \d+"))
    panel = page.get_by_role("region", name="Segmentation")
    expect(panel.get_by_role("list", name="Classes in this picture")).to_contain_text("nothing")
    canvas = panel.get_by_role("img")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.5 / 16, "y": box["height"] * 15.5 / 16})
    explain.expect_result("Integrated Gradients", "mask: nothing at x 0, y 15")
    expect(panel.locator(".readout")).to_contain_text("x 0, y 15")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(explain.made_by).to_contain_text(re.compile("Targetmask: nothing at x 1, y 15|x 8, y 8"))
    page.reload()
    expect(explain.made_by).to_contain_text(re.compile("Targetmask: nothing at x 1, y 15|x 8, y 8"))
    panel.get_by_role("button", name="Wrong").click()
    page.reload()
    expect(panel.get_by_role("button", name="Wrong")).to_have_attribute("aria-pressed", "true")
    panel.get_by_role("button", name="Predicted").click()
    open_to_everybody("places-pixel")


@only("segments")
def test_a_plain_head_stands_beside_one_of_pixels(
    page: Page, open_to_everybody: Callable[[str], None]
) -> None:
    explain = Explain(page)
    explain.open(0, target="0,15,0,0")
    explain.expect_result("Integrated Gradients", "mask: nothing at x 0, y 15")
    heads = page.get_by_role("region", name="Explained head")
    panel = page.get_by_role("region", name="Segmentation")
    expect(panel).to_be_visible()
    heads.get_by_role("button", name=re.compile("^kind")).click()
    expect(explain.made_by).to_contain_text(re.compile("Targetkind: (red|blue|both)"))
    expect(panel).to_have_count(0)
    explain.target(1).click()
    expect(explain.made_by).to_contain_text(re.compile("Targetkind: (red|blue|both)"))
    page.reload()
    expect(explain.made_by).to_contain_text(re.compile("Targetkind: (red|blue|both)"))
    open_to_everybody("places-heads-of-pixels")
    heads.get_by_role("button", name=re.compile("^mask")).click()
    explain.expect_result("Integrated Gradients")
    expect(explain.made_by).to_contain_text(re.compile(r"Targetmask: red at x \d+, y \d+"))
    expect(panel).to_be_visible()


@only("next_tokens")
def test_a_token_of_a_large_vocabulary_is_searched(
    page: Page, demo_server: DemoServer, open_to_everybody: Callable[[str], None]
) -> None:
    told = demo_server.get("api/board").json()["output"]
    assert told["names"] == []
    assert told["places"]["heads"][0]["size"] == 3000
    explain = Explain(page)
    explain.open(0)
    expect(explain.made_by).to_contain_text("after position 2")
    expect(page.locator(".example-facts")).to_contain_text(re.compile(r"predicted word\d+"))
    places = page.get_by_role("region", name="Explained position")
    expect(places.get_by_role("button").first).to_contain_text(re.compile(r"word1\s*word\d+"))
    places.get_by_role("button").nth(1).click()
    expect(explain.made_by).to_contain_text("after position 1")
    page.get_by_text("search…").click()
    page.get_by_label("Part of its name").fill("word1234")
    expect(page.get_by_role("status").filter(has_text="1 found")).to_be_visible()
    page.get_by_role("button", name=re.compile("^word1234")).click()
    explain.expect_result("Integrated Gradients", "word1234 after position 1")
    expect(explain.targets.locator("[aria-pressed=true]")).to_contain_text("word1234")
    page.keyboard.press("Escape")
    open_to_everybody("places-next-token")


@only("answers")
def test_the_score_of_a_sequence_is_explained_by_words_of_vectors(
    page: Page, demo_server: DemoServer, open_to_everybody: Callable[[str], None]
) -> None:
    """What is passed and not explained stands beneath the inputs, and the words carry the rest."""
    told = demo_server.get("api/board").json()
    assert [entry["name"] for entry in told["inputs"]] == ["text"]
    assert told["output"]["unit"] == "nats"
    explain = Explain(page)
    explain.open(1)
    explain.expect_result("Integrated Gradients", "log-probability")
    passed = page.get_by_role("region", name="Passed, not explained")
    expect(passed).to_contain_text("scale 2")
    expect(passed).to_contain_text("answer -100 -100 4")
    expect(page.locator(".example-facts")).to_contain_text(re.compile(r"\u2212?-?\d.* nats"))
    words = page.locator(".tokens .token")
    expect(words).to_have_count(3)
    expect(words.last).to_contain_text("me")
    upper, lower = (words.nth(place).bounding_box() for place in (1, 2))
    assert upper is not None
    assert lower is not None
    assert lower["y"] > upper["y"]  # it stands in a line of its own
    values = page.locator(".token small").all_inner_texts()
    # The last word is what is scored: the scores at the words before it say how likely it is.
    assert values[-1] in ("0", "0.00", "0.000")
    assert all(value not in ("0", "0.00", "0.000") for value in values[:-1])
    explain.choose("Feature ablation")
    expect(words).to_have_count(3)
    open_to_everybody("places-sequence")
