"""Which method may be relied on: measured over a subsample as one job, kept, and said in words."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import Asked, Explain, numbers
from tests.browser.server import DemoServer
from tests.browser.watch import Problems

LONG = 240_000
QUICK = "&trust=Saliency+InputXGradient"


class Trust:
    """The view Trust."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.table = page.locator(".trust-table")
        self.words = page.get_by_role("region", name="In words")
        self.measure = page.get_by_role("button", name="Measure", exact=True)
        self.cancel = page.get_by_role("button", name="Cancel: Measuring")

    def open(self, query: str) -> None:
        self.page.goto(f"/?view=trust{query}")
        expect(self.table).to_be_visible()

    def row(self, method: str) -> Locator:
        name = re.compile(f"^{re.escape(method)}$")
        return self.table.locator("tr", has=self.page.locator("th", has_text=name))

    def cells(self, method: str) -> list[str]:
        return self.row(method).locator("td").all_inner_texts()

    def expect_measured(self, methods: list[str]) -> None:
        for method in methods:
            expect(self.row(method).locator("td")).to_have_count(7, timeout=LONG)
        expect(self.page.get_by_role("region", name="Agreement")).to_be_visible(timeout=LONG)


def test_the_cost_is_told_before_and_the_figures_are_kept(
    page: Page, demo_server: DemoServer, open_to_everybody: Callable[[str], None]
) -> None:
    trust, asked = Trust(page), Asked(page)
    page.goto("/?sample=6&trust=Saliency+InputXGradient")
    page.get_by_role("link", name="Trust").click()
    expect(page.get_by_text("passes through the model")).to_contain_text(re.compile(r"[\d,]+ pas"))
    expect(trust.row("Saliency")).to_contain_text("Not measured yet.")
    expect(page.get_by_role("region", name="What will be here")).to_be_visible()
    open_to_everybody("trust-before")
    assert asked.count("POST", "api/surveys") == asked.count("POST", "api/surveys/estimates")
    trust.measure.click()
    trust.expect_measured(["Saliency", "Input x gradient"])
    for method in ("Saliency", "Input x gradient"):
        cost, deletion, insertion, infidelity, *_ = trust.cells(method)
        assert numbers(cost)[0] == 1
        for area in (deletion, insertion):
            assert 0 <= numbers(area)[0] <= 1
            assert "±" in area
        assert numbers(infidelity)[0] >= 0
    expect(trust.row("Random order")).to_be_visible()
    expect(trust.words).to_contain_text("Over 6 examples")
    expect(trust.words).to_contain_text("measure more")
    expect(page.get_by_role("img", name=re.compile("^Rank correlation"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Deletion curves"))).to_be_visible()
    open_to_everybody("trust")
    before, said, rows = trust.cells("Saliency"), trust.words.inner_text(), _rows(demo_server)
    page.reload()
    trust.expect_measured(["Saliency", "Input x gradient"])
    assert (trust.cells("Saliency"), trust.words.inner_text()) == (before, said)
    assert _rows(demo_server) == rows
    trust.row("Input x gradient").get_by_role("link").click()
    expect(page).to_have_url(
        re.compile("view=explain.*method=InputXGradient|method=InputXGradient")
    )


def test_a_cancelled_measurement_goes_on_where_it_was(page: Page) -> None:
    trust = Trust(page)
    trust.open("&sample=5&draw=3&trust=Saliency+KernelShap")
    trust.measure.click()
    expect(trust.row("Saliency").locator("td")).to_have_count(7, timeout=LONG)
    trust.cancel.click()
    expect(page.get_by_text("what is measured is kept")).to_be_visible(timeout=LONG)
    expect(trust.row("Saliency").locator("td")).to_have_count(7)
    page.reload()
    expect(trust.row("Saliency")).to_contain_text("Measured before, and kept.")


def test_a_measurement_goes_on_while_the_page_is_elsewhere(page: Page) -> None:
    trust = Trust(page)
    trust.open("&sample=5&draw=4" + QUICK)
    trust.measure.click()
    expect(trust.cancel).to_be_visible()
    page.get_by_role("link", name="Examples").click()
    page.get_by_role("link", name="Trust").click()
    trust.expect_measured(["Saliency", "Input x gradient"])


def test_a_method_that_fails_says_why_in_its_row(page: Page) -> None:
    trust = Trust(page)
    trust.open("&sample=4&trust=ShapleyValues+Saliency")
    expect(trust.row("Shapley values")).to_contain_text("measuring says why")
    trust.measure.click()
    expect(trust.row("Saliency").locator("td")).to_have_count(7, timeout=LONG)
    expect(trust.row("Shapley values")).to_contain_text("Exact Shapley values")


def test_what_is_measured_follows_the_address(page: Page, problems: Problems) -> None:
    trust = Trust(page)
    trust.open("&sample=4" + QUICK)
    page.get_by_role("button", name="2 methods").click()
    pane = page.get_by_role("region", name="Methods")
    pane.get_by_role("button", name=re.compile(r"^DeepLIFT \d")).click()
    page.keyboard.press("Escape")
    expect(trust.row("DeepLIFT")).to_be_visible()
    expect(page).to_have_url(re.compile(r"trust=Saliency\+InputXGradient\+DeepLift"))
    page.go_back()
    expect(trust.row("DeepLIFT")).to_have_count(0)
    page.goto("/?view=trust&q=nosuchword")
    expect(page.get_by_role("note")).to_contain_text("No example matches the filter")
    page.get_by_role("button", name="Clear the filter").click()
    expect(trust.table).to_be_visible()
    assert problems.unexpected() == []


def test_the_check_is_a_badge_beside_each_heat_map(page: Page) -> None:
    explain = Explain(page)
    explain.open(19, method="Saliency")
    explain.expect_result("Saliency")
    for panel in (explain.photo, explain.question):
        expect(panel.get_by_role("button", name="check random weights")).to_be_visible()
    explain.photo.get_by_role("button", name="check random weights").click()
    for panel in (explain.photo, explain.question):
        expect(panel.locator(".check-badge")).to_contain_text("with random weights", timeout=LONG)


def _rows(server: DemoServer) -> float:
    found = re.search(r"^attriboard_model_rows_total (\S+)", server.get("metrics").text, re.M)
    assert found is not None
    return float(found[1])
