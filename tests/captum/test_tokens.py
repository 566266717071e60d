"""Helpers for token ids beside Captum's."""

from __future__ import annotations

from typing import Any

import captum.attr
import pytest
import torch
from torch import Tensor

import attriboard.captum as ours


class Tokenizer:
    """Words by spaces, as an object of transformers would offer it."""

    words = ("<unk>", "<s>", "what", "colour", "is", "it")

    def encode(self, text: str, return_tensors: str) -> Tensor:
        assert return_tensors == "pt"
        return torch.tensor([self.convert_tokens_to_ids(["<s>", *text.split()])])

    def convert_tokens_to_ids(self, tokens: list[str]) -> list[int]:
        return [self.words.index(token) for token in tokens]

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
        return [self.words[i] for i in ids]


@pytest.mark.parametrize("skip", [None, ["<s>"], [1, 4]])
@pytest.mark.parametrize("baseline", [0, "it"])
def test_text_token_input(skip: Any, baseline: Any):
    args = ("what colour is it", Tokenizer(), baseline, skip)
    mine, theirs = ours.TextTokenInput(*args), captum.attr.TextTokenInput(*args)
    assert mine.values == theirs.values
    assert mine.n_itp_features == theirs.n_itp_features
    assert torch.equal(mine.to_tensor(), theirs.to_tensor())
    assert torch.equal(mine.to_model_input(), theirs.to_model_input())
    rows = torch.randint(0, 2, (3, mine.n_itp_features))
    assert torch.equal(mine.to_model_input(rows), theirs.to_model_input(rows))
    assert mine.format_attr(rows) is rows


def test_token_reference_base():
    made = ours.TokenReferenceBase(7).generate_reference(4, device=torch.device("cpu"))
    theirs = captum.attr.TokenReferenceBase(7).generate_reference(4, device=torch.device("cpu"))
    assert torch.equal(made, theirs)
    assert made.dtype == theirs.dtype
