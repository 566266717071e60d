"""Small problems that every method is tried on: a model, its inputs and a target each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Problem:
    """A model with float64 weights, a batch of inputs, baselines and a target."""

    name: str
    make: Callable[[], nn.Module]
    inputs: tuple[Tensor, ...]
    baselines: tuple[Tensor, ...]
    target: Any = 1
    layer: str | None = None

    def model(self) -> nn.Module:
        torch.manual_seed(0)
        return self.make().double().eval()

    @property
    def differentiable(self) -> bool:
        return all(x.is_floating_point() for x in self.inputs)


class Mlp(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.act, self.second = nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.act(self.first(x)))


class OverlappingPools(nn.Module):
    """A residual CNN whose pooling windows overlap."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.again = nn.Conv2d(4, 4, 3, padding=1)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 4 * 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv(x))
        x = x + F.relu(self.norm(self.again(x)))
        return self.head(self.pool(x).flatten(1))


class ReusedRelu(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = nn.Linear(5, 7), nn.Linear(7, 7), nn.Linear(7, 3)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.three(self.relu(self.two(self.relu(self.one(x)))))


class InPlaceRelu(nn.Module):
    """Functional, in-place and module ReLUs in one forward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = nn.Linear(5, 7), nn.Linear(7, 7), nn.Linear(7, 3)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.one(x))
        x = self.two(x).relu_()
        return self.three(torch.relu(x * 1.5))


class Encoder(nn.Module):
    """A Transformer encoder, batch first or sequence first."""

    def __init__(self, batch_first: bool) -> None:
        super().__init__()
        self.batch_first = batch_first
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=batch_first, activation="gelu")
        self.body = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        if self.batch_first:
            return self.head(self.body(x).mean(1))
        return self.head(self.body(x.transpose(0, 1)).mean(0))


class Gru(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.GRU(4, 6, batch_first=True), nn.Linear(6, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x)[1][0])


class Words(nn.Module):
    """Token ids through an embedding and a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 5)
        self.conv, self.head = nn.Conv1d(5, 6, 3, padding=1), nn.Linear(6, 3)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.conv(self.embedding(ids).transpose(1, 2))
        return self.head(F.silu(x).amax(2))


class Product(nn.Module):
    """Two modalities fused by a product."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.right, self.head = nn.Linear(4, 6), nn.Linear(5, 6), nn.Linear(6, 3)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.head(torch.sigmoid(self.left(a)) * F.relu(self.right(b)))


class Price(nn.Module):
    """A regression: one number a row, without a class dimension."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)[:, 0]


class Maps(nn.Module):
    """A multi-dimensional output: (N, 3, 4, 4)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.out = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.softplus(self.conv(x)))


def _draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _ids(*shape: int, seed: int) -> Tensor:
    return torch.randint(1, 20, shape, generator=torch.Generator().manual_seed(seed))


def _problem(
    name: str,
    make: Callable[[], nn.Module],
    *shapes: tuple[int, ...],
    target: Any = 1,
    layer: str | None = None,
) -> Problem:
    inputs = tuple(_draw(3, *shape, seed=10 + i) for i, shape in enumerate(shapes))
    baselines = tuple(0.3 * _draw(1, *shape, seed=20 + i) for i, shape in enumerate(shapes))
    return Problem(name, make, inputs, baselines, target, layer)


PROBLEMS: tuple[Problem, ...] = (
    _problem("mlp", Mlp, (6,), layer="first"),
    _problem("overlapping pools", OverlappingPools, (2, 8, 8), layer="conv"),
    _problem("reused relu", ReusedRelu, (5,), layer="two"),
    _problem("in-place relu", InPlaceRelu, (5,), layer="one"),
    _problem("encoder, batch first", lambda: Encoder(True), (4, 8), layer="body.layers.0.linear1"),
    _problem("encoder, sequence first", lambda: Encoder(False), (4, 8)),
    _problem("gru", Gru, (5, 4)),
    Problem(
        "words", Words, (_ids(3, 7, seed=30),), (torch.zeros(1, 7, dtype=torch.long),), 1, "conv"
    ),
    _problem("product", Product, (4,), (5,), layer="left"),
    _problem("price", Price, (6,), target=None),
    _problem("maps", Maps, (2, 4, 4), target=(2, 1, 3), layer="conv"),
)


def by_name(name: str) -> Problem:
    return next(problem for problem in PROBLEMS if problem.name == name)
