"""The boards of docs/pretrained.md, run word for word on a small model and a stand-in of timm."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import transformers
from PIL import Image as Pillow
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import nn

from attriboard import engine
from attriboard.board import Board

PAGE = Path(__file__).resolve().parent.parent / "docs" / "pretrained.md"
WORDS = ["[PAD]", "[UNK]", "a", "bad", "good", "film"]


def made(place: int) -> Board:
    scope: dict[str, Any] = {"__name__": "tutorial"}
    exec(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[place], scope)
    board = scope["board"]
    assert isinstance(board, Board)
    return board


def test_the_board_of_transformers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, id2label={0: "bad", 1: "good"},
    )  # fmt: skip
    transformers.BertForSequenceClassification(config).save_pretrained("reviews-model")
    words = models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]")
    tokens = Tokenizer(words)
    tokens.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="[PAD]", unk_token="[UNK]"
    )
    tokenizer.save_pretrained("reviews-model")
    board = made(0)
    assert (board.output.names, board.warnings) == (["bad", "good"], ())
    example = board.example(0)
    found = engine.attribute(
        board.models["model"], board.tensors([example]), engine.FeatureAblation(), 1,
        baselines=board.baseline(None, example),
    )  # fmt: skip
    assert found.attributions[0].shape == (1, 3)


def test_the_board_of_timm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Small(nn.Module):
        num_classes = 2

        def __init__(self) -> None:
            super().__init__()
            self.pretrained_cfg = {"input_size": (3, 16, 16), "architecture": "resnet18"}

        def forward(self, picture: torch.Tensor) -> torch.Tensor:
            return picture.mean((2, 3))[:, :2]

    package: Any = ModuleType("timm")
    package.create_model = lambda name, pretrained: Small()
    monkeypatch.setitem(sys.modules, "timm", package)
    monkeypatch.chdir(tmp_path)
    for label, colour in (("cat", "red"), ("dog", "blue")):
        (tmp_path / "photos" / label).mkdir(parents=True)
        Pillow.new("RGB", (30, 20), colour).save(tmp_path / "photos" / label / "one.png")
    board = made(1)
    assert (board.name, len(board)) == ("resnet18", 2)
    assert board.tensors([board.example(1)])[0].shape == (1, 3, 16, 16)
