"""The watch over pages sees what it must, so that a browser test that passes means something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.watch import Problems, serious_violations, watch

ORIGIN = "http://attriboard.test"
PAGE = "<!doctype html><html lang=en><title>Page</title><main><h1>Page</h1>{}</main>"


@pytest.fixture
def seen() -> Problems:
    return Problems(ORIGIN)


@pytest.fixture
def watched(browser: Browser, seen: Problems) -> Iterator[Page]:
    """A watched page; its server is this test."""
    page = browser.new_page()
    watch(page, seen)
    yield page
    page.close()


def show(page: Page, body: str) -> None:
    def answer(route: Route) -> None:
        if route.request.url == f"{ORIGIN}/":
            route.fulfill(body=PAGE.format(body), content_type="text/html")
        elif "missing" in route.request.url:
            route.fulfill(status=404, body="not here")
        else:
            route.abort("connectionrefused")

    page.route("**/*", answer)
    page.goto(ORIGIN)
    page.wait_for_load_state("networkidle")


def test_a_clean_page_has_no_problem(watched: Page, seen: Problems) -> None:
    show(watched, "<p>Nothing to see</p>")
    assert seen.unexpected() == []
    assert serious_violations(watched) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<script>console.error('it broke')</script>", "console error: it broke"),
        ("<script>console.warn('mind this')</script>", "console warning: mind this"),
        ("<script>throw new Error('thrown')</script>", "uncaught exception: thrown"),
        ("<script>Promise.reject(new Error('lost'))</script>", "uncaught exception: lost"),
        ("<img alt='' src='missing.png'>", "answer 404: GET http://attriboard.test/missing.png"),
        ("<img alt='' src='gone.png'>", "request failed: net::ERR_CONNECTION_REFUSED"),
        ("<img alt='' src='http://other.test/a.png'>", "request to another server"),
    ],
)
def test_every_kind_of_problem_is_seen(
    watched: Page, seen: Problems, body: str, problem: str
) -> None:
    show(watched, body)
    assert [text for text in seen.unexpected() if problem in text]
    seen.expect("")
    assert seen.unexpected() == []


def test_axe_sees_what_keeps_people_out(watched: Page) -> None:
    show(watched, "<button></button><img src='missing.png'>")
    found = " ".join(serious_violations(watched))
    assert "button-name" in found
    assert "image-alt" in found
