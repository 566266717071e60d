from __future__ import annotations

import math

import pytest

from attriboard.jobs.keys import canonical, digest, is_key


def test_the_order_of_names_and_the_kind_of_sequence_do_not_matter() -> None:
    assert digest({"a": 1, "b": (1, 2)}) == digest({"b": [1, 2], "a": 1})


def test_values_that_differ_have_other_keys() -> None:
    values = [{"a": 1}, {"a": 2}, {"a": "1"}, {"a": None}, {"a": True}, {"b": 1}, {"a": [1]}, {}]
    assert len({digest(value) for value in values}) == len(values)


def test_a_key_is_known_by_its_form() -> None:
    assert is_key(digest("x"))
    assert not is_key(digest("x").upper())


def test_what_is_no_json_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical(math.nan)
