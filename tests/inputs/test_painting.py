"""Painting over a picture changes the painted pixels alone, whatever brings it to the model."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from torch import Tensor

from attriboard.engine.errors import InvalidInput
from attriboard.inputs import Image

MEAN, STD = [0.4, 0.5, 0.6], [0.2, 0.25, 0.3]


def shrunk(picture: Pillow.Image) -> Tensor:
    """What many a transform does: another size, and normalised."""
    small = picture.resize((8, 6), Pillow.Resampling.BICUBIC)
    values = torch.from_numpy(np.array(small)).permute(2, 0, 1).float() / 255
    return (values - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]


def bgr(picture: Pillow.Image) -> Tensor:
    return torch.from_numpy(np.array(picture)[..., ::-1].copy()).permute(2, 0, 1).float()


def photo(seed: int, mode: str = "RGB") -> Pillow.Image:
    draw = np.random.default_rng(seed)
    return Pillow.fromarray(draw.integers(0, 256, (12, 16, 3), dtype=np.uint8)).convert(mode)


def painted_png(entry: Image, raw: object) -> tuple[bytes, np.ndarray]:
    """The picture as a browser is sent it, with a red square in it, and where that is."""
    media = entry.media(raw)
    with Pillow.open(io.BytesIO(media.body)) as image:
        over = image.convert("RGB")
    over.paste((255, 0, 0), (1, 2, 4, 5))
    buffer = io.BytesIO()
    over.save(buffer, "PNG")
    where = np.zeros((over.height, over.width), dtype=bool)
    where[2:5, 1:4] = True
    return buffer.getvalue(), where


@pytest.mark.parametrize(
    ("transform", "mode"), [(None, "RGB"), (shrunk, "RGB"), (bgr, "RGB"), (None, "L")]
)
def test_what_is_not_painted_keeps_its_exact_value(transform, mode):
    raws = [photo(seed, mode) for seed in range(4)]
    entry = Image("photo", transform).fitted(raws)
    body, where = painted_png(entry, raws[0])
    before = entry.tensor(raws[0])
    after = entry.tensor(entry.painted(raws[0], body))
    assert after.shape == before.shape
    assert after.dtype == before.dtype
    assert torch.equal(after[:, ~where], before[:, ~where])
    shown = np.array(Pillow.open(io.BytesIO(entry.media(entry.painted(raws[0], body)).body)))
    red = 76 if mode == "L" else [255, 0, 0]
    assert (shown[where] == red).all()


def test_paint_over_paint_is_over_the_same_picture():
    entry = Image("photo").fitted([photo(0), photo(1)])
    once = entry.painted(photo(0), painted_png(entry, photo(0))[0])
    again = entry.painted(once, painted_png(entry, photo(0))[0])
    assert torch.equal(entry.tensor(once), entry.tensor(again))
    baseline = entry.baseline("black", once, entry.tensor(once), [], 0)
    assert torch.equal(baseline, torch.zeros_like(baseline))


def test_a_painting_of_another_size_is_refused():
    entry = Image("photo").fitted([photo(0)])
    buffer = io.BytesIO()
    Pillow.new("RGB", (4, 4)).save(buffer, "PNG")
    with pytest.raises(InvalidInput, match="16 x 12, as the model sees it"):
        entry.painted(photo(0), buffer.getvalue())


def test_a_dropped_picture_is_cut_to_the_size_all_pictures_have():
    entry = Image("photo").fitted([photo(0), photo(1)])
    buffer = io.BytesIO()
    Pillow.new("L", (300, 100), 255).save(buffer, "JPEG")
    found = entry.parse(buffer.getvalue())
    assert found.size == (16, 12)
    assert found.mode == "RGB"
    with pytest.raises(InvalidInput, match="of no kind that is known"):
        entry.parse(b"\x80\x04cos\nsystem\n")
    with pytest.raises(InvalidInput, match="given as a file"):
        entry.parse("/etc/passwd")
