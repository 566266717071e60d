"""The boards of the tutorials: at most 15 lines, and each runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from attriboard import engine
from attriboard.board import Board

DOCS = Path(__file__).resolve().parent.parent / "docs"
LINES = 15
BOARDS = ["graphs.md", "images.md", "sounds.md", "texts.md"]
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def _made(page: str) -> Board:
    scope: dict[str, Any] = {"__name__": "tutorial"}
    (code,) = FENCE.findall((DOCS / page).read_text())
    exec(code, scope)  # the page's own code
    board = scope["board"]
    assert isinstance(board, Board)
    return board


@pytest.mark.parametrize("page", BOARDS)
def test_a_board_takes_few_lines(page: str) -> None:
    (code,) = FENCE.findall((DOCS / page).read_text())
    assert len([line for line in code.splitlines() if line.strip()]) <= LINES


@pytest.mark.parametrize("page", BOARDS)
def test_a_tutorials_board_is_explained(page: str) -> None:
    board = _made(page)
    example = board.example(0)
    tensors, baseline = board.tensors([example]), board.baseline(None, example)
    method = engine.IntegratedGradients(n_steps=8)
    result = engine.attribute(board.models["model"], tensors, method, 0, baselines=baseline)
    shapes = [tuple(found.shape) for found in result.attributions]
    assert shapes == [tuple(tensor.shape) for tensor in tensors]
    assert any(found.abs().sum() > 0 for found in result.attributions)


def test_the_measures_of_the_page_on_choosing_run() -> None:
    scope: dict[str, Any] = {"__name__": "tutorial"}
    (code,) = FENCE.findall((DOCS / "choosing.md").read_text())
    exec(code, scope)  # the page's own code
    assert (scope["gap"] < 1e-3).all()
    assert scope["wrong"].shape == scope["restless"].shape == (3,)
