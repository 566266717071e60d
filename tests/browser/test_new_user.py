"""A new user's path: from `pip install` of the wheel to "does this model look at the picture?"."""

from __future__ import annotations

import os
import re
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import Clicks
from tests.browser.server import DemoServer, start_installed

ROOT = Path(__file__).resolve().parents[2]
MOST_CLICKS = 6
SECONDS = 120_000


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`attriboard` as pip installs it from the built wheel, in an environment of its own.

    What AttriBoard stands on is shared with the environment of the tests; tests/packaging installs
    all of it anew.
    """
    home = tmp_path_factory.mktemp("new user")
    pip = [sys.executable, "-m", "pip"]
    build = [*pip, "wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--wheel-dir"]
    _run([*build, str(home)])
    (wheel,) = home.glob("*.whl")
    environment = home / "environment"
    _run([sys.executable, "-m", "venv", "--without-pip", str(environment)])
    python = environment / "bin" / "python"
    _run([*pip, "--python", str(python), "install", "--quiet", "--no-deps", str(wheel)])
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "shared.pth").write_text("\n".join(site.getsitepackages()))
    where = _run([str(python), "-c", "import attriboard; print(attriboard.__file__)"])
    assert str(environment) in where, "the installed AttriBoard is the one that is used"
    return environment / "bin" / "attriboard"


@pytest.fixture(scope="module")
def demo_server(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """The demo of the installed wheel, just started: nothing is predicted or computed yet."""
    folder = tmp_path_factory.mktemp("first start")
    with start_installed(command, folder / "store", folder / "server.log") as server:
        yield server


def test_does_this_model_look_at_the_picture(page: Page) -> None:
    clicks = Clicks(page)
    page.goto("/")
    page.get_by_role("link", name="Modalities").click()
    page.get_by_role("button", name="Look at a random 300 instead").click()
    page.get_by_role("button", name=re.compile("^Compute 300 examples")).click()
    answer = page.get_by_role("region", name="Without an input")
    expect(answer).to_contain_text(
        re.compile(r"Without photo, \d+ % of the answers change.*: the model uses it\."),
        timeout=SECONDS,
    )
    expect(page.get_by_text(re.compile("^All 300 examples computed"))).to_be_visible(
        timeout=SECONDS
    )
    assert 1 <= clicks.count() <= MOST_CLICKS


def test_what_drove_one_answer(page: Page) -> None:
    """The same question of a single example takes one click."""
    clicks = Clicks(page)
    page.goto("/")
    page.locator("a.card").first.click()
    shares = page.get_by_role("region", name="Contribution of each input")
    expect(shares).to_contain_text(re.compile(r"photo\s*[+\u2212]\d.*%"), timeout=SECONDS)
    assert clicks.count() == 1


def _run(command: list[str]) -> str:
    clean = {**os.environ, "PYTHONPATH": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout
