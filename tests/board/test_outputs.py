"""Outputs: what raw scores say, and labels in every form people store them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from attriboard import Classes, MultiLabel, Regression
from attriboard.engine.errors import InvalidInput

LOGITS = torch.tensor([[0.0, 2.0, 1.0], [3.0, 0.0, 3.0 - 1e-3]])
NAMES = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("scores", "raw"),
    [
        ("logits", LOGITS),
        ("probabilities", LOGITS.softmax(1)),
        ("log_probabilities", LOGITS.log_softmax(1)),
    ],
)
def test_classes_read_every_kind_of_score(scores: Any, raw: torch.Tensor) -> None:
    found = Classes(NAMES, scores=scores).predictions(raw)
    expected = LOGITS.double().softmax(1)
    assert found.predicted == [1, 0]
    torch.testing.assert_close(found.score, expected.amax(1), atol=1e-6, rtol=1e-6)
    top = expected.topk(2, 1).values
    torch.testing.assert_close(found.margin, top[:, 0] - top[:, 1], atol=1e-6, rtol=1e-6)
    losses = torch.nn.functional.cross_entropy(
        LOGITS.double(), torch.tensor([2, 0]), reduction="none"
    )
    torch.testing.assert_close(found.loss([2, 0]), losses, atol=1e-6, rtol=1e-6)
    assert found.correct([2, 0]) == [False, True]


def test_rows_without_a_label_have_neither_loss_nor_right_and_wrong() -> None:
    found = Classes(NAMES).predictions(LOGITS)
    assert found.correct([None, 0]) == [None, True]
    assert found.loss([None, 0]).isnan().tolist() == [True, False]


def test_a_certain_mistake_has_a_finite_loss() -> None:
    raw = torch.tensor([[1.0, 0.0, 0.0]])
    loss = Classes(NAMES, scores="probabilities").predictions(raw).loss([1])
    assert math.isfinite(loss.item())
    assert loss.item() > 100


def test_one_class_has_a_margin_of_its_score() -> None:
    found = Classes(["only"]).predictions(torch.zeros(2, 1))
    assert found.margin.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("scores", "raw"),
    [
        ("logits", LOGITS - 1.5),
        ("probabilities", (LOGITS - 1.5).sigmoid()),
        ("log_probabilities", (LOGITS - 1.5).sigmoid().log()),
    ],
)
def test_multilabel_reads_every_kind_of_score(scores: Any, raw: torch.Tensor) -> None:
    found = MultiLabel(NAMES, scores=scores).predictions(raw)
    assert found.predicted == [(1,), (0, 2)]
    sure = (LOGITS.double() - 1.5).abs().amin(1).sigmoid()
    torch.testing.assert_close(found.score, sure, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(found.margin, 2 * sure - 1, atol=1e-6, rtol=1e-6)
    truth = torch.tensor([[0.0, 1, 0], [1, 0, 0]]).double()
    losses = torch.nn.functional.binary_cross_entropy_with_logits(
        LOGITS.double() - 1.5, truth, reduction="none"
    ).mean(1)
    torch.testing.assert_close(found.loss([(1,), (0,)]), losses, atol=1e-6, rtol=1e-6)
    assert found.correct([(1,), (0,)]) == [True, False]
    assert found.loss([None, ()]).isnan().tolist() == [True, False]


@pytest.mark.parametrize("raw", [torch.tensor([1.5, -2]), torch.tensor([[1.5], [-2]])])
def test_regression_has_squared_errors_and_no_confidence(raw: torch.Tensor) -> None:
    found = Regression("price", unit="k$").predictions(raw)
    assert found.predicted == [1.5, -2.0]
    assert found.score.isnan().all()
    assert found.loss([1.0, None]).tolist()[0] == 0.25
    assert found.correct([1.0, None]) == [None, None]
    assert Regression("price").probabilities(raw).isnan().all()


@pytest.mark.parametrize("value", [2, 2.0, "c", np.int64(2), np.array(2), torch.tensor(2)])
def test_class_labels_in_every_form(value: Any) -> None:
    assert Classes(NAMES).label(value) == 2


@pytest.mark.parametrize("value", [None, float("nan")])
def test_missing_labels(value: Any) -> None:
    assert Classes(NAMES).label(value) is None
    assert Regression("x").label(value) is None


@pytest.mark.parametrize(
    "value",
    [
        [0, 2],
        (2, 0),
        {0, 2},
        ["a", "c"],
        [1, 0, 1],
        np.array([True, False, True]),
        torch.tensor([1.0, 0, 1]),
    ],
)
def test_multilabel_labels_in_every_form(value: Any) -> None:
    assert MultiLabel(NAMES).label(value) == (0, 2)


def test_no_label_at_all_is_an_empty_tuple() -> None:
    output = MultiLabel(NAMES)
    assert output.label([]) == ()
    assert output.label([0, 0, 0]) == ()
    assert output.label(None) is None
    assert output.label_name(()) == "none"


@pytest.mark.parametrize(
    ("output", "value", "sentence"),
    [
        (Classes(NAMES), 3, "label 3 is outside the 3 classes .* numbered 0 to 2"),
        (Classes(NAMES), -1, "outside"),
        (Classes(NAMES), "d", "'d' is not among the 3 class names"),
        (Classes(NAMES), 1.5, "Use Regression"),
        (Classes(NAMES), [0, 1, 0], "store their argmax"),
        (MultiLabel(NAMES), 1, "is not a list"),
        (MultiLabel(NAMES), [0, 7], "label 7 is outside"),
        (Regression("x"), "high", "is not a number"),
        (Regression("x"), [1.0, 2.0], "is not a number"),
    ],
)
def test_labels_that_do_not_fit_are_refused(output: Any, value: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        output.label(value)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Classes([]), "one text per class"),
        (lambda: Classes("ab"), "one text per class"),
        (lambda: Classes([0, 1]), "one text per class"),  # type: ignore[list-item]
        (lambda: Classes(["a", "a"]), "'a' appears twice"),
        (lambda: MultiLabel(NAMES, scores="odds"), "not 'odds'"),  # type: ignore[arg-type]
        (lambda: Regression(""), "needs the name"),
    ],
)
def test_wrong_outputs_are_refused_at_once(make: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        make()


def test_labels_in_words() -> None:
    assert Classes(NAMES).label_name(1) == "b"
    assert MultiLabel(NAMES).label_name((0, 2)) == "a, c"
    assert Regression("price", unit="k$").label_name(2.5) == "2.5 k$"
    assert Regression("price").label_name(2.5) == "2.5"
    assert Classes(NAMES).label_name(None) is None
