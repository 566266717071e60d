"""One instance of every method, made cheap, and where it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from attriboard import engine


class Picture(nn.Module):
    """A small CNN with what is easily disturbed: batch norm, dropout, an in-place ReLU.

    Its nine pooled places attend to one another, so that methods for attention have some.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.act = nn.ReLU(inplace=True)
        self.pool = nn.AvgPool2d(2)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(4 * 3 * 3, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.act(self.norm(self.conv(x))))
        places = x.flatten(2).transpose(1, 2)
        x = x + F.scaled_dot_product_attention(places, places, places).mT.reshape(x.shape)
        return self.head(self.drop(F.relu(x).flatten(1)))


@dataclass(frozen=True)
class Case:
    """A method with the site it is asked at and the features it gets."""

    method: engine.Method
    site: dict[str, Any]

    def __str__(self) -> str:
        return type(self.method).__name__


CHEAP: dict[str, dict[str, Any]] = {
    "IntegratedGradients": {"n_steps": 7},
    "Idgi": {"n_steps": 5},
    "GradientShap": {"n_samples": 6, "stdevs": 0.1},
    "SmoothGrad": {"n_samples": 6},
    "SmoothGradSquare": {"n_samples": 6},
    "VarGrad": {"n_samples": 6},
    "ShapleyValueSampling": {"n_samples": 4},
    "KernelShap": {"n_samples": 24},
    "Lime": {"n_samples": 24},
    "Rise": {"n_samples": 20, "cells": 3},
    "InternalInfluence": {"n_steps": 5},
    "LayerConductance": {"n_steps": 5},
    "NeuronConductance": {"n_steps": 5},
}


def picture() -> nn.Module:
    torch.manual_seed(0)
    return Picture()


def inputs(count: int = 3) -> Tensor:
    return torch.randn(count, 2, 6, 6, generator=torch.Generator().manual_seed(1))


def patches() -> Tensor:
    """Nine features of 2 x 2 places, over both channels."""
    side = torch.arange(6) // 2
    return (side[:, None] * 3 + side)[None, None]


def cases() -> list[Case]:
    """Every method of METHODS, at the first place it allows."""
    made = []
    for name, kind in engine.METHODS.items():
        site: dict[str, Any] = {}
        if "input" not in kind.places:
            site["layer"] = "conv"
        if kind.places == ("neuron",):
            site["neuron"] = (1, 2, 2)
        if kind.uses_features:
            site["features"] = patches()
        made.append(Case(engine.make(name, CHEAP.get(name, {})), site))
    return made


def attribute(model: Any, case: Case, x: Tensor, **more: Any) -> Any:
    baseline = {"baselines": 0.1} if case.method.uses_baseline else {}
    return engine.attribute(model, x, case.method, 1, **case.site, **baseline, **more)
