"""What the browser tests leave behind to look at."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

ARTIFACTS = Path(__file__).resolve().parents[2] / "test-artifacts"


def artifact(folder: str, name: str) -> Path:
    """A path among the artifacts whose folder exists; odd characters of the name become dashes."""
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in name)
    path = ARTIFACTS / folder / safe
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def keep_screen(page: Page, name: str) -> None:
    """Keep how the page looks now."""
    page.screenshot(path=artifact("screens", f"{name}.png"))
