"""Image: patches, superpixels and occlusion windows."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from attriboard import Image
from attriboard.engine.errors import InvalidInput
from attriboard.inputs.regions import compact, connected, without_crumbs
from attriboard.inputs.superpixels import superpixels
from tests.inputs.pictures import noise, square


def photo(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Smooth waves of colour with some noise, as a photograph has."""
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([np.sin(x / 9), np.cos(y / 13), np.sin((x + y) / 21)], -1)
    speckle = np.random.default_rng(0).normal(0, 12, (height, width, 3))
    return (127 + 90 * waves + speckle).clip(0, 255).astype(np.uint8)


def test_patches_are_squares_counted_from_the_top_left() -> None:
    image = Image("p", patch=4)
    ids = image.features(None, torch.zeros(3, 8, 10), "patches")
    assert ids.shape == (3, 8, 10)
    assert ids.unique().tolist() == list(range(6))
    assert ids[0, 0, 3] == 0
    assert ids[2, 0, 4] == 1
    assert ids[1, 4, 8] == 5


def test_elements_are_each_their_own() -> None:
    ids = Image("p").features(None, torch.zeros(3, 4, 5), "elements")
    assert torch.equal(ids, torch.arange(60).reshape(3, 4, 5))


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="choose one of elements, patches, superpixels"):
        Image("p").features(None, torch.zeros(3, 4, 5), "words")


@pytest.mark.parametrize(
    ("layout", "shape"), [("first", (3, 64, 64)), ("last", (64, 64, 3)), (None, (64, 64))]
)
def test_groups_and_windows_follow_the_layout(layout: str | None, shape: tuple[int, ...]) -> None:
    image = Image("p", layout=layout)  # type: ignore[arg-type]
    tensor = torch.rand(shape)
    for kind in ("patches", "superpixels"):
        ids = image.features(tensor, tensor, kind)
        assert ids.shape == tensor.shape
        assert ids.dtype == torch.int64
    window, stride = image.window(tensor)
    channels = {"first": (3, 8, 8), "last": (8, 8, 3), None: (8, 8)}[layout]
    steps = {"first": (3, 4, 4), "last": (4, 4, 3), None: (4, 4)}[layout]
    assert window == channels
    assert stride == steps


@pytest.mark.parametrize("size", [(64, 64), (224, 160), (300, 40), (1, 1), (5, 7), (1, 50)])
def test_superpixels_are_connected_and_counted_without_gaps(size: tuple[int, int]) -> None:
    for picture in (photo(*size), noise(*size)):
        ids = superpixels(picture, 64)
        assert ids.shape == size
        assert np.array_equal(np.unique(ids), np.arange(ids.max() + 1))
        assert connected(ids).max() == ids.max()
        assert np.array_equal(ids, superpixels(picture.copy(), 64))


def test_superpixels_are_about_as_many_as_asked() -> None:
    for asked in (16, 64, 150):
        assert asked / 2 <= superpixels(photo(200, 200), asked).max() + 1 <= asked * 2


def test_superpixels_keep_to_edges() -> None:
    ids = superpixels(square())
    inside = set(np.unique(ids[20:40, 20:40]))
    outside = set(np.unique(ids)) - inside
    mask = np.zeros((64, 64), bool)
    mask[20:40, 20:40] = True
    assert inside.isdisjoint(np.unique(ids[~mask]))
    assert outside


def test_superpixels_of_a_large_picture_are_quick() -> None:
    picture = photo(1000, 1000)
    began = time.perf_counter()
    ids = superpixels(picture)
    assert time.perf_counter() - began < 5
    assert ids.shape == (1000, 1000)


def test_superpixels_see_what_the_model_sees() -> None:
    """A transform that flips the picture flips its regions."""
    picture = square(64, 4, 20)
    image = Image("p", lambda raw: torch.from_numpy(raw[:, ::-1].copy()).movedim(-1, 0) / 255)
    ids = image.features(picture, image.tensor(picture), "superpixels")[0]
    bright = set(ids[4:20, 44:60].unique().tolist())
    assert bright.isdisjoint(ids[:, :40].unique().tolist())


def test_small_regions_join_a_neighbour() -> None:
    ids = np.zeros((6, 6), np.int64)
    ids[:, 3:] = 1
    ids[2, 1] = 2
    joined = without_crumbs(ids, 3)
    assert joined[2, 1] == joined[2, 0]
    assert joined.max() == 1


def test_equal_ids_apart_are_told_apart() -> None:
    ids = np.array([[5, 5, 9], [9, 5, 9], [9, 9, 5]])
    assert compact(ids).tolist() == [[0, 0, 1], [1, 0, 1], [1, 1, 0]]
    assert connected(ids).tolist() == [[0, 0, 1], [2, 0, 1], [2, 2, 3]]
