"""Taking it away: the link, a panel as a picture, the numbers, and a report that stands alone."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from safetensors.numpy import load_file

from tests.browser.artifacts import keep_screen
from tests.browser.pages import Explain
from tests.browser.watch import serious_violations

Saved = Callable[[str], Path]


@pytest.fixture
def saved(page: Page, tmp_path: Path) -> Saved:
    """saved("CSV") is the file behind that button of Take away, on example 19."""
    explain = Explain(page)
    explain.open(19)
    explain.expect_result("Integrated Gradients")
    page.get_by_role("button", name="Take away").click()

    def press(name: str) -> Path:
        files = page.get_by_role("region", name="Files")
        button = files.get_by_role("button", name=name, exact=True)
        link = files.get_by_role("link", name=name, exact=True)
        with page.expect_download() as download:
            button.or_(link).click()
        place = tmp_path / download.value.suggested_filename
        download.value.save_as(place)
        return place

    return press


def test_the_numbers_are_the_same_in_every_format(saved: Saved) -> None:
    arrays = load_file(saved("safetensors"))
    with saved("CSV").open(newline="") as file:
        rows = list(csv.DictReader(file))
    read = json.loads(saved("JSON").read_text())
    words = [row for row in rows if row["input"] == "question"]
    assert [row["name"] for row in words][:3] == ["what", "is", "the"]
    assert [float(row["value"]) for row in words] == pytest.approx(arrays["question"].tolist())
    assert read["attributions"]["question"]["values"] == pytest.approx(arrays["question"].tolist())
    assert len(rows) == arrays["photo"].size + arrays["question"].size
    assert read["result"]["method"]["id"] == "IntegratedGradients"


def test_a_panel_is_a_picture(saved: Saved) -> None:
    photo = ElementTree.parse(saved("photo as SVG")).getroot()
    pictures = photo.findall("{http://www.w3.org/2000/svg}image")
    assert len(pictures) == 2
    assert all(one.attrib["href"].startswith("data:image/png;base64,") for one in pictures)
    question = saved("question as SVG").read_text()
    assert ">color</text>" in question
    with Image.open(saved("photo as PNG")) as image:
        assert image.width == 1280
        assert len(image.convert("RGB").getcolors(1 << 20) or []) > 20


def test_the_link_is_copied(page: Page, saved: Saved, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("The link to this view is copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_report_opens_offline_without_a_script(
    page: Page, saved: Saved, context: BrowserContext
) -> None:
    report = saved("Report (HTML)")
    text = report.read_text()
    assert "default-src &#39;none&#39;" in text
    assert not re.search(r"<script|\son\w+=|javascript:", text, re.I)
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    asked: list[str] = []
    complaints: list[str] = []
    alone = context.new_page()
    alone.on("request", lambda request: asked.append(request.url))
    alone.on("console", lambda message: complaints.append(message.text))
    page.goto("about:blank")  # it would ask whether the server is still there
    context.set_offline(True)
    alone.goto(report.as_uri())
    expect(alone.get_by_role("heading", level=1).first).to_contain_text("easy-VQA")
    expect(alone.get_by_role("region", name="Contribution of each input")).to_contain_text("photo")
    expect(alone.get_by_role("region", name="question")).to_contain_text("color")
    expect(alone.get_by_role("heading", name="Settings and provenance")).to_be_visible()
    expect(alone.locator("body")).to_contain_text('"seed": 0')
    shown = alone.locator("img").evaluate_all("all => all.every(one => one.naturalWidth > 0)")
    assert shown
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
    assert serious_violations(alone) == []
    keep_screen(alone, "report-1400-light")
    alone.set_viewport_size({"width": 800, "height": 900})
    keep_screen(alone, "report-800-light")
    context.set_offline(False)
    alone.close()


def test_the_pane_is_open_to_everybody(
    page: Page, saved: Saved, screenshots: Callable[[str], None]
) -> None:
    screenshots("take-away")
    assert serious_violations(page) == []


def test_what_a_text_says_is_never_markup(page: Page, tmp_path: Path) -> None:
    made = page.request.post(
        "/api/edits",
        data={"parent": 19, "inputs": {"question": "what <img src=x onerror=alert(1)> is blue"}},
    ).json()
    explain = Explain(page)
    explain.open(made["index"])
    explain.expect_result("Integrated Gradients")
    page.get_by_role("button", name="Take away").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML)").click()
    download.value.save_as(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "<img src=x" not in text
    assert page.request.delete(f"/api/edits/{made['index']}").ok
