"""Time series and tensors of any shape: cards, Explain and Compare, on a board of both."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.boards import SERIES
from tests.browser.pages import Explain, Gallery, number
from tests.browser.server import DemoServer, start_board


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    folder = tmp_path_factory.mktemp("series")
    file = folder / "mine.py"
    file.write_text(SERIES)
    with start_board(file, folder / "store", folder / "server.log") as server:
        server.wait_until_predicted()
        yield server


@pytest.fixture
def explain(page: Page) -> Explain:
    made = Explain(page)
    made.open(1)
    made.expect_result("Integrated Gradients")
    return made


def test_cards_are_drawn(page: Page) -> None:
    Gallery(page).open()
    drawing = page.locator(".card-drawing img").first
    expect(drawing).to_have_js_property("complete", True)
    assert drawing.evaluate("image => image.naturalWidth") > 0


def test_both_inputs_have_views_of_their_own(
    page: Page, explain: Explain, open_to_everybody: Callable[[str], None]
) -> None:
    expect(page.locator(".series-channel canvas")).to_have_count(4)  # all together, and each
    expect(page.locator(".matrix canvas")).to_have_count(2)
    expect(page.get_by_text("by their place in the tensor")).to_have_count(0)
    captions = page.locator(".series-channel figcaption")
    expect(captions.nth(1)).to_contain_text("mV")
    # The network reads the first channel and the state alone.
    expect(captions.nth(1)).to_contain_text("100 % of the strength")
    expect(captions.nth(2)).to_contain_text("0.0 % of the strength")
    open_to_everybody("series")


def test_values_are_read_with_the_keys(page: Page, explain: Explain) -> None:
    page.get_by_role("group", name=re.compile("^ecg.*arrow keys")).focus()
    page.keyboard.press("ArrowRight")
    readout = page.locator(".series .readout")
    expect(readout).to_contain_text("II")
    expect(readout).to_contain_text("mV")
    page.keyboard.press("ArrowDown")
    expect(readout).to_contain_text("drift")
    page.get_by_role("img", name=re.compile("^Attributions of state")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("[…, 1, 0]")).to_be_visible()


def test_a_slice_of_the_tensor_is_chosen(page: Page, explain: Explain) -> None:
    """The network reads the state's first place alone."""
    legend = page.get_by_role("region", name="state").locator(".panel-foot .legend")
    assert number(legend.inner_text().split("for")[-1]) > 0
    page.get_by_label("Place in dimension 0").select_option("1")
    expect(legend).to_have_text("Every attribution is zero.")
    slices = page.get_by_role("region", name="Slices").locator(".feature-name")
    expect(slices).to_have_count(1)
    expect(slices).to_have_text("[0, …, …]")
    along = page.get_by_role("group", name="Along which dimension")
    along.get_by_role("button", name="dim 2").click()
    page.reload()
    expect(along.get_by_role("button", name="dim 2")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("Place in dimension 0")).to_have_value("1")
    expect(legend).to_have_text("Every attribution is zero.")


def test_time_slices_are_the_strongest_features(page: Page) -> None:
    made = Explain(page)
    made.open(1, method="FeatureAblation", f__ecg="slices")
    made.expect_result("Feature ablation")
    expect(page.locator(".series-channel canvas")).to_have_count(4)


def test_compare_draws_them_too(page: Page) -> None:
    page.goto("/?view=compare&example=1")
    expect(page.locator(".compare-table .series-channel canvas").first).to_be_visible()
    expect(page.locator(".compare-table .matrix canvas").first).to_be_visible()
