"""Facets of any column, the matrix, selections, tags, notes, saved views, ids and neighbours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SCREENS
from tests.browser.pages import Explain, Gallery
from tests.browser.server import DemoServer
from tests.browser.watch import Problems, serious_violations


@pytest.fixture
def gallery(page: Page) -> Gallery:
    return Gallery(page)


@pytest.fixture(autouse=True)
def _unmarked(demo_server: DemoServer) -> Iterator[None]:
    """Leaves the shared server without tags, views and a selection."""
    yield
    with httpx.Client(base_url=demo_server.url, trust_env=False) as client:
        client.put("/api/selection", json={"examples": []})
        for tag in client.get("/api/tags").json()["tags"]:
            held = client.get("/api/indices", params={"tag": tag["name"]}).json()["examples"]
            client.post("/api/tags", json={"examples": held, "remove": [tag["name"]]})
        for view in client.get("/api/views").json()["views"]:
            client.delete("/api/views", params={"name": view["name"]})
        client.put("/api/examples/19/note", json={"note": ""})


def _facet(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def _total(server: DemoServer, query: str) -> int:
    total: int = server.get(f"api/examples?limit=1&{query}").json()["total"]
    return total


def test_any_column_filters_by_bars_and_by_a_brushed_range(
    gallery: Gallery, page: Page, demo_server: DemoServer
) -> None:
    gallery.open()
    _facet(page, "asks").get_by_role("button", name=re.compile("^colour")).click()
    only = '{"column":"asks","values":["colour"]}'
    gallery.expect_total(_total(demo_server, f"only={only}"))
    expect(page).to_have_url(re.compile("only.asks="))
    loss = _facet(page, "Loss")
    loss.get_by_role("button", name="Loss").click()
    loss.locator(".histogram").scroll_into_view_if_needed()
    box = loss.locator(".histogram").bounding_box()
    assert box is not None
    many = gallery.total.inner_text()
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 20, steps=5)
    page.mouse.up()
    expect(page.get_by_role("button", name=re.compile("Remove loss from"))).to_be_visible()
    expect(gallery.total).not_to_have_text(many)
    few = gallery.total.inner_text()
    page.reload()
    expect(gallery.total).to_have_text(few)
    page.get_by_role("button", name="Clear all").click()
    gallery.expect_total(9673)


def test_an_order_by_a_column_of_the_users(gallery: Gallery, page: Page) -> None:
    gallery.open()
    page.get_by_label("Order").select_option("-picture")
    expect(page).to_have_url(re.compile("sort=-picture"))
    expect(page.locator(".grid[aria-busy=false]")).to_be_visible()
    assert 0 not in gallery.shown()


def test_a_cell_of_the_matrix_filters_by_label_and_prediction(
    gallery: Gallery, page: Page, demo_server: DemoServer
) -> None:
    gallery.open(correct="false")
    page.get_by_role("button", name="Confusion").click()
    matrix = page.get_by_role("region", name="Confusion matrix")
    expect(matrix).to_contain_text("accuracy 0.0 %")
    cell = matrix.get_by_role("button", name="no predicted as yes")
    count = int(cell.inner_text())
    assert count == _total(demo_server, "label=no&predicted=yes&correct=false")
    cell.click()
    gallery.expect_total(count)
    expect(cell).to_have_attribute("aria-pressed", "true")
    cell.click()
    gallery.expect_total(_total(demo_server, "correct=false"))


def test_a_stratified_subsample_shows_every_label(
    gallery: Gallery, page: Page, demo_server: DemoServer
) -> None:
    gallery.open()
    gallery.draw(26)
    page.get_by_label("as many of each label").check()
    expect(page).to_have_url(re.compile("strata=1"))
    gallery.expect_total(26)
    items = demo_server.get("api/examples?sample=26&stratified=true").json()["items"]
    labels = [item["label"] for item in items]
    assert {labels.count(label) for label in set(labels)} == {2}
    expect(page.locator(".grid[aria-busy=false]")).to_be_visible()
    assert set(gallery.shown()) <= {item["index"] for item in items}


def test_a_selection_by_mouse_and_keys_reaches_the_server(
    gallery: Gallery, page: Page, demo_server: DemoServer
) -> None:
    gallery.open(sample=20, draw=3)
    shown = gallery.shown()
    picks = page.locator(".pick")
    picks.nth(1).click()
    picks.nth(4).click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selection")
    expect(bar).to_contain_text("4 selected")
    gallery.cards.nth(6).focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text("5 selected")
    page.keyboard.press("Shift+ArrowRight")
    expect(bar).to_contain_text("6 selected")
    page.wait_for_timeout(600)
    chosen = demo_server.get("api/selection").json()["examples"]
    assert chosen == [shown[i] for i in (1, 2, 3, 4, 6, 7)]
    bar.get_by_role("button", name="Show only these").click()
    gallery.expect_total(6)
    page.reload()
    expect(bar).to_contain_text("6 selected")
    gallery.cards.first.focus()
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    page.keyboard.press("Control+a")
    expect(bar).to_contain_text("6 selected")


def test_tags_notes_and_pins_are_kept_and_filtered_by(
    gallery: Gallery, page: Page, demo_server: DemoServer
) -> None:
    gallery.open(where="index in (19, 20, 21)")
    page.locator(".pick").nth(0).click()
    note = page.get_by_label("Note on 19")
    note.fill("The label is wrong")
    note.press("Enter")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.locator(".pick").nth(2).click()
    page.get_by_label("Tag for 2 examples").fill("odd label")
    page.get_by_role("button", name="Add tag").click()
    expect(page.locator(".card-marks", has_text="odd label")).to_have_count(2)
    gallery.cards.nth(1).focus()
    page.keyboard.press("p")
    expect(page.get_by_role("link", name="Pinned example 20")).to_be_visible()
    gallery.open()
    _facet(page, "Tags").get_by_role("button", name=re.compile("^odd label")).click()
    gallery.expect_total(2)
    assert gallery.shown() == [19, 21]
    gallery.open(where='note contains "label"')
    assert gallery.shown() == [19]
    page.get_by_role("button", name="Unpin example 20").click()
    expect(page.get_by_role("region", name="Pinned")).to_have_count(0)
    assert demo_server.get("api/indices?tag=pinned").json() == {"examples": []}


def test_a_saved_view_is_a_rule_that_opens_renamed_and_goes(gallery: Gallery, page: Page) -> None:
    gallery.open(correct="false", sort="-score")
    views = _facet(page, "Saved views")
    views.get_by_label("Name of this view").fill("Sure and wrong")
    views.get_by_role("button", name="Save view").click()
    saved = views.get_by_role("button", name="Sure and wrong", exact=True)
    expect(saved).to_have_attribute("aria-current", "true")
    gallery.open(label="3")
    saved.click()
    expect(page).to_have_url(re.compile(r"\?correct=false&sort=-score$"))
    views.get_by_role("button", name="Rename Sure and wrong").click()
    views.get_by_label("New name of Sure and wrong").fill("Mistakes")
    views.get_by_label("New name of Sure and wrong").press("Enter")
    expect(views.get_by_role("button", name="Mistakes", exact=True)).to_be_visible()
    views.get_by_role("button", name="Delete Mistakes").click()
    expect(views.get_by_role("button", name="Mistakes", exact=True)).to_have_count(0)


def test_ids_go_out_to_a_file_and_come_in_from_one(
    gallery: Gallery, page: Page, tmp_path: Path
) -> None:
    gallery.open(sample=5, draw=3)
    drawn = gallery.shown()
    ids = _facet(page, "Ids")
    ids.get_by_role("button", name="Ids").click()
    with page.expect_download() as caught:
        ids.get_by_role("button", name="JSON").click()
    file = tmp_path / "ids.json"
    caught.value.save_as(file)
    assert json.loads(file.read_text()) == drawn
    gallery.open()
    _facet(page, "Ids").get_by_role("button", name="Ids").click()
    ids.get_by_label("File with ids").set_input_files(file)
    ids.get_by_label("Tag for the ids").fill("drawn")
    ids.get_by_role("button", name="Select").click()
    gallery.expect_total(5)
    assert gallery.shown() == sorted(drawn)
    expect(page.get_by_role("region", name="Selection")).to_contain_text("5 selected")
    ids.get_by_label("Ids to select").fill("3\n99999")
    ids.get_by_role("button", name="Select").click()
    expect(ids.get_by_role("status")).to_have_text("1 example selected. 1 not found: 99999.")


def test_similar_examples_come_with_progress_and_open(gallery: Gallery, page: Page) -> None:
    gallery.open(sample=20, draw=3)
    gallery.cards.nth(2).focus()
    index = gallery.shown()[2]
    page.keyboard.press("n")
    panel = page.get_by_role("region", name=f"Similar to example {index}")
    links = panel.get_by_role("link")
    expect(links.first).to_be_visible(timeout=180_000)
    likeness = [float(text) for text in panel.locator(".neighbour-name .num").all_inner_texts()]
    assert likeness == sorted(likeness, reverse=True)
    assert likeness[0] > 0.9
    links.first.click()
    Explain(page).expect_result("Integrated Gradients")


def test_a_mistake_in_a_link_is_told_with_a_way_out(
    gallery: Gallery, page: Page, problems: Problems
) -> None:
    problems.expect("422")
    page.goto('/?only.nothing=["a"]')
    expect(page.get_by_role("alert").first).to_contain_text("There is no column 'nothing'")
    page.get_by_role("button", name="Clear all filters").click()
    gallery.expect_total(9673)


def test_the_picking_is_open_to_everybody(gallery: Gallery, page: Page, on_screen: object) -> None:
    gallery.open(correct="false", matrix=1)
    page.locator(".pick").nth(1).click()
    page.get_by_label("Tag for 1 example").fill("odd")
    page.get_by_role("button", name="Add tag").click()
    gallery.cards.nth(0).focus()
    page.keyboard.press("p")
    expect(page.get_by_role("region", name="Pinned")).to_be_visible()
    for screen in SCREENS:
        on_screen(screen)  # type: ignore[operator]
        assert serious_violations(page) == [], screen


def test_an_example_is_pinned_from_explain(gallery: Gallery, page: Page) -> None:
    explain = Explain(page)
    explain.open(19, method="Saliency")
    explain.expect_result("Saliency")
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.get_by_role("button", name="Pinned", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    gallery.open(q="circle")
    pins = page.get_by_role("region", name="Pinned")
    expect(pins.get_by_role("link")).to_have_count(1)
    pins.get_by_role("link").click()
    expect(page).to_have_url(re.compile("example=19"))
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Pin", exact=True)).to_be_visible()
    gallery.open()
    expect(pins).to_have_count(0)
