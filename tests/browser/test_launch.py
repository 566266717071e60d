"""The dashboard opens on the demo: the gallery stands, and nothing goes wrong on any screen."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.watch import serious_violations


def test_launch(page: Page, screenshots: Callable[[str], None]) -> None:
    page.goto("/")
    expect(page).to_have_title(re.compile("AttriBoard"))
    page.wait_for_load_state("networkidle")
    screenshots("launch")
    assert serious_violations(page) == []
