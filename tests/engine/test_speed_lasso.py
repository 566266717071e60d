"""The lasso of many problems at once: right by its own conditions, in fractions of a second."""

from __future__ import annotations

import time

import pytest
import torch
from torch import Tensor

from attriboard.engine.regression import _centred, lasso

PROBLEMS = [
    (200, 30, 1, 1, 0.01),
    (200, 49, 4, 2, 0.05),
    (60, 100, 2, 3, 0.01),  # fewer rows than features
    (200, 30, 1, 1, 0.0),
    (40, 60, 1, 1, 0.0),
    (200, 30, 3, 1, 50.0),  # so strong that nothing is left
]


def _problem(rows: int, features: int, examples: int, targets: int) -> tuple[Tensor, ...]:
    torch.manual_seed(rows)
    masks = torch.rand(rows, features) < 0.5
    slopes = torch.randn(features, examples, targets) * (torch.rand(features, 1, 1) < 0.3)
    values = torch.einsum("kg,gnt->knt", masks.double(), slopes.double())
    return masks, torch.rand(rows, examples), values + 0.3 * torch.randn(values.shape)


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_the_solution_meets_the_lassos_conditions(problem: tuple[int, int, int, int, float]):
    *sizes, alpha = problem
    masks, weights, values = _problem(*sizes)
    b = lasso(masks, weights, values, alpha).permute(1, 0, 2)
    gram, cross = _centred(masks, weights, values)
    mass = weights.sum(0).double()[:, None, None]
    pull = (cross - gram @ b) / mass
    held = (pull - alpha * b.sign()).abs()[b != 0]
    free = pull.abs()[b == 0]
    slack = 1e-8 * float((cross / mass).abs().max())
    assert (held <= slack).all()
    assert (free <= alpha + slack).all()
    assert (b == 0).all() == (alpha == 50.0)


def test_equal_columns_and_constant_ones_do_no_harm():
    masks, weights, values = _problem(50, 8, 1, 1)
    masks[:, 1], masks[:, 2] = masks[:, 0], True
    b = lasso(masks, weights, values, 0.02)
    assert b.isfinite().all()
    assert b[2].abs().max() == 0


def test_many_examples_take_no_python_each():
    masks, weights, values = _problem(200, 30, 500, 1)
    began = time.perf_counter()
    lasso(masks, weights, values, 0.01)
    assert time.perf_counter() - began < 5
