"""A board of two models: the same examples under each, and each explained for its own answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Explain, Gallery
from tests.browser.server import DemoServer, start_board
from tests.browser.test_compare import Compare

BOARD = Path(__file__).with_name("two_models.py")
LONG = 240_000
DISAGREE = "api/examples?where=models_disagree&limit=100"


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """The board of two models, in place of the demo."""
    folder = tmp_path_factory.mktemp("two")
    with start_board(BOARD, folder / "store", log=folder / "server.log") as server:
        server.wait_until_predicted()
        yield server


def _differing(server: DemoServer) -> tuple[int, str, str]:
    """An example on which the models disagree, with what each of them answers."""
    index = server.get(DISAGREE).json()["items"][0]["index"]
    said = {
        prediction["model"]: prediction["scores"][0]["name"]
        for prediction in server.get(f"api/examples/{index}").json()["predictions"]
    }
    assert said["trained"] != said["noisy"]
    return index, said["trained"], said["noisy"]


def test_where_models_disagree_is_a_facet(page: Page, demo_server: DemoServer) -> None:
    gallery = Gallery(page)
    gallery.open()
    total = demo_server.get(DISAGREE).json()["total"]
    assert 20 < total < 200
    facet = page.locator(".facet-group", has=page.get_by_text("Models disagree", exact=True))
    facet.get_by_role("button", name=re.compile("^true")).click()
    gallery.expect_total(total)
    shown = gallery.shown()
    page.get_by_role("combobox", name="Model").select_option("noisy")
    expect(page).to_have_url(re.compile("model=noisy"))
    gallery.expect_total(total)
    assert gallery.shown() == shown


def test_the_example_stays_and_the_target_is_the_models_own(
    page: Page, demo_server: DemoServer
) -> None:
    index, trained, noisy = _differing(demo_server)
    explain = Explain(page)
    explain.open(index, method="Saliency")
    explain.expect_result("Saliency", trained)
    title = page.locator("h1").inner_text()
    page.get_by_role("combobox", name="Model").select_option("noisy")
    explain.expect_result("Saliency", noisy)
    expect(explain.made_by).to_contain_text("noisy")
    assert page.locator("h1").inner_text() == title
    expect(page).to_have_url(re.compile(f"example={index}"))
    page.reload()
    explain.expect_result("Saliency", noisy)


def test_models_are_columns_each_explained_for_its_own_answer(
    page: Page, demo_server: DemoServer, open_to_everybody: Callable[[str], None]
) -> None:
    index, trained, noisy = _differing(demo_server)
    compare = Compare(page)
    page.goto(f"/?view=compare&columns=models&method=Saliency&example={index}")
    compare.expect_columns(["trained", "noisy"])
    compare.expect_computed(2)
    notes = compare.table.locator("thead .column-note")
    expect(notes.nth(0)).to_contain_text(f"predicts {trained}")
    expect(notes.nth(1)).to_contain_text(f"predicts {noisy}")
    expect(compare.agreement).to_contain_text(re.compile("agree|differ"))
    open_to_everybody("compare-models")
    compare.table.get_by_role("link", name="noisy").click()
    Explain(page).expect_result("Saliency", noisy)


def test_models_are_measured_over_a_sample(page: Page) -> None:
    page.goto("/?view=compare&columns=models&method=Saliency&example=3&sample=4")
    page.get_by_role("button", name="Compare over a sample").click()
    section = page.get_by_role("region", name="Over a sample")
    section.get_by_role("button", name="Measure", exact=True).click()
    for model in ("trained", "noisy"):
        row = section.locator("tr", has=page.locator("th", has_text=re.compile(f"^{model}$")))
        expect(row.locator("td").nth(1)).to_contain_text("±", timeout=LONG)
