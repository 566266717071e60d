"""The demo's board: each sound split into six bands of frequencies, and the detector."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.speech.data import CLASSES, RATE, Spoken
from attriboard.demos.speech.model import trained
from attriboard.inputs import Audio, BandSum
from attriboard.outputs import Classes


def load() -> Board:
    """The board. Raises AttriboardError where captcha or silero-vad is not installed."""
    return Board(
        BandSum(trained()),
        Spoken(),
        inputs=[Audio("sound", RATE, bands=6)],
        output=Classes(CLASSES),
        name="Speech in noise",
        about="A detector of speech hears a spoken character, and a louder burst of noise beside "
        "it. The colours should lie on the character, within the times given as start and end.",
        opening="?view=explain&example=44&method=FeatureAblation",
    )
