"""Small drawings for cards, as SVG: lines over time, a waveform, a graph, a grid of numbers.

They hold numbers alone, and a grey that reads on light and on dark ground.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from torch import Tensor

from attriboard.inputs.base import Media

INK = "#808690"
FAINT = "#808690a0"
LINE_HEIGHT = 22
WIDTH = 160
TALLEST = 120
POINTS = 160
CELLS = 48  # a side of a drawn grid


def turning_points(row: Tensor, most: int) -> list[tuple[int, float]]:
    """(step, value) of a line through `row` (length,), at most `most` of them.

    A long row is cut into equal parts, each drawn by its least and its greatest value, so that no
    peak is lost.
    """
    length = len(row)
    if length <= most:
        return list(enumerate(row.tolist()))
    parts = most // 2
    found: list[tuple[int, float]] = []
    for part in range(parts):
        start, end = part * length // parts, (part + 1) * length // parts
        values = row[start:end]
        steps = sorted({int(values.argmin()), int(values.argmax())})
        found += [(start + step, float(values[step])) for step in steps]
    return found


def lines(rows: Sequence[Tensor]) -> Media:
    """Each row as a line over its own range, one above the other."""
    tall = max(6.0, min(LINE_HEIGHT if len(rows) > 1 else 2 * LINE_HEIGHT, TALLEST / len(rows)))
    drawn = []
    for place, row in enumerate(rows):
        points = turning_points(row, POINTS)
        low, high = float(row.min()), float(row.max())
        room = tall - 4
        down = [(place + 1) * tall - 2 - room * _share(v, low, high) for _, v in points]
        across = [WIDTH * step / max(1, len(row) - 1) for step, _ in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{INK}" stroke-width="1.2"/>')
    return _svg(WIDTH, tall * len(rows), drawn)


def wave(envelope: Sequence[Sequence[float]]) -> Media:
    """Least and greatest of equal parts of a sound, about the middle; silence is a thin line."""
    middle, loudest = LINE_HEIGHT, max(1e-9, *(max(-low, high) for low, high in envelope))
    step = WIDTH / len(envelope)
    drawn = []
    for place, (low, high) in enumerate(envelope):
        top = middle - high / loudest * (middle - 2)
        tall = max(0.8, (high - low) / loudest * (middle - 2))
        drawn.append(_box(place * step, top, max(0.6, 0.8 * step), tall, INK))
    return _svg(WIDTH, 2 * middle, drawn)


def graph(places: Sequence[Sequence[float]], edges: Iterable[tuple[int, int]]) -> Media:
    """Nodes at their places, in 0 to 1, and the lines between them."""
    height, margin = TALLEST, 6
    at = [
        (margin + x * (WIDTH - 2 * margin), margin + y * (height - 2 * margin)) for x, y in places
    ]
    radius = 3.5 if len(at) <= 40 else 2
    drawn = [
        f'<line x1="{at[a][0]:.1f}" y1="{at[a][1]:.1f}" x2="{at[b][0]:.1f}" y2="{at[b][1]:.1f}" '
        f'stroke="{FAINT}"/>'
        for a, b in edges
    ]
    drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{INK}"/>' for x, y in at]
    return _svg(WIDTH, height, drawn)


def grid(values: Tensor) -> Media:
    """Numbers (width,) or (height, width) as greys, those far apart the darkest and the faintest.

    A side of more than 48 is thinned. What is not finite is left out.
    """
    rows = values[None] if values.ndim == 1 else values
    rows = rows[:: -(-len(rows) // CELLS), :: -(-rows.shape[1] // CELLS)]
    known = rows[rows.isfinite()]
    low, high = (float(known.min()), float(known.max())) if known.numel() else (0.0, 0.0)
    side = WIDTH / rows.shape[1]
    tall = min(side, TALLEST / len(rows)) if len(rows) > 1 else min(side, LINE_HEIGHT)
    drawn = [
        _box(x * side, y * tall, side, tall, INK, 0.08 + 0.92 * _share(value, low, high))
        for y, row in enumerate(rows.tolist())
        for x, value in enumerate(row)
        if math.isfinite(value)
    ]
    return _svg(WIDTH, tall * len(rows), drawn)


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5


def _box(x: float, y: float, wide: float, tall: float, fill: str, opacity: float = 1.0) -> str:
    faint = "" if opacity == 1 else f' fill-opacity="{opacity:.2f}"'
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{fill}"'
        f"{faint}/>"
    )


def _svg(width: float, height: float, drawn: Iterable[str]) -> Media:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:.4g}" '
        f'viewBox="0 0 {width:g} {height:.4g}">'
    )
    return Media("image/svg+xml", f"{head}{''.join(drawn)}</svg>".encode())
