"""Image: from every kind of raw picture to the model's tensor."""

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

PIXELS = noise()
FIRST = torch.from_numpy(PIXELS).movedim(-1, 0)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param(Pillow.fromarray(PIXELS), FIRST.float() / 255, id="PIL RGB"),
        pytest.param(PIXELS, FIRST.float() / 255, id="array uint8 HWC"),
        pytest.param(PIXELS.transpose(2, 0, 1), FIRST.float() / 255, id="array uint8 CHW"),
        pytest.param(FIRST, FIRST.float() / 255, id="tensor uint8 CHW"),
        pytest.param(FIRST.double() / 255, FIRST.double() / 255, id="tensor float64 as it is"),
        pytest.param(PIXELS / 255.0, FIRST.double() / 255, id="array float64 HWC"),
        pytest.param(PIXELS[..., 0], FIRST[:1].float() / 255, id="array grey HW"),
        pytest.param(Pillow.fromarray(PIXELS[..., 0]), FIRST[:1].float() / 255, id="PIL grey"),
        pytest.param(PIXELS[..., 0] > 99, (FIRST[:1] > 99).float(), id="array of truth values"),
        pytest.param(PIXELS.astype(np.uint16) * 257, FIRST.float() / 255, id="16 bit"),
        pytest.param(PIXELS.astype(np.int32), FIRST.float() / 255, id="32-bit integers to 255"),
    ],
)
def test_every_kind_of_picture_becomes_a_tensor(raw: Any, expected: Tensor) -> None:
    tensor = Image("photo").tensor(raw)
    assert tensor.dtype == expected.dtype
    torch.testing.assert_close(tensor, expected)


def test_rgba_and_palette_pictures_keep_what_they_hold() -> None:
    image = Pillow.fromarray(noise(channels=4))
    assert Image("photo").tensor(image).shape == (4, 12, 10)
    palette = Pillow.fromarray(PIXELS).convert("P")
    assert Image("photo").tensor(palette).shape == (3, 12, 10)
    grey_alpha = Pillow.fromarray(PIXELS[..., 0]).convert("LA")
    assert Image("photo").tensor(grey_alpha).shape == (4, 12, 10)


def test_mean_and_std_normalise_integers_but_leave_floats() -> None:
    image = Image("photo", mean=[0.5, 0.4, 0.3], std=[0.2, 0.2, 0.1])
    scaled = FIRST.float() / 255
    expected = (scaled - torch.tensor([0.5, 0.4, 0.3])[:, None, None]) / torch.tensor(
        [0.2, 0.2, 0.1]
    )[:, None, None]
    torch.testing.assert_close(image.tensor(PIXELS), expected)
    assert torch.equal(image.tensor(expected), expected)


def test_layout_last_gives_channels_last() -> None:
    assert Image("photo", layout="last").tensor(PIXELS).shape == (12, 10, 3)


def test_transform_may_return_arrays_and_channels_last() -> None:
    image = Image("photo", lambda raw: np.asarray(raw, dtype=np.float64) / 127 - 1)
    tensor = image.tensor(Pillow.fromarray(PIXELS))
    assert tensor.dtype == torch.float64
    assert tensor.shape == (12, 10, 3)
    assert image.view(PIXELS) == {"kind": "image", "width": 10, "height": 12, "channels": 3}


def _to_batch(raw: Any) -> Tensor:
    return torch.zeros(1, 3, 4, 4)


@pytest.mark.parametrize(
    ("image", "raw", "sentence"),
    [
        (Image("photo"), "cat.png", "a str is no picture"),
        (Image("photo"), np.zeros((2, 3, 4, 5)), "no picture"),
        (Image("photo"), np.full((4, 4), 300), "run from 0 to 255"),
        (Image("photo", _to_batch), PIXELS, "Drop the leading batch dimension"),
        (Image("photo", lambda raw: torch.zeros(30)), PIXELS, "Flatten in the model instead"),
        (Image("photo", lambda raw: torch.zeros(3, 4, 4).byte()), PIXELS, "floating point"),
        (Image("photo", lambda raw: object()), PIXELS, "which is no tensor"),
        (Image("photo", lambda raw: raw.missing), PIXELS, "transform= failed on a ndarray"),
        (Image("photo", mean=[0.5, 0.5]), PIXELS, "have 2 entries, but the picture has 3"),
        (Image("photo", mean=[0.5, 0.5]), FIRST.float(), "have 2 entries, but the picture has 3"),
        (Image("photo"), torch.zeros(3, 0, 4), r"shape \(3, 0, 4\)"),
    ],
)
def test_what_is_no_picture_is_refused(image: Image, raw: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as caught:
        image.tensor(raw)
    assert caught.value.field == "photo"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"std": 0.0}, "above zero"),
        ({"mean": [0.1, 0.2], "std": [1.0, 1.0, 1.0]}, "mean= has 2 entries and std= 3"),
        ({"transform": 3}, "must be a function"),
        ({"layout": "middle"}, "layout="),
        ({"patch": 0}, "at least 1"),
    ],
)
def test_wrong_options_are_refused_at_once(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        Image("photo", **options)


@pytest.mark.parametrize("name", ["", "a/b", "label", "index"])
def test_names_that_the_catalog_or_urls_need_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        Image(name)
