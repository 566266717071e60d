"""The demo `housing`: its board, its network, and figure 4 of the paper.

The figure sets what each unit before the last layer did for the prices (its conductance, a mean
over the test split) beside what the last layer makes of it (its weight), both L1-normalised. The
two must agree in sign where either is large. In a network that was not trained, units that never
fire have weights as large as any other, and the signs part.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl

import pytest
import torch
from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.housing.data import MEANING, Housing, housing
from attriboard.demos.housing.model import WEIGHTS, HousingNet, trained, untrained
from attriboard.demos.housing.train import SEED, error, train
from attriboard.jobs.request import AttributionRequest
from attriboard.jobs.session import Session
from tests.jobs.conftest import arrays, results

SHARE = 0.05  # of the L1 norm, from which a unit counts


@pytest.fixture(scope="module")
def board() -> Board:
    return DEMOS["housing"].load()


@pytest.fixture(scope="module")
def data() -> Housing:
    return housing()


@dataclass(frozen=True)
class Figure:
    """Shares of the ten units before the last layer, (10,) each, with their signs."""

    conductance: Tensor
    weight: Tensor

    @property
    def agreement(self) -> float:
        """Of the units that count in either, the part whose signs agree."""
        counts = (self.conductance.abs() >= SHARE) | (self.weight.abs() >= SHARE)
        alike = self.conductance.sign() == self.weight.sign()
        return float(alike[counts].float().mean())

    @property
    def rank_correlation(self) -> float:
        ranks = torch.stack([one.argsort().argsort().double() for one in self.__dict__.values()])
        return float(torch.corrcoef(ranks)[0, 1])


def figure(model: HousingNet, data: Housing, baseline: Tensor) -> Figure:
    found = engine.attribute(
        model,
        data.rows[data.tested],
        engine.LayerConductance(n_steps=50),
        baselines=baseline,
        layer="layers.lin4",
        layer_side="input",
    )
    conductance, weight = found.attributions[0].mean(0), model.last_weights
    return Figure(conductance / conductance.abs().sum(), weight / weight.abs().sum())


def test_conductance_has_the_sign_of_the_learned_weight(board: Board, data: Housing) -> None:
    (baseline,) = board.baseline(None, board.example(0))
    shown = figure(trained(), data, baseline)
    start = figure(untrained(SEED), data, baseline)
    others = [figure(untrained(seed), data, baseline).agreement for seed in range(20)]
    print(f"\nsigns agree: trained {shown.agreement:.2f}, before training {start.agreement:.2f}")
    print(f"rank correlation: {shown.rank_correlation:.2f}, {start.rank_correlation:.2f}")
    print(f"20 untrained networks: {sum(a >= 0.9 for a in others)} reach 0.9, {sorted(others)}")
    assert int(data.tested.sum()) >= 100
    assert shown.agreement >= 0.9
    assert shown.rank_correlation >= 0.8
    assert start.agreement < 0.9
    assert sum(others) / len(others) < 0.85


def test_from_a_baseline_of_zeros_the_figure_turns_round(board: Board, data: Housing) -> None:
    """No part of Boston has no rooms and no teachers: there the network knows nothing."""
    (zero,) = board.baseline({"tract": "zero"}, board.example(0))
    assert figure(trained(), data, zero).agreement < 0.5


def test_the_network_is_off_by_little(data: Housing) -> None:
    rows, prices = data.rows[data.tested], data.prices[data.tested]
    spread = float(prices.std())
    assert error(trained(), rows, prices) < 0.4 * spread
    assert error(untrained(SEED), rows, prices) > 2 * spread


def test_the_board_gives_the_network_what_it_was_trained_on(board: Board, data: Housing) -> None:
    (rows,) = board.tensors([board.example(index) for index in (0, 7, 505)])
    torch.testing.assert_close(rows, data.rows[[0, 7, 505]])
    assert board.warnings == ()
    view = board.inputs[0].view(board.example(0).raw["tract"])
    assert [column["name"] for column in view["columns"]] == [name for name, _, _ in MEANING]
    assert view["columns"][0]["value"] == 0.00632


def test_zero_is_said_to_mean_something_where_it_does(board: Board) -> None:
    said = {choice.id: choice.help for choice in board.inputs[0].baseline_kinds()}["zero"]
    assert "Zero is a meaningful value in large lots" in said
    assert "No row is near zero in" in said


def test_what_the_page_opens_with_is_true(board: Board, data: Housing) -> None:
    """In tract 411, of the test split, b lowers the price more than any other column."""
    assert "example=411" in board.opening
    assert board.example(411).metadata["split"] == "test"
    (baseline,) = board.baseline(None, board.example(411))
    found = engine.attribute(
        trained(), data.rows[411:412], engine.IntegratedGradients(), baselines=baseline
    )
    values = found.attributions[0][0]
    assert MEANING[int(values.argmin())][0] == "b"
    assert values.min() < -10
    assert values.abs().argmax() == values.argmin()


def test_the_saved_views_show_the_figure_for_one_tract(board: Board, data: Housing) -> None:
    """Asked as the views' addresses ask: the units' conductance, and exactly their weights."""
    conductance, weights = (dict(parse_qsl(query)) for query in board.views.values())
    assert all("Figure 4" in name for name in board.views)
    assert conductance["method"] == "LayerConductance"
    assert (weights["method"], weights["p.abs"]) == ("Saliency", "false")
    session = Session(board)
    try:
        assert [view.query for view in session.catalog.views.all()] == list(board.views.values())
        found = []
        for view, params in ((conductance, {}), (weights, {"abs": False})):
            request = AttributionRequest(
                examples=(int(view["example"]),), method_id=view["method"], params=params,
                layer=view["layer"],
            )  # fmt: skip
            meta = results(session, request)[0]
            found.append(torch.from_numpy(arrays(session, meta)["layer"]))
    finally:
        session.close()
    torch.testing.assert_close(found[1], trained().last_weights)
    one = Figure(found[0] / found[0].abs().sum(), found[1] / found[1].abs().sum())
    assert one.agreement >= 0.9


def test_the_same_seed_trains_the_same_network(data: Housing) -> None:
    first, again, other = (train(data, 5, seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["layers.lin1.weight"], other["layers.lin1.weight"])


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 40_000
