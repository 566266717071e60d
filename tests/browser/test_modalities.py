"""Does the answer come from the picture or from the words? Over the examples of the filter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.artifacts import keep_screen
from tests.browser.boards import ONE_INPUT, TWO_MODELS
from tests.browser.pages import Gallery, number, numbers
from tests.browser.server import DemoServer, start_board
from tests.browser.watch import serious_violations

Screen = tuple[int, Literal["light", "dark"]]
SCREENS: tuple[Screen, ...] = ((1400, "light"), (800, "dark"), (1400, "dark"), (800, "light"))
MISTAKES = "/?view=modalities&correct=false&sample=20&draw=3"
CARDS = 6  # shown of a longer list


class Modalities:
    """The view Modalities."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1)
        self.spread = page.get_by_role("region", name="How much each input counts")
        self.groups = page.get_by_role("region", name=re.compile("^Contribution of"))
        self.dropped = page.get_by_role("region", name="Without an input")
        self.together = page.get_by_role("region", name="Together")
        self.models = page.get_by_role("region", name="Model by model")
        self.outcomes = page.get_by_role("region", name="Right against wrong")
        self.blind = page.get_by_role("region", name="Answers without looking at photo")

    def open(self, address: str = MISTAKES) -> None:
        self.page.goto(address)
        expect(self.heading).to_contain_text("What decides the answer")

    def compute(self, examples: int) -> None:
        """Unless another test has done so already."""
        done = self.page.get_by_text(re.compile(rf"^All {examples} examples? computed"))
        start = self.page.get_by_role("button", name=re.compile("^Compute"))
        expect(done.or_(start)).to_be_visible()
        if start.is_visible():
            start.click()
        expect(done).to_be_visible()

    def bars(self, name: str) -> Locator:
        return self.spread.get_by_role("list", name=f"Contribution of {name}").get_by_role("link")

    def counts(self, name: str) -> list[int]:
        """How many examples each bar holds."""
        labels = self.bars(name).evaluate_all("bars => bars.map(bar => bar.ariaLabel)")
        return [int(numbers(label)[-1]) for label in labels]


@pytest.fixture
def view(page: Page) -> Modalities:
    return Modalities(page)


def test_twenty_mistakes_from_the_empty_state_to_the_examples_of_a_bar(
    view: Modalities, page: Page
) -> None:
    gallery = Gallery(page)
    gallery.open(correct="false", sample=20, draw=3)
    page.get_by_role("link", name="Modalities").click()
    expect(view.heading).to_contain_text("20 examples")
    expect(page.get_by_text("80 passes through the model")).to_be_visible()
    page.get_by_role("button", name="Compute 20 examples").click()
    expect(page.get_by_text("All 20 examples computed")).to_be_visible()
    for name in ("photo", "question"):
        expect(view.spread).to_contain_text(name)
        assert sum(view.counts(name)) == 20
    bar, count = view.bars("photo").last, view.counts("photo")[-1]
    bar.click()
    expect(page).not_to_have_url(re.compile("view=modalities"))
    gallery.expect_total(count)
    assert len(gallery.shown()) == count
    expect(page.get_by_role("combobox", name="Order")).to_have_value("share.photo")
    page.go_back()
    expect(view.heading).to_contain_text("20 examples")
    assert view.counts("photo")[-1] == count


def test_what_a_dropped_input_does_leads_to_its_examples(view: Modalities, page: Page) -> None:
    view.open()
    view.compute(20)
    expect(view.dropped.locator("tbody tr").first).to_be_visible()
    nothing, *rows = view.dropped.locator("tbody tr").all()
    assert number(nothing.get_by_role("cell").first.inner_text()) == 0  # mistakes are all wrong
    for row in rows:
        changed, same = (cell.inner_text() for cell in row.get_by_role("cell").all()[1:])
        assert number(changed) + number(same) == 20
    link = rows[0].get_by_role("link", name=re.compile("whose answer changes without photo"))
    expected = number(link.inner_text())
    link.click()
    Gallery(page).expect_total(int(expected))


def test_answers_given_without_looking_are_shown_and_lead_to_all_of_them(
    view: Modalities, page: Page
) -> None:
    view.open()
    view.compute(20)
    expect(view.blind).to_contain_text("photo below 10 %")
    labels = view.bars("photo").evaluate_all("bars => bars.map(bar => bar.ariaLabel)")
    below = [numbers(label) for label in labels if numbers(label)[1] <= 10]
    count = int(sum(found[-1] for found in below))
    assert count > 0
    expect(view.blind.locator("a.card")).to_have_count(min(count, CARDS))
    view.blind.get_by_role("link", name=re.compile("^Show ")).click()
    Gallery(page).expect_total(count)


def test_all_is_said_to_be_computed_once_the_figures_are_there(
    view: Modalities, page: Page
) -> None:
    view.open()
    view.compute(20)
    held: list[Route] = []
    page.route("**/api/aggregates*", lambda route: held.append(route))
    page.reload()
    expect(page.get_by_text("Reading the figures")).to_be_visible()
    expect(page.get_by_text(re.compile("^All 20 examples"))).to_have_count(0)
    for request in held:
        request.continue_()
    page.unroute("**/api/aggregates*")
    expect(page.get_by_text(re.compile("^All 20 examples"))).to_be_visible()
    assert sum(view.counts("photo")) == 20


