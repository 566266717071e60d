"""Every demo but the default one: opened by its own link, explained by two methods, seen drawn.

To add a demo, add its row to CASES.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from attriboard.demos import DEMOS
from tests.browser.artifacts import keep_screen
from tests.browser.conftest import PATIENCE, SCREENS, SETTLED, TWO_FRAMES
from tests.browser.pages import Explain
from tests.browser.server import DemoServer, start_demo
from tests.browser.watch import Problems, serious_violations, watch


@dataclass(frozen=True)
class Case:
    """A demo as the browser sees it.

    example: one to explain. methods: titles of two to run on it. drawn: what is on the page for
    each input when it is drawn by its own view, as selectors with how many of each there are.
    used: what else a person does with that view.
    """

    demo: str
    example: int
    methods: tuple[str, str]
    drawn: tuple[tuple[str, int], ...]
    used: Callable[[Page], None] = lambda page: None


def play_the_clip(page: Page) -> None:
    """The player runs to the end; frames are stepped and chosen, and the colours follow."""
    time = page.get_by_role("slider", name="Frames of clip")
    overlay = page.get_by_label("Attributions of clip")
    original = page.get_by_label("clip as it is")
    picture = "canvas => canvas.toDataURL()"
    time.press("Home")
    expect(time).to_have_attribute("aria-valuenow", "0")
    first = overlay.evaluate(picture)
    assert first != original.evaluate(picture)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(time).to_have_attribute("aria-valuenow", "15")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    last = overlay.evaluate(picture)
    assert last not in (first, original.evaluate(picture))
    page.keyboard.press(",")
    expect(time).to_have_attribute("aria-valuenow", "14")
    box = time.bounding_box()
    assert box is not None
    time.click(position={"x": box["width"] * 4.5 / 16, "y": box["height"] - 8})
    expect(time).to_have_attribute("aria-valuenow", "4")
    pixels = """canvas => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(data).size;
    }"""
    assert page.locator(".clip-strip canvas").evaluate(pixels) > 50
    page.reload()
    expect(time).to_have_attribute("aria-valuenow", "4")


def open_figure_4(page: Page) -> None:
    """The views that come with the board: what the last units did, and their weights."""
    shown = []
    for name, method in (("conductance", "Layer conductance"), ("weights", "Saliency")):
        page.goto("/")
        page.get_by_role(
            "button", name=re.compile(f"^Figure 4 of Captum.s paper: .*{name}")
        ).click()
        Explain(page).expect_result(method)
        units = page.get_by_role("region", name="layer layers.relu3")
        expect(units.locator(".feature-name").nth(5)).to_be_visible()
        shown.append(units.inner_text())
    assert shown[0] != shown[1]


PICTURE = ("[aria-label^='Attributions of']", 1)

WORDS = (".tokens .token", 13)

CASES = (
    Case("digits", 308, ("Grad-CAM", "Occlusion"), (PICTURE,)),
    Case("photos", 2, ("Saliency", "Grad-CAM"), (PICTURE,)),
    Case("reviews", 909, ("Feature ablation", "DeepLIFT"), (WORDS,)),
    Case("transformer", 909, ("Attention rollout", "DeepLIFT"), ((".tokens .token", 32),)),
    Case(
        "housing",
        411,
        ("Shapley value sampling", "DeepLIFT"),
        (("table.columns tbody tr", 13), ("table.columns .bar-fill", 13)),
        open_figure_4,
    ),
    Case(
        "motifs",
        1,
        ("Feature ablation", "Integrated Gradients"),
        ((".graph-node circle", 25), (".graph-edge", 26), (".graph-table tbody tr", 10)),
    ),
    Case(
        "speech",
        44,
        ("Feature ablation", "Saliency"),
        ((".sound-frame canvas", 2), (".sound-bands li", 6), (".sound-kept", 1)),
    ),
    Case(
        "clips",
        6,
        ("Occlusion", "Integrated Gradients"),
        (PICTURE, (".clip-timeline svg g", 16), (".clip-strip canvas", 1)),
        play_the_clip,
    ),
    Case(
        "tumours",
        135,
        ("KernelSHAP", "Saliency"),
        (("table.columns tbody tr", 30), ("table.columns .bar-fill", 30)),
    ),
    Case(
        "patients",
        4,
        ("DeepLIFT", "Feature ablation"),
        (("table.columns tbody tr", 4), (".token", 12), (".picture canvas", 2)),
    ),
)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.demo)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def server(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    folder = tmp_path_factory.mktemp(case.demo)
    with start_demo(folder / "store", folder / "server.log", [case.demo]) as started:
        yield started


@pytest.fixture
def page(browser: Browser, server: DemoServer) -> Iterator[Page]:
    context = browser.new_context(
        base_url=server.url, viewport={"width": 1400, "height": 900}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    problems = Problems(server.url)
    made = context.new_page()
    watch(made, problems)
    yield made
    context.close()
    assert problems.unexpected() == []


def expect_drawn(page: Page, case: Case) -> None:
    """Every input by its own view, and none by the list of elements that stands in for one."""
    for selector, count in case.drawn:
        expect(page.locator(selector)).to_have_count(count)
    expect(page.get_by_text("by their place in the tensor")).to_have_count(0)


def test_the_link_opens_a_view_that_says_what_it_shows(
    page: Page, case: Case, server: DemoServer
) -> None:
    printed = re.search(r"is at (\S+)", server.log.read_text())
    assert printed is not None
    page.goto(printed[1])
    about = page.get_by_role("complementary", name="About this board")
    expect(about).to_be_visible()
    page.wait_for_function(SETTLED)
    for width, theme in SCREENS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(TWO_FRAMES)
        page.wait_for_function(SETTLED)
        keep_screen(page, f"demo-{case.demo}-{width}-{theme}")
    assert serious_violations(page) == []
    about.get_by_role("button").click()
    expect(about).to_have_count(0)
    page.reload()
    expect(page.locator("main")).to_be_visible()
    expect(about).to_have_count(0)


def test_two_methods_are_drawn_by_the_inputs_own_views(page: Page, case: Case) -> None:
    explain = Explain(page)
    explain.open(case.example)
    for method in case.methods:
        explain.choose(method)
        expect_drawn(page, case)
        page.wait_for_function(SETTLED)
        keep_screen(page, f"demo-{case.demo}-{method.lower()}")
    case.used(page)
    assert serious_violations(page) == []


def test_every_demo_has_its_row() -> None:
    assert {case.demo for case in CASES} == set(DEMOS) - {next(iter(DEMOS))}
