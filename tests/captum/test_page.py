"""The page for people who come from Captum names all there is, and all that is accepted only."""

from __future__ import annotations

from pathlib import Path

import pytest

import attriboard.captum

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "coming-from-captum.md").read_text()


@pytest.mark.parametrize("name", attriboard.captum.__all__)
def test_every_name_is_on_the_page(name: str):
    assert f"`{name}`" in PAGE


def test_what_differs_in_a_class_is_on_the_page():
    rows = [getattr(attriboard.captum, name) for name in attriboard.captum.__all__]
    notes = {kind.row.note for kind in rows if hasattr(kind, "row") and kind.row.note}
    assert [note for note in notes if note not in PAGE] == []


def test_its_code_runs():
    blocks = [block.split("```", 1)[0] for block in PAGE.split("```python\n")[1:]]
    assert len(blocks) >= 3
    for block in blocks:
        if "attriboard" in block:
            exec(compile(block, "coming-from-captum.md", "exec"), {})
