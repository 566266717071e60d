"""Every view on every screen: kept as pictures, and open to everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.artifacts import keep_screen
from tests.browser.pages import Explain, Gallery
from tests.browser.watch import serious_violations

Screen = tuple[int, Literal["light", "dark"]]


def _examples(page: Page) -> None:
    Gallery(page).open()


def _mistakes(page: Page) -> None:
    Gallery(page).open(correct="false", sort="-score", q="is")


def _nothing(page: Page) -> None:
    page.goto("/?q=elephant")
    expect(page.get_by_role("heading", name="No example matches")).to_be_visible()


def _explain(page: Page) -> None:
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")


def _occlusion(page: Page) -> None:
    explain = Explain(page)
    explain.open(19, method="Occlusion", draw="mask", measure="magnitude")
    explain.expect_result("Occlusion")


def _layer(page: Page) -> None:
    explain = Explain(page)
    explain.open(19, method="GradCam")
    explain.expect_result("Grad-CAM")


def _settings(page: Page) -> None:
    _explain(page)
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("region", name="All settings")).to_be_visible()


def _failed(page: Page) -> None:
    Explain(page).open(19, method="AttentionRollout")
    expect(page.get_by_role("alert")).to_contain_text("No attention")


def _held(page: Page) -> None:
    Explain(page).open(30, method="ShapleyValueSampling", p__n_samples=5000)
    expect(page.get_by_role("note")).to_contain_text(re.compile("waits for you"))


VIEWS = {
    "examples": _examples,
    "mistakes": _mistakes,
    "nothing-matches": _nothing,
    "explain": _explain,
    "occlusion": _occlusion,
    "layer": _layer,
    "settings": _settings,
    "failed": _failed,
    "held": _held,
}


SCREENS: tuple[Screen, ...] = ((1400, "light"), (800, "dark"), (1400, "dark"), (800, "light"))
# Seen on every screen; the others on two that differ in width and theme.
EVERYWHERE = {"examples", "explain"}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_open_to_everybody(
    name: str, page: Page, on_screen: Callable[[Screen], None]
) -> None:
    VIEWS[name](page)
    for screen in SCREENS if name in EVERYWHERE else SCREENS[:2]:
        on_screen(screen)
        width, theme = screen
        keep_screen(page, f"{name}-{width}-{theme}")
        assert serious_violations(page) == [], screen
