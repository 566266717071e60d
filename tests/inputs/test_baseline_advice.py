"""Every input takes a baseline by itself and says why, and tells what each does to the answer."""

from __future__ import annotations

import pytest

import attriboard as ab
from attriboard.inputs import Input
from attriboard.inputs.prompts import Prompts

WORDS = ["<pad>", "<unk>", "a", "film"]
INPUTS = [
    ab.Image("x"),
    ab.Image("x", mean=0.5, std=0.2),
    ab.Text("x", str.split, vocabulary=WORDS),
    ab.Tabular("x", ["a", "b"]),
    ab.Audio("x", rate=8000),
    ab.Video("x"),
    ab.Series("x", ["a", "b"]),
    ab.Graph("x"),
    ab.Edges("x", of="nodes"),
    ab.Tensor("x"),
    Prompts("x", ["a", "film"], lambda text: [WORDS.index(word) for word in text.split()]),
]


@pytest.mark.parametrize("entry", INPUTS, ids=lambda entry: type(entry).__name__)
def test_the_default_comes_with_its_reason_and_each_with_its_consequence(entry: Input) -> None:
    choices = entry.baseline_kinds()
    assert entry.default_baseline in [choice.id for choice in choices]
    assert entry.baseline_reason.endswith(".")
    for choice in choices:
        assert choice.help.endswith(".")
        assert len(choice.help.split()) > 3
    assert len({choice.help for choice in choices}) == len(choices)


def test_every_public_input_is_asked() -> None:
    kinds = {type(entry) for entry in INPUTS}
    public = {
        value
        for name in ab.inputs.__all__
        if isinstance(value := getattr(ab.inputs, name), type)
        and issubclass(value, Input)
        and value is not Input
        and value.attributed
    }
    assert public <= kinds
