"""The demo `patients`: three inputs, and an answer that is known to come from two of their signs.

What is claimed of the trained network is measured on patients it never saw, and again on networks
before training, which must fail.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from attriboard import engine
from attriboard.board import Board
from attriboard.demos import DEMOS
from attriboard.demos.patients.data import FEVER, LENGTH, SIGNS, Patients
from attriboard.demos.patients.model import WEIGHTS, PatientNet, trained, untrained
from attriboard.demos.patients.train import SEED, accuracy, put_away, train

ILL = engine.Contrast(1, 0)
BEGINNERS = (SEED, 1, 2)


@dataclass(frozen=True)
class Cases:
    """Patients of the test split, with the board's own baseline."""

    patients: Patients
    inputs: tuple[Tensor, Tensor, Tensor]
    signs: Tensor  # (N, 3)
    baseline: tuple[Tensor, ...]

    def of(self, rows: Tensor) -> tuple[Tensor, ...]:
        return tuple(tensor[rows] for tensor in self.inputs)


@pytest.fixture(scope="module")
def board() -> Board:
    return DEMOS["patients"].load()


@pytest.fixture(scope="module")
def cases(board: Board) -> Cases:
    patients = Patients()
    scans, notes, rows, _ = patients.tensors()
    baseline = board.baseline(None, board.example(0))
    return Cases(patients, (scans, notes, rows), torch.from_numpy(patients.signs), baseline)


def least_is_missing(model: PatientNet, cases: Cases) -> float:
    """Of patients with two signs: how often the input without one contributes least."""
    rows = (cases.signs.sum(1) == 2).nonzero()[:, 0]
    assert len(rows) >= 100
    found = engine.shapley(model, cases.of(rows), ILL, baselines=cases.baseline)
    missing = (~cases.signs[rows]).float().argmax(1)
    return float((found.values.argmin(1) == missing).float().mean())


def temperature_is_strongest(model: PatientNet, cases: Cases) -> float:
    """Of patients with a fever: how often it is the strongest of the four columns."""
    rows = cases.signs[:, 2].nonzero()[:, 0]
    assert len(rows) >= 100
    found = engine.attribute(
        model, cases.of(rows), engine.IntegratedGradients(), ILL, baselines=cases.baseline
    ).attributions[2]
    columns = torch.cat([found[:, :3], found[:, 3:].sum(1, keepdim=True)], 1)
    return float((columns.abs().argmax(1) == 1).float().mean())


def test_the_input_without_a_sign_contributes_least(cases: Cases) -> None:
    share = least_is_missing(trained(), cases)
    before = [least_is_missing(untrained(seed), cases) for seed in BEGINNERS]
    print(f"\nthe input without a sign is least: trained {share:.2f}, before {before}")
    assert share >= 0.95
    assert max(before) < 0.7


def test_a_fever_is_the_strongest_column(cases: Cases) -> None:
    share = temperature_is_strongest(trained(), cases)
    before = [temperature_is_strongest(untrained(seed), cases) for seed in BEGINNERS]
    print(f"\nthe fever is strongest: trained {share:.2f}, before {before}")
    assert share >= 0.95
    assert max(before) < 0.8


def test_the_rule_holds_in_the_data_and_in_the_network(cases: Cases) -> None:
    patients = cases.patients
    for index in range(len(patients)):
        item = patients[index]
        assert item["label"] == int(item["signs"] >= 2)
        assert item["cough"] == ("cough" in item["note"] and not item["note"].count("no cough")
                                 and "never had" not in item["note"])  # fmt: skip
        assert item["fever"] == (float(item["numbers"]["temperature"]) > FEVER)
        assert len(item["note"].split()) <= LENGTH
    assert accuracy(trained(), patients) >= 0.98
    assert accuracy(untrained(SEED), patients) < 0.7


def test_the_board_gives_the_network_what_it_was_trained_on(board: Board, cases: Cases) -> None:
    assert board.warnings == ()
    found = board.tensors([board.example(index) for index in (0, 4, 599)])
    for tensor, expected in zip(found, cases.of(torch.tensor([0, 4, 599])), strict=True):
        torch.testing.assert_close(tensor, expected)


def test_the_default_baseline_has_no_sign(board: Board, cases: Cases) -> None:
    assert [entry.default_baseline for entry in board.inputs] == ["mean", "pad", "median"]
    scores = trained()(*cases.baseline)
    assert scores.argmax(1).item() == 0
    temperature = board.inputs[2].view(cases.baseline[2][0])["columns"][1]["value"]
    assert 36 < temperature < FEVER


def test_what_the_page_opens_with_is_true(board: Board) -> None:
    assert "example=4" in board.opening
    example = board.example(4)
    assert [example.metadata[sign] for sign in SIGNS] == [True, False, True]
    assert "no cough" in example.raw["note"]


def test_an_input_put_away_has_no_sign(cases: Cases) -> None:
    away = torch.ones(len(cases.signs), 3, dtype=torch.bool)
    scans, notes, rows = put_away(cases.inputs, away)
    assert scans.flatten(1).std(1).max() < 1e-6
    assert (notes == 0).all()
    assert (rows[:, 1] * 1.3 + 38 < FEVER).all()
    assert torch.equal(rows[:, 3:], cases.inputs[2][:, 3:])


def test_the_seed_decides_patients_and_network() -> None:
    few, same, other = Patients(40, seed=3), Patients(40, seed=3), Patients(40, seed=4)
    assert np.array_equal(few.signs, same.signs)
    assert not np.array_equal(few.signs, other.signs)
    first, again = (train(few, 2, 0).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert WEIGHTS.stat().st_size < 20_000
