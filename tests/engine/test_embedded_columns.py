"""Codes of a table: each column is looked up in a table of its own, and explained by itself."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from attriboard import engine
from attriboard.engine.errors import Unsupported

CODES = torch.tensor([[0, 2, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0]])
BASELINE = torch.tensor([[0, 0, 0]])
SIZES = (2, 3, 2)


class Embedded(nn.Module):
    """Numbers beside codes, each column of these with an embedding of its own."""

    def __init__(self, way: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.tables = nn.ModuleList(nn.Embedding(size, 4) for size in SIZES)
        self.head = nn.Sequential(nn.Linear(14, 8), nn.Tanh(), nn.Linear(8, 2))
        self.way = way

    def forward(self, numbers: Tensor, codes: Tensor) -> Tensor:
        columns = codes.unbind(1) if self.way == "unbind" else [codes[:, i] for i in range(3)]
        found = [table(column) for table, column in zip(self.tables, columns, strict=True)]
        scores: Tensor = self.head(torch.cat([numbers, *found], 1))
        return scores


@pytest.mark.parametrize("way", ["slice", "unbind"])
def test_each_column_has_its_own_share(way: str) -> None:
    model = Embedded(way).double()
    numbers = torch.randn(4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    found = engine.attribute(
        model,
        (numbers, CODES),
        engine.IntegratedGradients(n_steps=200),
        target=1,
        baselines=(torch.zeros(1, 2, dtype=torch.float64), BASELINE),
    )
    shares = found.attributions[1]
    assert shares.shape == CODES.shape
    assert found.delta is not None
    assert found.delta.abs().max() < 1e-6
    # A column that holds what its baseline holds did nothing.
    assert torch.equal(shares == 0, CODES == BASELINE)


def test_against_gradients_written_out() -> None:
    model = Embedded("slice").double()
    numbers = torch.zeros(4, 2, dtype=torch.float64)
    found = engine.attribute(
        model, (numbers, CODES), engine.InputXGradient(), target=1
    ).attributions[1]
    parts = [table(CODES[:, i]).detach().requires_grad_() for i, table in enumerate(model.tables)]
    score = model.head(torch.cat([numbers, *parts], 1))[:, 1].sum()
    for place, gradient in enumerate(torch.autograd.grad(score, parts)):
        expected = (gradient * parts[place].detach()).sum(1)
        torch.testing.assert_close(found[:, place], expected)


class Runs(nn.Module):
    """Two runs of tokens that follow one another in a row, each read by itself."""

    def __init__(self, apart: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.words = nn.Embedding(9, 4)
        self.heads = nn.ModuleList([nn.Linear(4, 2), nn.Linear(4, 2)])
        self.apart = apart

    def forward(self, ids: Tensor) -> Tensor:
        if self.apart:
            runs = [self.words(part) for part in ids.split((2, 3), 1)]
        else:
            runs = list(self.words(ids).split((2, 3), 1))
        first, second = (
            head(run.tanh().mean(1)) for head, run in zip(self.heads, runs, strict=True)
        )
        scores: Tensor = first + 2 * second
        return scores


@pytest.mark.parametrize(
    "method", [engine.IntegratedGradients(n_steps=20), engine.InputXGradient(), engine.DeepLift()]
)
def test_runs_of_columns_are_explained_as_all_of_them_together(method: engine.Method) -> None:
    ids = torch.tensor([[1, 2, 3, 4, 5], [6, 0, 7, 8, 1], [3, 3, 3, 3, 3]])
    together, apart = (
        engine.attribute(Runs(apart).double(), ids, method, target=1, baselines=0).attributions[0]
        for apart in (False, True)
    )
    assert apart.shape == ids.shape
    torch.testing.assert_close(apart, together)
    assert (apart != 0)[ids != 0].all()


def test_codes_that_are_never_looked_up_are_refused() -> None:
    class Counted(nn.Module):
        def forward(self, codes: Tensor) -> Tensor:
            return codes.float().sum(1)

    with pytest.raises(Unsupported, match="reach no embedding"):
        engine.attribute(Counted(), CODES, engine.IntegratedGradients())
