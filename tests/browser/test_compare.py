"""Methods, targets and baselines side by side on one example, and measured on request."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import Asked, Explain, number
from tests.browser.server import DemoServer
from tests.browser.watch import Problems, serious_violations

FIRST = ["Integrated Gradients", "Saliency", "Occlusion", "KernelSHAP"]
LONG = 120_000
Look = Callable[[str], None]


class Compare:
    """The view Compare."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.table = page.locator(".compare-table")
        self.agreement = page.get_by_role("region", name="Agreement", exact=True)

    def open(self, query: str = "") -> None:
        self.page.goto(f"/?view=compare&example=19{query}")
        expect(self.table).to_be_visible()

    def expect_columns(self, titles: list[str]) -> None:
        expect(self.table.locator("thead .column-head > :first-child")).to_have_text(titles)

    def expect_computed(self, count: int) -> None:
        """Until so many columns have their results."""
        passes = self.cells("Passes").filter(has_text=re.compile(r"\d"))
        expect(passes).to_have_count(count, timeout=LONG)

    def cells(self, row: str) -> Locator:
        name = re.compile(f"^{re.escape(row)}")
        head = self.page.locator("th[scope=row]").filter(has_text=name)
        return self.table.locator("tr").filter(has=head).locator("td")

    def numbers(self, row: str) -> list[float]:
        return [number(text) for text in self.cells(row).all_inner_texts()]

    def add(self, title: str) -> None:
        self.page.get_by_role("button", name="Add a column").click()
        pane = self.page.get_by_role("region", name="Add a column")
        pane.get_by_role("button", name=title, exact=True).click()
        self.page.keyboard.press("Escape")


