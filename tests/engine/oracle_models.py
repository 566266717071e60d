"""Models as people have them, in forms that Captum sees too: each ReLU a module used once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from captum.testing.helpers.basic_models import BasicModel_ConvNet
from torch import Tensor, nn


class Residual(nn.Module):
    """A small residual CNN."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.relu1 = nn.Conv2d(2, 4, 3, padding=1), nn.ReLU()
        self.pool1 = nn.AvgPool2d(2)
        self.conv, self.norm, self.relu2 = (
            nn.Conv2d(4, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
        )
        self.last, self.relu3 = nn.Conv2d(4, 3, 3, padding=1), nn.ReLU()
        self.pool2, self.head = nn.AvgPool2d(2), nn.Linear(3 * 2 * 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(self.relu1(self.stem(x)))
        x = x + self.relu2(self.norm(self.conv(x)))
        return self.head(self.pool2(self.relu3(self.last(x))).flatten(1))


class Plain(nn.Module):
    """A CNN of modules alone, which is what Captum's LRP covers."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.relu1, self.pool1 = nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2)
        self.last, self.relu2, self.pool2 = nn.Conv2d(4, 3, 2), nn.ReLU(), nn.AvgPool2d(2)
        self.middle, self.relu3, self.head = nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool1(self.relu1(self.stem(x)))
        x = self.pool2(self.relu2(self.last(x))).flatten(1)
        return self.head(self.relu3(self.middle(x)))


class Encoder(nn.Module):
    """A Transformer encoder over four vectors."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu")
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x).mean(1))


class Text(nn.Module):
    """Token ids through an embedding and a GRU."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 5)
        self.body, self.head = nn.GRU(5, 6, batch_first=True), nn.Linear(6, 3)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.body(self.embedding(ids))[1][0])


class Fused(nn.Module):
    """A picture and a vector, fused by a product."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu1, self.pool = nn.Conv2d(2, 3, 3), nn.ReLU(), nn.AvgPool2d(2)
        self.left, self.right, self.relu2 = nn.Linear(3, 6), nn.Linear(4, 6), nn.ReLU()
        self.head = nn.Linear(6, 3)

    def forward(self, picture: Tensor, vector: Tensor, shift: Tensor) -> Tensor:
        seen = self.left(self.pool(self.relu1(self.conv(picture))).flatten(1))
        return self.head(seen * self.relu2(self.right(vector + shift)))


class Second(nn.Module):
    """A model's second score alone, one number a row."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.inner = module

    def forward(self, *args: Any) -> Tensor:
        return self.inner(*args)[:, 1]


def toy() -> nn.Module:
    """Captum's toy CNN; its own last weights are all ones, and so its softmax is constant."""
    net = BasicModel_ConvNet()
    for dense in (net.fc1, net.fc2):
        nn.init.normal_(dense.weight)
    return net


@dataclass(frozen=True)
class Model:
    """A model with what every class needs to be asked about it.

    neuron: an index into the layer `unit`, or into `layer` where that is left out.
    """

    make: Callable[[], nn.Module]
    shapes: tuple[tuple[int, ...], ...]
    layer: str
    neuron: Any
    groups: tuple[Callable[[], Tensor], ...]
    extra: tuple[tuple[int, ...], ...] = ()
    unit: str = ""

    def module(self) -> nn.Module:
        torch.manual_seed(0)
        return self.make().eval()

    def inputs(self) -> Any:
        drawn = tuple(_draw(3, *shape, seed=i) for i, shape in enumerate(self.shapes))
        return drawn if len(drawn) > 1 else drawn[0]

    def baselines(self, rows: int) -> Any:
        drawn = tuple(0.3 * _draw(rows, *shape, seed=9 + i) for i, shape in enumerate(self.shapes))
        return drawn if len(drawn) > 1 else drawn[0]

    def masks(self) -> Any:
        made = tuple(group() for group in self.groups)
        return made if len(made) > 1 else made[0]

    def extras(self) -> Any:
        return tuple(_draw(3, *shape, seed=20 + i) for i, shape in enumerate(self.extra)) or None


def _draw(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _patches(side: int, parts: int, first: int = 0) -> Callable[[], Tensor]:
    def made() -> Tensor:
        place = torch.arange(side) * parts // side
        return first + (place[:, None] * parts + place)[None, None]

    return made


MODELS: dict[str, Model] = {
    "toy": Model(toy, ((1, 10, 10),), "conv2", (1, 1, 1), (_patches(10, 2),)),
    "residual": Model(Residual, ((2, 8, 8),), "last", (1, 2, 2), (_patches(8, 2),)),
    "plain": Model(Plain, ((2, 8, 8),), "last", (1, 1, 1), (_patches(8, 2),)),
    "encoder": Model(
        Encoder,
        ((4, 8),),
        "body.layers.0.linear1",
        (2, 3),
        (lambda: torch.arange(4)[None, :, None],),
    ),
    "fused": Model(
        Fused,
        ((2, 4, 4), (4,)),
        "left",
        1,
        (lambda: torch.arange(4)[None, None, :, None] // 2, lambda: 2 + torch.arange(4)[None] // 2),
        ((4,),),
        unit="head",
    ),
}
