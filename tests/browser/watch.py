"""Watches a page: console errors, exceptions, failed answers, requests to other servers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response

# What a page gives up itself, by leaving or by dropping a stale reply, is no failure.
GIVEN_UP = "net::ERR_ABORTED"
SERIOUS = {"serious", "critical"}


@dataclass
class Problems:
    """What a page complained of, in the order it came."""

    origin: str
    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        """Allow the problems whose text holds `part`: the test provokes them."""
        self.expected.append(part)

    def unexpected(self) -> list[str]:
        return [text for text in self.seen if not any(part in text for part in self.expected)]

    def console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            where = message.location.get("url", "")
            self.seen.append(f"console {message.type}: {message.text} ({where})")

    def exception(self, error: Exception) -> None:
        self.seen.append(f"uncaught exception: {error}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.seen.append(f"request to another server: {request.url}")

    def failed(self, request: Request) -> None:
        if request.failure != GIVEN_UP:
            self.seen.append(f"request failed: {request.failure} {request.url}")

    def response(self, response: Response) -> None:
        if response.status >= 400:
            self.seen.append(f"answer {response.status}: {response.request.method} {response.url}")


def watch(page: Page, problems: Problems) -> None:
    """Note every problem of this page in `problems`."""
    page.on("console", problems.console)
    page.on("pageerror", problems.exception)
    page.on("request", problems.request)
    page.on("requestfailed", problems.failed)
    page.on("response", problems.response)


def serious_violations(page: Page) -> list[str]:
    """What axe finds on the page that keeps people from using it, one line a place."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {violation['help']}: {node['html'][:200]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