def test_methods_side_by_side_and_what_explain_has_is_not_asked_again(
    page: Page, demo_server: DemoServer, open_to_everybody: Look
) -> None:
    explain, compare, asked = Explain(page), Compare(page), Asked(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    before = asked.count("POST", "api/attributions")
    page.get_by_role("link", name="Compare").click()
    compare.expect_columns(FIRST)
    compare.expect_computed(4)
    assert asked.count("POST", "api/attributions") == before + 3
    expect(compare.cells("photo").locator("canvas")).to_have_count(4)
    words = page.locator("h1").inner_text().rstrip("?").split()
    for cell in compare.cells("question").all():
        assert cell.locator(".cell-token").all_inner_texts()[: len(words)] == words
    fewest = compare.cells("Passes").filter(has_text="fewest").first
    assert number(fewest.inner_text()) == min(compare.numbers("Passes"))
    sparseness = compare.numbers("Sparseness")
    best = compare.cells("Sparseness").filter(has_text="sparsest")
    assert number(best.inner_text()) == max(sparseness)
    expect(compare.agreement).to_contain_text(re.compile(r"agree|differ"))
    expect(compare.agreement.locator("tbody td")).to_have_count(16)
    open_to_everybody("compare")
    rows = _rows(demo_server)
    page.reload()
    compare.expect_computed(4)
    assert compare.numbers("Sparseness") == sparseness
    assert _rows(demo_server) == rows


def test_columns_come_and_go_and_the_link_keeps_them(page: Page) -> None:
    compare = Compare(page)
    compare.open("&methods=Saliency+InputXGradient")
    compare.expect_columns(["Saliency", "Input x gradient"])
    compare.add("DeepLIFT")
    page.get_by_role("button", name="Remove Saliency").click()
    compare.expect_columns(["Input x gradient", "DeepLIFT"])
    compare.expect_computed(2)
    page.reload()
    compare.expect_columns(["Input x gradient", "DeepLIFT"])
    question = page.locator("h1").inner_text()
    expect(page.locator(".steps")).to_contain_text("20 of")  # the next one is known
    page.keyboard.press("j")
    expect(page.locator("h1")).not_to_have_text(question)
    compare.expect_columns(["Input x gradient", "DeepLIFT"])
    compare.expect_computed(2)
    for title in ("Input x gradient", "DeepLIFT"):
        page.get_by_role("button", name=f"Remove {title}").click()
    expect(page.get_by_role("note")).to_contain_text("no column to compare")
    page.get_by_role("button", name="Show the first columns").click()
    compare.expect_columns(FIRST)
    page.get_by_role("link", name="Occlusion").click()
    Explain(page).expect_result("Occlusion")


def test_faithfulness_is_measured_on_request_and_kept(
    page: Page, demo_server: DemoServer, open_to_everybody: Look
) -> None:
    compare = Compare(page)
    compare.open("&methods=IntegratedGradients+Saliency+Occlusion")
    compare.expect_computed(3)
    assert Asked(page).count("POST", "api/metrics") == 0
    page.get_by_role("button", name="Measure Saliency").click()
    expect(compare.cells("Deletion AUC").nth(1)).to_contain_text("random", timeout=LONG)
    expect(compare.cells("Deletion AUC").nth(0)).to_have_text("")
    page.keyboard.press("m")
    for row in ("Deletion AUC", "Insertion AUC"):
        expect(compare.cells(row).filter(has_text="random")).to_have_count(3, timeout=LONG)
    assert all(0 <= area <= 1 for area in compare.numbers("Deletion AUC"))
    expect(compare.cells("Infidelity").filter(has_text="best")).to_have_count(1)
    undefined = compare.cells("Max-sensitivity").nth(2)
    undefined.get_by_text("not defined").click()
    expect(undefined).to_contain_text("nothing lies near a token")
    open_to_everybody("compare-measured")
    rows = _rows(demo_server)
    page.reload()
    compare.expect_computed(3)
    page.get_by_role("button", name="Measure all").click()
    expect(compare.cells("Deletion AUC").filter(has_text="random")).to_have_count(3)
    assert _rows(demo_server) == rows


def test_a_column_that_fails_says_why_while_the_others_go_on(
    page: Page, problems: Problems
) -> None:
    problems.expect("422")
    compare = Compare(page)
    compare.open("&methods=Saliency+ShapleyValues+Nonsense")
    expect(compare.table).to_contain_text("This board has no method called Nonsense.")
    failed = compare.table.get_by_role("alert")
    expect(failed).to_contain_text("Exact Shapley values", timeout=LONG)
    expect(failed.get_by_role("button", name="Try again")).to_be_visible()
    compare.expect_computed(1)
    assert serious_violations(page) == []


def test_targets_and_baselines_are_columns_in_one_scale(
    page: Page, open_to_everybody: Look
) -> None:
    compare = Compare(page)
    compare.open()
    page.get_by_role("button", name="Targets").click()
    heads = compare.table.locator("thead .column-head > :first-child")
    expect(heads.last).to_contain_text("rather than")
    compare.expect_computed(heads.count())
    scales = compare.cells("photo").locator(".legend").all_inner_texts()
    assert len(set(scales)) == 1
    open_to_everybody("compare-targets")
    page.get_by_role("button", name="Baselines").click()
    expect(heads.first).to_have_text("Mean colour")
    compare.expect_computed(4)
    assert len(set(compare.cells("photo : question").all_inner_texts())) > 1
    page.get_by_label("Colour scale").select_option(label="Own scale")
    expect(page).to_have_url(re.compile("scale=own"))


def test_layers_are_columns_picked_by_name_and_shape(page: Page, open_to_everybody: Look) -> None:
    compare = Compare(page)
    compare.open("&columns=layers&layers=:inputs+cnn.7")
    compare.expect_columns(["The inputs", "cnn.7"])
    compare.expect_computed(2)
    expect(compare.table.locator("thead .column-note").nth(0)).to_contain_text("48 × 8 × 8")
    expect(compare.cells("photo").locator("canvas")).to_have_count(2)
    page.get_by_role("button", name="Add a column").click()
    pane = page.get_by_role("region", name="Add a column")
    pane.get_by_role("button", name=re.compile("^cnn.10 .*128 × 8 × 8")).click()
    page.keyboard.press("Escape")
    compare.expect_columns(["The inputs", "cnn.7", "cnn.10"])
    compare.expect_computed(3)
    expect(compare.agreement).to_contain_text("Different layers have different features")
    open_to_everybody("compare-layers")


def test_examples_stand_side_by_side_and_as_the_rows_of_a_figure(
    page: Page, open_to_everybody: Look
) -> None:
    compare = Compare(page)
    compare.open("&columns=examples&examples=19+23&method=Saliency")
    compare.expect_columns(["#19", "#23"])
    compare.expect_computed(2)
    words = [cell.inner_text() for cell in compare.cells("question").all()]
    assert words[0] != words[1]
    page.get_by_role("button", name="As rows").click()
    expect(page).to_have_url(re.compile("layout=rows"))
    rows = page.locator(".figure-table tbody tr")
    expect(rows).to_have_count(2)
    for row in rows.all():
        expect(row.locator("canvas")).to_have_count(1)
        cells = row.locator("td").all_inner_texts()
        label, predicted, attributed = cells[:3]
        assert predicted.split()[0] == attributed
        assert label
    page.get_by_role("button", name="Measure all").click()
    measure = page.get_by_role("button", name=re.compile("^(Measure|Cancel)"))
    expect(measure).to_have_count(0, timeout=LONG)
    for row in rows.all():
        assert number(row.locator("td").nth(3).inner_text()) >= 0
    open_to_everybody("compare-rows")
    page.get_by_role("button", name="Remove #23").click()
    expect(rows).to_have_count(1)


def test_columns_are_measured_over_a_sample_as_one_job(page: Page) -> None:
    compare, asked = Compare(page), Asked(page)
    compare.open("&methods=Saliency+InputXGradient&sample=4")
    compare.expect_computed(2)
    assert asked.count("POST", "api/surveys") == 0
    page.get_by_role("button", name="Compare over a sample").click()
    section = page.get_by_role("region", name="Over a sample")
    expect(section).to_contain_text("passes through the model")
    section.get_by_role("button", name="Measure", exact=True).click()
    expect(section.locator("tbody tr").filter(has_text="±")).to_have_count(3, timeout=LONG)
    page.reload()
    expect(section.locator("tbody tr").filter(has_text="±")).to_have_count(3, timeout=LONG)
    assert serious_violations(page) == []


def _rows(server: DemoServer) -> float:
    """Rows that went through the model, once the server has none left to compute."""
    found = re.search(r"^attriboard_model_rows_total (\S+)", server.get("metrics").text, re.M)
    assert found is not None
    return float(found[1])
