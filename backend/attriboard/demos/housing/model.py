"""The network: four linear layers, 13 to 100 to 50 to 10 to 1, as in the paper's figure 4."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

WEIGHTS = Path(__file__).with_name("housing.safetensors")
WIDTHS = (13, 100, 50, 10, 1)


class HousingNet(nn.Module):
    """Prices in k$, (N,), from standardised rows (N, 13)."""

    def __init__(self) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for number, (narrow, wide) in enumerate(pairwise(WIDTHS), 1):
            layers[f"lin{number}"] = nn.Linear(narrow, wide)
            if wide > 1:
                layers[f"relu{number}"] = nn.ReLU()
        self.layers = nn.Sequential(layers)

    def forward(self, tract: Tensor) -> Tensor:
        prices: Tensor = self.layers(tract)[:, 0]
        return prices

    @property
    def last_weights(self) -> Tensor:
        """The weights of the last layer, (10,): what each unit before it is worth."""
        last = self.layers.get_submodule("lin4")
        assert isinstance(last, nn.Linear)
        return last.weight.detach()[0]


def trained() -> HousingNet:
    """The network with the weights that ship with AttriBoard, in eval mode."""
    model = untrained(0)
    model.load_state_dict(load_file(WEIGHTS))
    return model


def untrained(seed: int) -> HousingNet:
    """The same network as `seed` initialises it, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return HousingNet().eval()
