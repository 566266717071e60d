"""Superpixels: a picture cut into regions of similar colour, after SLIC.

Achanta et al., "SLIC Superpixels Compared to State-of-the-Art Superpixel Methods", TPAMI 2012.
Deterministic. Large pictures are cut at a smaller size, so that the cost does not grow with them.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from attriboard.inputs.pictures import Bytes
from attriboard.inputs.regions import compact, connected, without_crumbs

Floats: TypeAlias = NDArray[np.float64]
Ids: TypeAlias = NDArray[np.int64]

LONGEST_SIDE = 256
ITERATIONS = 8
COMPACTNESS = 12.0  # Lab units that one grid step of distance weighs
SMALLEST_SHARE = 0.25  # of a mean segment; smaller regions join a neighbour


def superpixels(picture: Bytes, segments: int = 64) -> Ids:
    """Ids (H, W) from 0 without gaps, each one connected region, about `segments` of them.

    `picture` is (H, W, C) with 8 bits; the first three channels count, or the first alone.
    """
    height, width = picture.shape[:2]
    small = _shrunk(picture)
    step = max(1.0, (small.shape[0] * small.shape[1] / segments) ** 0.5)
    ids = _clustered(_lab(small), step)
    regions = without_crumbs(connected(ids), int(step * step * SMALLEST_SHARE))
    rows = (np.arange(height) * small.shape[0]) // height
    columns = (np.arange(width) * small.shape[1]) // width
    return compact(regions[rows[:, None], columns[None, :]])


def _shrunk(picture: Bytes) -> Bytes:
    colour = picture[..., :3] if picture.shape[2] >= 3 else np.repeat(picture[..., :1], 3, axis=2)
    longest = max(picture.shape[:2])
    if longest <= LONGEST_SIDE:
        return colour
    height, width = (max(1, round(n * LONGEST_SIDE / longest)) for n in picture.shape[:2])
    image = Pillow.fromarray(np.ascontiguousarray(colour))
    return np.array(image.resize((width, height), Pillow.Resampling.BOX))


def _clustered(colours: Floats, step: float) -> Ids:
    """Local k-means: each pixel joins the nearest of the nine centres around its grid cell."""
    height, width = colours.shape[:2]
    down, across = max(1, round(height / step)), max(1, round(width / step))
    cell_y = np.minimum(np.arange(height) * down // height, down - 1)
    cell_x = np.minimum(np.arange(width) * across // width, across - 1)
    ids = (cell_y[:, None] * across + cell_x[None, :]).astype(np.int64)
    points = _points(colours, step)
    near = _neighbour_cells(cell_y, cell_x, down, across)
    for _ in range(ITERATIONS):
        centres = _means(points, ids.ravel(), down * across)
        distances = [((points - centres[cells.ravel()]) ** 2).sum(1) for cells in near]
        best = np.argmin(np.stack(distances), axis=0)
        ids = np.stack([cells.ravel() for cells in near])[best, np.arange(best.size)]
    shaped: Ids = ids.reshape(height, width)
    return shaped


def _points(colours: Floats, step: float) -> Floats:
    """Every pixel as (L, a, b, y, x), scaled so that Euclidean distance is SLIC's."""
    height, width = colours.shape[:2]
    y, x = np.mgrid[0:height, 0:width] * (COMPACTNESS / step)
    return np.concatenate([colours.reshape(-1, 3), y.reshape(-1, 1), x.reshape(-1, 1)], axis=1)


def _neighbour_cells(cell_y: Ids, cell_x: Ids, down: int, across: int) -> list[Ids]:
    """For each of the nine directions, the grid cell that lies there for every pixel."""
    return [
        np.clip(cell_y + dy, 0, down - 1)[:, None] * across
        + np.clip(cell_x + dx, 0, across - 1)[None, :]
        for dy in (0, -1, 1)
        for dx in (0, -1, 1)
    ]


def _means(points: Floats, ids: Ids, count: int) -> Floats:
    sizes = np.bincount(ids, minlength=count)
    sums = [np.bincount(ids, weights=column, minlength=count) for column in points.T]
    means: Floats = np.stack(sums, axis=1) / np.maximum(sizes, 1)[:, None]
    means[sizes == 0] = np.inf
    return means


def _lab(picture: Bytes) -> Floats:
    """CIE Lab (D65) of an sRGB picture."""
    rgb = picture.astype(np.float64) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = linear @ to_xyz.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
