"""The views as a person finds their way in them: by what is written on the screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, Request, expect

COUNT_CLICKS = """addEventListener("click", (event) => {
  if (!event.isTrusted) return;
  sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks")) + 1);
}, true);"""
NUMBER = re.compile(r"[+\u2212-]?\d[\d,]*(?:\.\d+)?")


class Gallery:
    """The view Examples."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cards = page.locator("a.card")
        self.total = page.locator("h1.total")

    def open(self, **filters: object) -> None:
        self.page.goto(f"/?{urlencode(filters)}")
        expect(self.cards.first).to_be_visible()

    def choose(self, outcome: str) -> None:
        """Right or wrong predictions alone."""
        self.page.get_by_role("button", name=re.compile(f"^{outcome} ")).click()

    def draw(self, count: int, seed: int = 0) -> None:
        """A subsample, as a person asks for it."""
        form = self.page.get_by_role("region", name="Subsample")
        form.get_by_label("count").fill(str(count))
        form.get_by_label("seed").fill(str(seed))
        form.get_by_role("button", name="Draw").click()
        expect(self.total).to_contain_text(f"seed {seed}")

    def expect_total(self, count: int) -> None:
        expect(self.total).to_have_text(re.compile(rf"^{count:,} "))

    def shown(self) -> list[int]:
        """The indices of the examples on screen, in order."""
        links = self.cards.evaluate_all(
            "cards => cards.sort((a, b) => a.dataset.position - b.dataset.position)"
            ".map(card => card.getAttribute('href'))"
        )
        return [int(found[1]) for link in links if (found := re.search(r"example=(\d+)", link))]


class Explain:
    """The view Explain."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.made_by = page.get_by_role("region", name="Made by")
        self.trust = page.get_by_role("region", name="Can this be trusted?")
        self.contributions = page.get_by_role("region", name="Contribution of each input")
        self.targets = page.get_by_role("region", name="Explained output")
        self.strip = page.get_by_role("navigation", name="Examples of the current list")
        self.question = page.get_by_role("region", name="question", exact=True)
        self.photo = page.get_by_role("region", name="photo", exact=True)
        self.method = page.get_by_role("combobox", name="Method")
        self.run = page.get_by_role("button", name="Run", exact=True)

    def open(self, example: int, **settings: object) -> None:
        names = {name.replace("__", "."): value for name, value in settings.items()}
        self.page.goto(f"/?{urlencode({'view': 'explain', 'example': example, **names})}")

    def expect_result(self, method: str, target: str | None = None) -> None:
        """Until the screen shows what this method gives, and nothing older."""
        expect(self.made_by).to_contain_text(f"Method{method}")
        if target is not None:
            expect(self.made_by).to_contain_text(f"Target{target}")
        expect(self.page.locator(".stale")).to_have_count(0)

    def choose(self, method: str) -> None:
        self.method.select_option(label=method)
        self.expect_result(method)

    def target(self, place: int) -> Locator:
        """The class of rank `place` in the list of targets, as a button."""
        return self.targets.locator("button.target").nth(place)

    def target_name(self, place: int) -> str:
        return self.target(place).locator("[dir=auto]").inner_text()

    def fact(self, name: str) -> float:
        """The number beside a name in the column of figures."""
        term = self.page.locator("dt", has_text=re.compile(f"^{re.escape(name)}$"))
        return number(term.locator("xpath=following-sibling::dd[1]").inner_text())

    def numbers(self) -> dict[str, str]:
        """All that is written about the result, panel by panel."""
        panels = {
            "contributions": self.contributions,
            "trust": self.trust,
            "made by": self.made_by,
            "question": self.question,
            "strongest": self.page.get_by_role("region", name="Strongest features"),
        }
        return {name: panel.inner_text() for name, panel in panels.items()}

    def picture(self) -> str:
        """The attributions of the photo as drawn."""
        canvas = self.photo.get_by_label("Attributions of photo")
        drawn: str = canvas.evaluate("canvas => canvas.toDataURL()")
        return drawn


class Clicks:
    """Counts what a person clicks from the page's first address on."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.add_init_script(COUNT_CLICKS)

    def count(self) -> int:
        return int(self._page.evaluate("sessionStorage.getItem('clicks') ?? 0"))


class Asked:
    """The questions a page asks its server, by path."""

    def __init__(self, page: Page) -> None:
        self.seen: list[tuple[str, str]] = []
        page.on("request", self._note)

    def count(self, method: str, part: str) -> int:
        return sum(verb == method and part in url for verb, url in self.seen)

    def _note(self, request: Request) -> None:
        self.seen.append((request.method, request.url))


def number(text: str) -> float:
    """The first number in a text as the page writes numbers."""
    found = NUMBER.search(text)
    assert found is not None, f"no number in {text!r}"
    return float(found[0].replace("\u2212", "-").replace(",", ""))


def numbers(text: str) -> list[float]:
    return [number(found) for found in NUMBER.findall(text)]


def shares(rows: Mapping[str, str]) -> dict[str, float]:
    """The percentages of rows such as "+5.77 · 40 %"."""
    return {name: numbers(text)[-1] for name, text in rows.items()}
