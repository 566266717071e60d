"""Picture models with the attributes that `timm` gives them, made a board by one call.

timm itself needs torchvision to be imported, which nothing here does; the stand-in below carries
what its models carry: `pretrained_cfg`, `num_classes`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from torch import nn

import attriboard as ab
from attriboard import engine
from attriboard.board.timm import Prepared
from attriboard.engine.errors import InvalidInput

CONFIG = {
    "architecture": "tiny_net",
    "input_size": (3, 32, 32),
    "mean": (0.5, 0.4, 0.3),
    "std": (0.2, 0.25, 0.5),
    "interpolation": "bilinear",
    "crop_pct": 0.8,
    "crop_mode": "center",
    "num_classes": 3,
}


class Tiny(nn.Module):
    num_classes = 3

    def __init__(self, config: Any) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.pretrained_cfg = config
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.head = nn.Linear(4, 3)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(self.body(picture).flatten(1))
        return scores


def photos() -> list[Any]:
    rng = np.random.default_rng(0)
    made = [rng.integers(0, 255, (50, 80, 3), dtype=np.uint8) for _ in range(4)]
    return [(Pillow.fromarray(one), place % 3) for place, one in enumerate(made)]


@pytest.mark.parametrize("config", [CONFIG, SimpleNamespace(**CONFIG)], ids=["dict", "object"])
def test_one_call_makes_a_board(config: Any) -> None:
    board = ab.from_timm(Tiny(config), photos())
    assert (board.name, board.warnings) == ("tiny_net", ())
    assert board.output.names == ["class 0", "class 1", "class 2"]
    example = board.example(1)
    tensors, baseline = board.tensors([example]), board.baseline({"image": "black"}, example)
    assert tensors[0].shape == (1, 3, 32, 32)
    black = -torch.tensor(CONFIG["mean"]) / torch.tensor(CONFIG["std"])
    torch.testing.assert_close(baseline[0][0, :, 0, 0], black)
    found = engine.attribute(
        board.models["model"], tensors, engine.IntegratedGradients(n_steps=100), 1,
        baselines=baseline,
    )  # fmt: skip
    assert found.delta is not None
    assert found.delta.abs().max() < 1e-3


def test_the_middle_is_seen_at_the_scale_of_training() -> None:
    """A white square in the middle of black: 0.8 of the height is kept, so 40 pixels make 32."""
    shown = np.zeros((40, 60, 3), np.uint8)
    shown[10:30, 20:40] = 255
    made = Prepared({**CONFIG, "interpolation": "nearest"})(Pillow.fromarray(shown))
    white = made[0] > 0
    assert white.sum() == 20 * 20
    assert bool(white[6:26, 6:26].all())


@pytest.mark.parametrize(
    ("mode", "wide", "tall"), [("center", 32, 32), ("squash", 16, 32), ("border", 16, 16)]
)
def test_modes_of_cropping(mode: str, wide: int, tall: int) -> None:
    """Half of a picture twice as wide as tall is white, from left to right."""
    shown = np.zeros((32, 64, 3), np.uint8)
    shown[:, 16:48] = 255
    settings = {**CONFIG, "crop_pct": 1.0, "crop_mode": mode, "interpolation": "nearest"}
    white = Prepared(settings)(Pillow.fromarray(shown))[0] > 0
    assert white.shape == (32, 32)
    assert (int(white.any(0).sum()), int(white.any(1).sum())) == (wide, tall)


def test_grey_rgba_and_small_pictures_are_read() -> None:
    prepared = Prepared(CONFIG)
    for mode in ("L", "RGBA", "P", "CMYK"):
        assert prepared(Pillow.new(mode, (70, 40))).shape == (3, 32, 32)
    assert prepared(Pillow.new("RGB", (1, 1))).shape == (3, 32, 32)
    one = Prepared({**CONFIG, "input_size": (1, 8, 8), "mean": (0.5,), "std": (0.5,)})
    assert one(np.full((8, 8), 255, np.uint8)).unique().tolist() == [1.0]


def test_names_and_configurations_of_ones_own() -> None:
    named = Tiny({**CONFIG, "label_names": ["cat", "dog", "owl"]})
    assert ab.from_timm(named, photos()).output.names == ["cat", "dog", "owl"]
    other = ab.from_timm(Tiny(CONFIG), photos(), config={"input_size": (3, 24, 24)}, name="Owls")
    assert other.name == "Owls"
    assert other.tensors([other.example(0)])[0].shape == (1, 3, 24, 24)


def test_what_is_no_model_of_timm_is_said() -> None:
    with pytest.raises(InvalidInput, match="has no pretrained_cfg"):
        ab.from_timm(nn.Linear(2, 2), photos())
    bare = Tiny({**CONFIG, "num_classes": 0})
    bare.num_classes = 0
    with pytest.raises(InvalidInput, match="it gives features"):
        ab.from_timm(bare, photos())
    with pytest.raises(InvalidInput, match="a PIL image or uint8"):
        ab.from_timm(Tiny(CONFIG), [(np.zeros((8, 8, 3)), 0)])
