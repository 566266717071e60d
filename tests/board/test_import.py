"""`import attriboard` is quick, and offers the names the README uses."""

from __future__ import annotations

import subprocess
import sys

import attriboard


def test_import_loads_no_torch() -> None:
    code = "import sys, attriboard; print('torch' in sys.modules, 'duckdb' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]


def test_every_public_name_can_be_reached() -> None:
    for name in attriboard.__all__:
        assert getattr(attriboard, name) is not None
    assert set(attriboard.__all__) <= set(dir(attriboard))
    assert {"Board", "Image", "Text", "Classes", "Regression", "MultiLabel", "engine"} <= set(
        attriboard.__all__
    )


def test_other_names_are_refused() -> None:
    assert not hasattr(attriboard, "Bored")
