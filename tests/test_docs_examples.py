"""The snippets of docs/examples.md, run word for word on a small board."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from torch import nn

import attriboard as ab

PAGE = Path(__file__).resolve().parent.parent / "docs" / "examples.md"


def board() -> ab.Board:
    torch.manual_seed(0)
    data = [(torch.rand(3, 4, 4), place % 2) for place in range(40)]
    model = nn.Sequential(nn.Flatten(), nn.Linear(48, 2))
    return ab.Board(model, data, ab.Image("photo"), ab.Classes(["no", "yes"]))


def test_the_page_follows_what_a_notebook_selects() -> None:
    shown, given = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    scope: dict[str, Any] = {"board": board()}
    try:
        exec(shown, scope)
        assert scope["view"].selection == [19, 28]
    finally:
        scope["view"].close()
    scope["scores"] = 4 * torch.eye(2).repeat(20, 1)
    exec(given, scope)
    made = scope["board"].imported_predictions("model")
    assert torch.equal(made.rows([0, 1]), 4 * torch.eye(2))
    assert any("imported" in warning for warning in scope["board"].warnings)