def test_a_reload_keeps_the_view(view: Modalities, page: Page) -> None:
    view.open(f"{MISTAKES}&input=question&by=predicted")
    view.compute(20)
    expect(view.groups).to_contain_text("Contribution of question")
    expect(view.groups.locator(".mod-strip").first).to_be_visible()
    before = view.groups.inner_text()
    page.reload()
    expect(view.groups.locator(".mod-strip").first).to_be_visible()
    expect(page.get_by_role("combobox", name="Group by")).to_have_value("predicted")
    assert view.groups.inner_text() == before


def test_measures_and_inputs_change_by_keys(view: Modalities, page: Page) -> None:
    view.open()
    view.compute(20)
    page.keyboard.press("i")
    expect(view.groups).to_contain_text("Contribution of question")
    page.keyboard.press("m")
    expect(page.get_by_text("Biased: an input with more elements")).to_be_visible()
    expect(page.get_by_role("combobox", name="Attributions by")).to_be_visible()
    page.get_by_label("Attributions by").select_option(label="Saliency")
    expect(page.get_by_role("button", name=re.compile("^Compute"))).to_be_visible()
    page.get_by_label("Attributions by").blur()  # keys typed into a list are the list's own
    page.keyboard.press("c")
    expect(page.get_by_text("All 20 examples computed")).to_be_visible()
    assert sum(view.counts("question")) == 20
    page.keyboard.press("s")
    expect(page.get_by_role("combobox", name="Attributions by")).to_have_count(0)


def test_a_running_sweep_is_found_again_and_can_be_cancelled(
    view: Modalities, page: Page, demo_server: DemoServer
) -> None:
    view.open("/?view=modalities&measure=net&by_method=ShapleyValueSampling&sample=300&draw=9")
    page.get_by_role("button", name=re.compile("^Compute 300 examples")).click()
    expect(page.get_by_text(re.compile(r"[\d,]+ of [\d,]+ passes"))).to_be_visible()
    page.reload()
    cancel = page.get_by_role("button", name="Cancel: Computing")
    expect(cancel).to_be_visible()
    cancel.click()
    expect(page.get_by_role("button", name=re.compile("^Compute"))).to_be_visible()
    assert demo_server.get("api/jobs").json()["jobs"] == []


def test_columns_of_a_sweep_order_the_gallery(view: Modalities, page: Page) -> None:
    view.open()
    view.compute(20)
    page.get_by_role("link", name="Examples", exact=True).click()
    order = page.get_by_role("combobox", name="Order")
    order.select_option(label="share.photo, descending")
    expect(page).to_have_url(re.compile("sort=-share.photo"))
    Gallery(page).expect_total(20)


def test_the_view_is_open_to_everybody(
    view: Modalities, page: Page, on_screen: Callable[[Screen], None]
) -> None:
    page.goto("/?view=modalities&label=3&sample=40&draw=77")
    expect(page.get_by_role("button", name=re.compile("^Compute"))).to_be_visible()
    for screen in SCREENS[:2]:
        on_screen(screen)
        keep_screen(page, f"modalities-empty-{screen[0]}-{screen[1]}")
        assert serious_violations(page) == []
    view.open()
    view.compute(20)
    expect(view.together).to_contain_text("photo × question")
    for screen in SCREENS:
        on_screen(screen)
        keep_screen(page, f"modalities-{screen[0]}-{screen[1]}")
        assert serious_violations(page) == [], screen


@pytest.fixture(scope="module")
def two_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    yield from _served(TWO_MODELS, tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def one_input(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    yield from _served(ONE_INPUT, tmp_path_factory.mktemp("one"))


def _served(text: str, folder: Path) -> Iterator[DemoServer]:
    file = folder / "mine.py"
    file.write_text(text)
    with start_board(file, folder / "store", folder / "server.log") as server:
        server.wait_until_predicted()
        yield server


class TestTwoModels:
    @pytest.fixture
    def demo_server(self, two_models: DemoServer) -> DemoServer:
        return two_models

    def test_each_is_explained_for_its_own_answer(self, view: Modalities) -> None:
        view.open("/?view=modalities")
        view.compute(30)
        rows = view.models.locator(".mod-strip")
        expect(rows.nth(0)).to_contain_text("first")
        expect(rows.nth(1)).to_contain_text("second")
        first, second = (rows.nth(place).inner_text() for place in range(2))
        assert numbers(first) != numbers(second)


class TestOneInput:
    @pytest.fixture
    def demo_server(self, one_input: DemoServer) -> DemoServer:
        return one_input

    def test_there_is_nothing_to_compare(self, page: Page) -> None:
        page.goto("/?view=modalities")
        note = page.get_by_role("note")
        expect(note).to_contain_text("This model takes one input, photo")
        assert serious_violations(page) == []
        note.get_by_role("button", name="Open Explain").click()
        expect(page).to_have_url(re.compile("view=explain"))
