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
BOARDS = ["graphs.md", "images.md", "series.md", "sounds.md", "texts.md", "videos.md"]
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


CODE = [(page, code) for page in BOARDS for code in FENCE.findall((DOCS / page).read_text())]
NAMES = [page for page, _ in CODE]


def test_each_tutorial_has_a_board() -> None:
    assert set(NAMES) == set(BOARDS)


def _made(code: str) -> Board:
    scope: dict[str, Any] = {"__name__": "tutorial"}
    exec(code, scope)  # the page's own code
    board = scope["board"]
    assert isinstance(board, Board)
    return board


@pytest.mark.parametrize("code", [code for _, code in CODE], ids=NAMES)
def test_a_board_takes_few_lines(code: str) -> None:
    assert len([line for line in code.splitlines() if line.strip()]) <= LINES


@pytest.mark.parametrize("code", [code for _, code in CODE], ids=NAMES)
def test_a_tutorials_board_is_explained(code: str) -> None:
    board = _made(code)
    example = board.example(0)
    tensors, baseline = board.tensors([example]), board.baseline(None, example)
    method = engine.IntegratedGradients(n_steps=8)
    result = engine.attribute(board.models["model"], tensors, method, 0, baselines=baseline)
    shapes = [tuple(found.shape) for found in result.attributions]
    assert shapes == [tuple(tensor.shape) for tensor in tensors]
    assert any(found.abs().sum() > 0 for found in result.attributions)


def _snippets(page: str) -> list[str]:
    return FENCE.findall((DOCS / page).read_text())


@pytest.mark.parametrize("code", _snippets("outputs.md"))
def test_every_board_of_the_page_on_outputs_is_explained(code: str) -> None:
    assert len([line for line in code.splitlines() if line.strip()]) <= LINES
    scope: dict[str, Any] = {"__name__": "tutorial"}
    exec(code, scope)  # the page's own code
    board = scope["board"]
    example = board.example(0)
    tensors, baseline = board.tensors([example]), board.baseline(None, example)
    model, extra = board.models["model"], board.extra([example])
    own = board.output.own(engine.predict(model, tensors, extra_args=extra)[0].flatten())
    method = engine.IntegratedGradients(n_steps=8)
    result = engine.attribute(model, tensors, method, own, baselines=baseline, extra_args=extra)
    assert any(found.abs().sum() > 0 for found in result.attributions)


def test_the_measures_of_the_page_on_choosing_run() -> None:
    scope: dict[str, Any] = {"__name__": "tutorial"}
    (code,) = FENCE.findall((DOCS / "choosing.md").read_text())
    exec(code, scope)  # the page's own code
    assert (scope["gap"] < 1e-3).all()
    assert scope["wrong"].shape == scope["restless"].shape == (3,)
