"""A table and a sound in one board: a column is changed, and what mattered is heard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.boards import ROW_AND_SOUND
from tests.browser.pages import Explain, number
from tests.browser.server import DemoServer, start_board
from tests.browser.test_what_if import WhatIf
from tests.browser.watch import serious_violations

# What the page plans of its gains: [value, seconds] for each.
RECORD_GAINS = """window.gains = [];
const plan = AudioParam.prototype.setValueAtTime;
AudioParam.prototype.setValueAtTime = function (value, time) {
  window.gains.push(value);
  return plan.call(this, value, time);
};"""


@pytest.fixture(scope="module")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """The board of a row and a sound, in place of the demo."""
    folder = tmp_path_factory.mktemp("sound")
    file = folder / "sound.py"
    file.write_text(ROW_AND_SOUND)
    with start_board(file, folder / "store", log=folder / "server.log") as server:
        server.wait_until_predicted()
        yield server


def test_a_changed_column_is_kept_beside_the_original(page: Page) -> None:
    what_if = WhatIf(page)
    what_if.open(11)
    gain = what_if.editor.get_by_label("gain")
    assert float(gain.input_value()) > 1
    gain.fill("0.05")
    expect(what_if.editor).to_contain_text("Changed: row")
    what_if.editor.get_by_role("button", name="Run the change").click()
    expect(what_if.answers).to_contain_text("The answer turns from loud to quiet")
    rows = page.locator("table.columns tr", has=page.get_by_text("gain", exact=True))
    expect(rows.first).to_contain_text(re.compile(r"1\.0"))
    expect(rows.last).to_contain_text("0.05")
    assert serious_violations(page) == []
    page.reload()
    expect(what_if.answers).to_contain_text("The answer turns from loud to quiet")


def test_only_what_mattered_is_played(page: Page) -> None:
    page.add_init_script(RECORD_GAINS)
    explain = Explain(page)
    explain.open(11, method="Saliency")
    explain.expect_result("Saliency")
    sound = page.get_by_role("region", name="sound", exact=True)
    said = sound.get_by_text("of the time carries").inner_text()
    assert 0 < number(said) <= 50
    sound.get_by_role("button", name="Play only what mattered").click()
    page.wait_for_function("() => window.gains.length > 0")
    assert set(page.evaluate("window.gains")) == {0, 1}
    expect(sound.get_by_role("button", name="Play only what mattered")).to_be_visible()
    expect(sound.get_by_role("alert")).to_have_count(0)
    sound.get_by_role("button", name="Play", exact=True).click()
    expect(sound.get_by_role("button", name="Stop")).to_have_count(0)
