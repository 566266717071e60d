"""The forms in which datasets yield their items."""

from __future__ import annotations

from collections import namedtuple
from datetime import date
from typing import Any

import numpy as np
import pytest
import torch

from attriboard.board.items import read
from attriboard.engine.errors import InvalidInput

Pair = namedtuple("Pair", ["image", "target"])


@pytest.mark.parametrize(
    ("item", "label"),
    [
        (("x", 1), 1),
        (["x", 1], 1),
        (Pair("x", 1), 1),
        (("x",), None),
        ((("x",), 1), 1),
        ("x", None),
        ({"a": "x", "label": 1}, 1),
        ({"a": "x"}, None),
        (("x", 1, {"source": "web"}), 1),
    ],
)
def test_one_input(item: Any, label: Any) -> None:
    found = read(item, ["a"])
    assert found.raw == {"a": "x"}
    assert found.label == label


@pytest.mark.parametrize(
    ("item", "label"),
    [
        ((("x", "y"), 1), 1),
        ([["x", "y"], 1], 1),
        ((("x", "y"),), None),
        (("x", "y"), None),
        ({"b": "y", "a": "x", "label": 1}, 1),
        ((("x", "y"), 1, {"source": "web"}), 1),
    ],
)
def test_two_inputs(item: Any, label: Any) -> None:
    found = read(item, ["a", "b"])
    assert found.raw == {"a": "x", "b": "y"}
    assert found.label == label


def test_a_list_of_numbers_is_one_raw_value() -> None:
    assert read([4, 5, 6], ["ids"]).raw == {"ids": [4, 5, 6]}
    assert read(([4, 5], "text"), ["ids", "text"]).raw == {"ids": [4, 5], "text": "text"}


def test_arrays_and_tensors_are_never_taken_apart() -> None:
    for whole in (np.zeros((2, 3)), torch.zeros(2, 3)):
        assert read(whole, ["a"]).raw["a"] is whole


def test_metadata_is_plain() -> None:
    item = {
        "a": "x",
        "label": 0,
        "weight": np.float32(0.5),
        "count": torch.tensor(3),
        "day": date(2024, 2, 1),
        "tags": ["p", "q"],
        "gone": None,
    }
    assert read(item, ["a"]).metadata == {
        "weight": 0.5,
        "count": 3,
        "day": "2024-02-01",
        "tags": "['p', 'q']",
        "gone": None,
    }


@pytest.mark.parametrize(
    ("item", "names", "sentence"),
    [
        (
            ("x", "y", 1),
            ["a"],
            r"it has 3 parts, but the board has 1 input \(a\). Yield \(a, label\)",
        ),
        (
            ("x", "y", 1),
            ["a", "b"],
            r"it has 3 parts, but the board has 2 inputs \(a, b\). Yield \(\(a, b\), label\)",
        ),
        ((("x", "y", "z"), 1), ["a", "b"], "its first part has 3 values, but the board has 2"),
        (("x",), ["a", "b"], "it has 1 part,"),
        (
            {"image": 1, "label": 2},
            ["photo"],
            "without the key 'photo'; its keys are: image, label",
        ),
    ],
)
def test_items_that_do_not_fit_are_refused(item: Any, names: list[str], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read(item, names)
