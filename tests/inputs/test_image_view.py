"""Image: what is shown is the picture the model sees, whatever the preprocessing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from torch import Tensor

from attriboard import Image
from attriboard.engine.errors import InvalidInput
from tests.inputs.pictures import decoded, noise, square

PIXELS = noise()
UNIT = torch.from_numpy(PIXELS).movedim(-1, 0).float() / 255
MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
NORMAL = (UNIT - MEAN[:, None, None]) / STD[:, None, None]


def _normalise(raw: Any) -> Tensor:
    unit = torch.from_numpy(np.array(raw)).movedim(-1, 0).float() / 255
    return (unit - MEAN[:, None, None]) / STD[:, None, None]


def _blue_first(raw: Any) -> Tensor:
    return torch.from_numpy(np.array(raw)).movedim(-1, 0).flip(0).float() - 110


def _channels_last(raw: Any) -> Tensor:
    return torch.from_numpy((np.array(raw) - 127.0) / 128)


def shown(image: Image, raw: Any) -> np.ndarray[Any, Any]:
    """The picture of a fitted input."""
    return decoded(image.fitted([raw, raw]).media(raw).body)


@pytest.mark.parametrize(
    ("image", "raw"),
    [
        pytest.param(Image("p"), PIXELS, id="8 bit"),
        pytest.param(Image("p"), UNIT, id="floats to 1"),
        pytest.param(Image("p"), UNIT * 255, id="floats to 255"),
        pytest.param(Image("p", mean=MEAN, std=STD), NORMAL, id="normalised tensors"),
        pytest.param(Image("p", mean=MEAN, std=STD), PIXELS, id="normalised here"),
        pytest.param(Image("p", _normalise), PIXELS, id="transform"),
        pytest.param(Image("p", _normalise), Pillow.fromarray(PIXELS), id="transform of PIL"),
        pytest.param(Image("p", _blue_first), PIXELS, id="transform to BGR"),
        pytest.param(Image("p", _channels_last), PIXELS, id="transform to NHWC"),
        pytest.param(Image("p", lambda raw: raw.double() * 4 - 2), UNIT, id="transform of tensors"),
    ],
)
def test_the_original_picture_is_shown_after_any_normalisation(image: Image, raw: Any) -> None:
    assert np.abs(shown(image, raw).astype(int) - PIXELS).max() <= 1


def test_what_is_shown_has_the_geometry_of_the_tensor() -> None:
    image = Image("p", lambda raw: _normalise(raw)[:, 2:8, 1:5])
    np.testing.assert_allclose(shown(image, PIXELS), PIXELS[2:8, 1:5], atol=1)
    assert image.view(PIXELS)["width"] == 4


def test_unknown_ranges_are_stretched_over_the_data() -> None:
    low, high = torch.full((1, 4, 4), -3.0), torch.full((1, 4, 4), 5.0)
    image = Image("p").fitted([low, high])
    assert decoded(image.media(low).body).max() == 0
    assert decoded(image.media(high).body).min() == 255
    assert [choice.id for choice in image.baseline_kinds()] == ["mean", "blur", "noise"]


def test_a_dark_picture_among_others_stays_dark() -> None:
    dark = torch.full((3, 4, 4), 0.9)
    image = Image("p").fitted([dark, UNIT * 255])
    assert decoded(image.media(dark).body).max() == 1


def test_grey_alpha_and_odd_channels_have_a_picture() -> None:
    assert shown(Image("p"), PIXELS[..., 0]).shape == (12, 10)
    assert shown(Image("p"), noise(channels=4)).shape == (12, 10, 4)
    assert shown(Image("p"), torch.rand(2, 9, 8)).shape == (9, 8)
    assert shown(Image("p"), torch.rand(7, 9, 8)).shape == (9, 8, 3)
    assert shown(Image("p"), torch.rand(9, 8)).shape == (9, 8)


def test_nan_in_a_picture_is_shown_as_black() -> None:
    broken = UNIT.clone()
    broken[:, 0, 0] = float("nan")
    assert shown(Image("p"), broken)[0, 0].tolist() == [0, 0, 0]


def test_thumbnails_keep_their_proportions_and_never_grow() -> None:
    body = Image("p").media(square(64), width=16).body
    assert decoded(body).shape == (16, 16, 3)
    assert decoded(Image("p").media(PIXELS, width=99).body).shape == (12, 10, 3)


def test_media_is_a_png() -> None:
    media = Image("p").media(PIXELS)
    assert media.content_type == "image/png"
    assert media.body.startswith(b"\x89PNG")


def test_channels_are_summed_for_display() -> None:
    attribution = torch.rand(3, 5, 6)
    assert torch.equal(Image("p").summed(attribution), attribution.sum(0))
    last = Image("p").summed(attribution.movedim(0, -1))
    torch.testing.assert_close(last, attribution.sum(0))


def png(picture: Pillow.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("image", "like"),
    [
        pytest.param(Image("p"), PIXELS, id="array"),
        pytest.param(Image("p"), Pillow.fromarray(PIXELS), id="PIL"),
        pytest.param(Image("p"), UNIT, id="tensor"),
        pytest.param(Image("p", mean=MEAN, std=STD), NORMAL, id="normalised tensor"),
        pytest.param(Image("p"), PIXELS / 255.0, id="float array"),
        pytest.param(Image("p", _normalise), PIXELS, id="transform"),
    ],
)
def test_a_file_becomes_the_kind_of_picture_the_dataset_yields(
    image: Image, like: Any, tmp_path: Path
) -> None:
    fitted = image.fitted([like])
    file = tmp_path / "own.png"
    file.write_bytes(png(Pillow.fromarray(PIXELS)))
    expected = fitted.tensor(like)
    for source in (file, file.read_bytes()):
        raw = fitted.from_file(source)
        assert isinstance(raw, type(like))
        torch.testing.assert_close(fitted.tensor(raw), expected, atol=1e-5, rtol=1e-5)


def test_a_jpeg_is_read_as_well() -> None:
    raw = Image("p").from_file(png(Pillow.fromarray(square()), "JPEG"))
    assert Image("p").tensor(raw).shape == (3, 64, 64)


def test_a_file_that_is_no_picture_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be read as a picture"):
        Image("p").from_file(b"no picture at all")


def test_a_random_transform_is_named() -> None:
    image = Image("photo", lambda raw: torch.rand(3, 4, 4))
    assert "transform is random" in image.doubts(PIXELS)[0]
    assert Image("photo", _normalise).doubts(PIXELS) == ()
