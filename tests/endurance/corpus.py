"""Bad requests, bad datasets and bad models, as people and programs send them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

import attriboard as ab

BODY: dict[str, Any] = {"examples": [0], "method": {"id": "IntegratedGradients", "params": {}}}
LONG = "x" * 20_000

VALUES: tuple[Any, ...] = (
    None, True, -1, 10**30, 1.5, -0.0, "", " ", "0", "null", LONG, "../../etc/passwd",
    "'; drop table", "<script>alert(1)</script>", "\u0000", "\u202e", "🙂", [], [[]], [None], {},
    {"": None}, {"index": []}, {"contrast": [0]}, {"id": "Nothing"},
)  # fmt: skip
FIELDS: tuple[tuple[str, ...], ...] = (
    ("examples",), ("examples", "0"), ("model",), ("method",), ("method", "id"),
    ("method", "params"), ("method", "params", "n_steps"), ("method", "params", "method"),
    ("target",), ("baseline",), ("baseline", "photo"), ("features", "photo"), ("layer",),
    ("neuron",), ("seed",),
)  # fmt: skip
RAW: tuple[bytes, ...] = (
    b"", b"{", b"null", b"[]", b"1", b'"text"', b"\xff\xfe", b"{}", b'{"examples": NaN}',
    b'{"examples": [1e999]}', b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b"[" * 20_000,
    b'{"examples":[0],"examples":[1],"method":{"id":"Saliency"}}', b"\x00" * 100,
)  # fmt: skip
QUERIES: tuple[dict[str, str], ...] = tuple(
    {name: value}
    for name in (
        "label",
        "min_score",
        "where",
        "sort",
        "sample",
        "limit",
        "cursor",
        "model",
        "seed",
    )
    for value in ("", "-1", "nan", "1e99", "'; drop table examples; --", "a" * 3_000, "\u0000")
)
PATHS: tuple[str, ...] = (
    "/api/examples/-1", "/api/examples/99999999999999999999", "/api/examples/x",
    "/api/examples/0/inputs/nothing", "/api/examples/0/inputs/..%2f..%2fetc%2fpasswd",
    "/api/results/..%2f..%2fsecret", "/api/results/%00", "/api/results/" + "a" * 32,
    "/api/jobs/none", "/api/jobs/none/events", "/..%2f..%2fetc%2fpasswd", "/%00", "/api",
    "/api//board", "/static/../pyproject.toml", "//evil.example/",
    "/api/examples/1/inputs/photo/../../../board",
)  # fmt: skip


def bodies() -> list[bytes]:
    """One bad value in one field each, and bodies that are no JSON at all."""
    return [_encoded(_with(path, value)) for path in FIELDS for value in VALUES] + list(RAW)


def _with(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(json.dumps(BODY))
    place: Any = body
    for name in path[:-1]:
        place = place.setdefault(name, {}) if isinstance(place, dict) else place[int(name)]
    if isinstance(place, list):
        place[int(path[-1])] = value
    else:
        place[path[-1]] = value
    return body


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()


PHOTO = torch.rand(3, 8, 8)
ROWS = [(PHOTO, 0), (PHOTO, 1)]


class Linear(nn.Module):
    """What a good model for ROWS looks like, with one thing changed."""

    def __init__(self, change: Callable[[torch.Tensor], Any] = lambda scores: scores) -> None:
        super().__init__()
        self.change = change
        self.inner = nn.Sequential(nn.Flatten(), nn.Linear(192, 2))

    def forward(self, photo: torch.Tensor) -> Any:
        return self.change(self.inner(photo))


def _raise(error: BaseException) -> Any:
    raise error


class Dataset:
    """A dataset whose length and items are as given."""

    def __init__(self, length: Any, item: Callable[[int], Any]) -> None:
        self.length, self.item = length, item

    def __len__(self) -> Any:
        return self.length() if callable(self.length) else self.length

    def __getitem__(self, index: int) -> Any:
        return self.item(index)


def _board(model: Any = None, data: Any = None, inputs: Any = None, output: Any = None) -> ab.Board:
    return ab.Board(
        Linear() if model is None else model,
        ROWS if data is None else data,
        inputs or [ab.Image("photo")],
        output or ab.Classes(["no", "yes"]),
        name="Bad",
    )


BOARDS: dict[str, Callable[[], ab.Board]] = {
    "empty dataset": lambda: _board(data=[]),
    "no dataset": lambda: _board(data=3),
    "negative length": lambda: _board(data=Dataset(-1, lambda _: ROWS[0])),
    "length raises": lambda: _board(data=Dataset(lambda: _raise(OSError()), ROWS.__getitem__)),
    "item raises": lambda: _board(data=Dataset(2, lambda _: _raise(OSError("unreadable")))),
    "item exits": lambda: _board(data=Dataset(2, lambda _: _raise(SystemExit(1)))),
    "item is None": lambda: _board(data=[None, None]),
    "item too long": lambda: _board(data=[(PHOTO, 0, 1, 2)]),
    "item is a string": lambda: _board(data=["cat", "dog"]),
    "dict without the input": lambda: _board(data=[{"picture": PHOTO, "label": 0}]),
    "label beyond the classes": lambda: _board(data=[(PHOTO, 7)]),
    "label is a word": lambda: _board(data=[(PHOTO, "maybe")]),
    "label is NaN": lambda: _board(data=[(PHOTO, math.nan)]),
    "picture of the wrong shape": lambda: _board(data=[(torch.rand(3, 9, 9), 0)]),
    "picture is flat": lambda: _board(data=[(torch.rand(192), 0)]),
    "picture of five channels": lambda: _board(data=[(torch.rand(5, 8, 8), 0)]),
    "picture of text": lambda: _board(data=[("photo.png", 0)]),
    "picture of NaN": lambda: _board(data=[(PHOTO * math.nan, 0)]),
    "picture of objects": lambda: _board(data=[(np.array([object()]), 0)]),
    "model is None": lambda: _board(model=7),
    "model raises": lambda: _board(model=Linear(lambda _: _raise(RuntimeError("no")))),
    "model exits": lambda: _board(model=Linear(lambda _: _raise(SystemExit(2)))),
    "model gives a dict": lambda: _board(model=Linear(lambda scores: {"logits": scores})),
    "model gives None": lambda: _board(model=Linear(lambda _: None)),
    "model gives NaN": lambda: _board(model=Linear(lambda scores: scores * math.nan)),
    "model gives too many classes": lambda: _board(model=Linear(lambda s: torch.cat([s] * 3, 1))),
    "model gives one row": lambda: _board(model=Linear(lambda scores: scores[:1])),
    "model gives whole numbers": lambda: _board(model=Linear(lambda scores: scores.argmax(1))),
    "model gives complex numbers": lambda: _board(model=Linear(lambda s: s.to(torch.complex64))),
    "model of two arguments": lambda: _board(model=nn.Bilinear(2, 2, 2)),
    "model without arguments": lambda: _board(model=lambda: 1),
    "model on another dtype": lambda: _board(model=Linear().double()),
    "no models": lambda: _board(model={}),
    "no inputs": lambda: ab.Board(Linear(), ROWS, [], ab.Classes(["no", "yes"]), name="Bad"),
    "two inputs of one name": lambda: _board(inputs=[ab.Image("photo"), ab.Image("photo")]),
    "input is a string": lambda: _board(inputs=["photo"]),
    "no classes": lambda: _board(output=ab.Classes([])),
    "output is a list": lambda: _board(output=["no", "yes"]),
    "dropout left on": lambda: _board(model=nn.Sequential(Linear(), nn.Dropout()).train()),
}  # fmt: skip
