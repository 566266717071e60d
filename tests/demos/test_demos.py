"""The list of demos: light to import, and a sentence where a demo's data is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from attriboard.demos import DEMOS
from attriboard.engine.errors import AttriboardError


def test_vqa_is_the_default_and_names_are_keys() -> None:
    assert next(iter(DEMOS)) == "vqa"
    assert all(demo.name == name for name, demo in DEMOS.items())


def test_listing_demos_does_not_import_torch() -> None:
    code = "import sys, attriboard.demos; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_missing_data_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "easy_vqa", None)
    with pytest.raises(AttriboardError, match=r'pip install "attriboard\[demo\]"'):
        DEMOS["vqa"].load()
