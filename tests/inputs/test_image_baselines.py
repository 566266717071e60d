"""Image: baselines live in the model's input space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from torch import Tensor

from attriboard import Image
from attriboard.engine.errors import InvalidInput
from tests.inputs.pictures import noise

PIXELS = noise(16, 20)
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)


def _transform(raw: Any) -> Tensor:
    unit = torch.from_numpy(np.array(raw)).movedim(-1, 0).double() / 255
    return (unit - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def _padded(raw: Any) -> Tensor:
    return torch.nn.functional.pad(_transform(raw), (2, 2, 0, 0))


def baseline(image: Image, raw: Any, kind: str, seed: int = 0) -> Tensor:
    """A baseline of a fitted image, with the picture itself as the sample."""
    tensor = image.tensor(raw)
    return image.fitted([raw]).baseline(kind, raw, tensor, [tensor], seed)


@pytest.mark.parametrize("raw", [PIXELS, Pillow.fromarray(PIXELS)], ids=["array", "PIL"])
@pytest.mark.parametrize("image", [Image("p", _transform), Image("p", mean=MEAN, std=STD)])
@pytest.mark.parametrize(("kind", "level"), [("black", 0.0), ("white", 1.0)])
def test_black_and_white_are_the_models_own(
    image: Image, raw: Any, kind: str, level: float
) -> None:
    made = baseline(image, raw, kind)
    expected = (level - torch.tensor(MEAN)) / torch.tensor(STD)
    assert made.shape == (3, 16, 20)
    torch.testing.assert_close(made[:, 5, 5].double(), expected.double(), atol=1e-6, rtol=1e-6)
    assert bool((made == made[:, :1, :1]).all())


def test_black_keeps_the_padding_a_transform_adds() -> None:
    made = baseline(Image("p", _padded), PIXELS, "black")
    assert made[:, :, :2].abs().max() == 0
    assert made[0, 0, 5] == pytest.approx(-2.5)


def test_black_and_white_of_float_tensors_follow_their_range() -> None:
    unit = torch.from_numpy(PIXELS).movedim(-1, 0).float() / 255
    assert baseline(Image("p"), unit, "white").unique().tolist() == [1.0]
    assert baseline(Image("p"), unit * 255, "white").unique().tolist() == [255.0]
    assert baseline(Image("p"), unit * 255, "black").unique().tolist() == [0.0]


def test_alpha_stays_opaque_in_black() -> None:
    made = baseline(Image("p"), noise(8, 8, 4), "black")
    assert made[:3].max() == 0
    assert made[3].min() == 1


def test_black_is_refused_where_it_is_unknown() -> None:
    raw = torch.randn(3, 6, 6) * 9
    with pytest.raises(InvalidInput, match="no baseline 'black'; choose one of mean, blur, noise"):
        baseline(Image("p"), raw, "black")


def test_mean_is_the_mean_colour_of_the_sample() -> None:
    image = Image("p", mean=MEAN, std=STD)
    sample = [image.tensor(noise(9, 7, seed=seed)) for seed in range(3)]
    tensor = image.tensor(PIXELS)
    made = image.baseline("mean", PIXELS, tensor, sample, 0)
    expected = torch.cat([one.flatten(1) for one in sample], 1).double().mean(1)
    torch.testing.assert_close(made[:, 3, 4].double(), expected, atol=1e-6, rtol=1e-6)
    assert bool((made == made[:, :1, :1]).all())
    assert image.default_baseline == "mean"


def test_mean_needs_a_sample() -> None:
    image = Image("p")
    with pytest.raises(InvalidInput, match="needs a sample"):
        image.baseline("mean", PIXELS, image.tensor(PIXELS), [], 0)


def test_blur_keeps_the_mean_and_loses_the_detail() -> None:
    image = Image("p")
    tensor = image.tensor(noise(40, 40))
    made = image.baseline("blur", PIXELS, tensor, [], 0)
    assert made.std() < 0.2 * tensor.std()
    assert made.mean() == pytest.approx(float(tensor.mean()), abs=0.01)
    flat = torch.full((3, 9, 9), 0.3)
    torch.testing.assert_close(image.baseline("blur", PIXELS, flat, [], 0), flat)


def test_blur_is_a_gaussian() -> None:
    dot = torch.zeros(1, 41, 41)
    dot[0, 20, 20] = 1
    made = Image("p").baseline("blur", PIXELS, dot, [], 0)[0]
    distance = torch.arange(41) - 20.0
    profile = torch.exp(-(distance**2) / (2 * 4.1**2))
    expected = torch.outer(profile, profile) / profile.sum() ** 2
    torch.testing.assert_close(made, expected, atol=1e-4, rtol=0.02)


def test_noise_has_the_spread_of_the_data_and_follows_the_seed() -> None:
    image = Image("p", mean=MEAN, std=STD)
    tensor = image.tensor(noise(64, 64))
    first = image.baseline("noise", PIXELS, tensor, [tensor], 3)
    assert torch.equal(first, image.baseline("noise", PIXELS, tensor, [tensor], 3))
    assert not torch.equal(first, image.baseline("noise", PIXELS, tensor, [tensor], 4))
    torch.testing.assert_close(first.mean((1, 2)), tensor.mean((1, 2)), atol=0.1, rtol=0.1)
    torch.testing.assert_close(first.std((1, 2)), tensor.std((1, 2)), atol=0.1, rtol=0.1)


@pytest.mark.parametrize("kind", ["mean", "black", "white", "blur", "noise"])
@pytest.mark.parametrize(
    "image",
    [
        Image("p"),
        Image("p", layout="last"),
        Image("p", lambda raw: torch.from_numpy(raw[..., 0] / 255.0)),
        Image("p", lambda raw: torch.from_numpy(raw / 255.0).half()),
    ],
    ids=["first", "last", "grey without channels", "half"],
)
def test_every_baseline_fits_every_layout(image: Image, kind: str) -> None:
    tensor = image.tensor(PIXELS)
    made = baseline(image, PIXELS, kind)
    assert made.shape == tensor.shape
    assert made.dtype == tensor.dtype
    assert bool(made.isfinite().all())


def test_another_picture_is_resized_to_fit() -> None:
    image = Image("p")
    other = torch.full((3, 40, 30), 0.25)
    assert torch.equal(image.matched(other, torch.zeros(3, 8, 9)), torch.full((3, 8, 9), 0.25))
    with pytest.raises(InvalidInput, match="same shape"):
        image.matched(torch.zeros(1, 8, 9), torch.zeros(3, 8, 9))
