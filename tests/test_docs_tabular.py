"""The boards of docs/tabular.md, run word for word on models and data that no demo has."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import attriboard as ab
from attriboard import engine

PAGE = Path(__file__).resolve().parent.parent / "docs" / "tabular.md"
LINES = 15
CSV = """rooms,area,town,price,agent
2,50,Oslo,10,Kim
3,90,Rome,12,Lee
5,170,Cairo,30.5,Kim
4,130,Rome,22,
"""


class PriceNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, house: Tensor) -> Tensor:
        scores: Tensor = self.layers(house)
        return scores


class EmbeddingNet(nn.Module):
    """In double precision, with two inputs of different kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.town, self.job = nn.Embedding(2, 3), nn.Embedding(3, 3)
        self.head = nn.Linear(8, 2)

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        parts = [numbers, self.town(codes[:, 0]), self.job(codes[:, 1])]
        scores: Tensor = self.head(torch.cat(parts, 1))
        return scores


def people() -> list[dict[str, Any]]:
    jobs, towns = ("cook", "pilot", "judge"), ("Oslo", "Rome")
    return [
        {
            "age": 20 + 3 * i,
            "height": 1.5 + i / 50,
            "town": towns[i % 2],
            "job": jobs[i % 3],
            "label": ("no", "yes")[i % 2],
            "source": "made",
        }
        for i in range(12)
    ]


def snippets() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's folder: my_project, its weights and its data."""
    torch.manual_seed(0)
    module = ModuleType("my_project")
    module.__dict__.update(PriceNet=PriceNet, EmbeddingNet=EmbeddingNet, people=people)
    monkeypatch.setitem(sys.modules, "my_project", module)
    monkeypatch.chdir(tmp_path)
    save_file(PriceNet().state_dict(), "prices.safetensors")
    Path("houses.csv").write_text(CSV)


def made(snippet: str) -> ab.Board:
    """The board a snippet makes; serving it is what the README's test does."""
    names: dict[str, Any] = {}
    exec(snippet.replace("board.serve()", ""), names)
    board: ab.Board = names["board"]
    return board


def test_a_board_takes_fifteen_lines() -> None:
    counts = [len([line for line in one.splitlines() if line.strip()]) for one in snippets()]
    assert len(counts) == 2
    assert max(counts) <= LINES


@pytest.mark.usefixtures("project")
def test_the_first_board_reads_a_file() -> None:
    board = made(snippets()[0])
    assert (len(board), board.warnings) == (4, ())
    example = board.example(1)
    assert example.metadata == {"rooms": 3.0, "area": 90.0, "town": "Rome", "agent": "Lee"}
    (row,) = board.tensors([example])
    assert row.tolist() == [[3, 0, 0, 1, 0]]
    features = board.features({"house": "columns"}, example)
    found = engine.attribute(
        board.models["model"],
        row,
        engine.FeatureAblation(),
        baselines=board.baseline(None, example),
        features=features,
    ).attributions[0]
    assert board.inputs[0].summed(found[0]).shape == (3,)


@pytest.mark.usefixtures("project")
def test_the_second_board_explains_codes_column_by_column() -> None:
    board = made(snippets()[1])
    assert board.warnings == ()
    example = board.example(4)
    assert example.metadata["source"] == "made"
    baseline = board.baseline({"habits": "zero"}, example)
    tensors = board.tensors([example])
    assert [tensor.dtype for tensor in tensors] == [torch.float32, torch.int64]
    found = engine.attribute(
        board.models["model"], tensors, engine.IntegratedGradients(), 1, baselines=baseline
    )
    assert found.attributions[1].shape == (1, 2)
    assert (found.attributions[1][0] == 0).tolist() == [True, False]  # Oslo is the first town
    assert found.delta is not None
    assert found.delta.abs().max() < 1e-5


def test_numbers_and_codes_in_one_row_are_warned_of() -> None:
    class Mixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.job = nn.Embedding(3, 2)

        def forward(self, row: Tensor) -> Tensor:
            return row[:, 0] + self.job(row[:, 1].long()).sum(1)

    job = ab.Column("job", categories=["cook", "pilot", "judge"], encoding="code")
    board = ab.Board(
        Mixed(), people(), ab.Tabular("row", ["age", job]), ab.Regression("pay"), label="age"
    )
    assert any("No gradient passes from a code" in warning for warning in board.warnings)
