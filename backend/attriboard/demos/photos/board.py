"""The demo's board: a few photos, and EfficientNet-Lite0."""

from __future__ import annotations

from attriboard.board import Board
from attriboard.demos.photos.data import Photos
from attriboard.demos.photos.model import MEAN, STD, names, trained
from attriboard.inputs import Image
from attriboard.outputs import Classes

LAYER = "_bn1"  # the last map, 7 x 7
ABOUT = (
    "A network for ImageNet looks at photos it never saw. It calls the man with a camera a tripod, "
    "and Grad-CAM shows that it looked there. Then ask why the astronaut is a bobsled: nothing in "
    "the photo is one, and the answer is not sure."
)


def load() -> Board:
    """The board, ready to serve. Raises AttriboardError where a package is not installed."""
    return Board(
        trained(),
        Photos(),
        inputs=[Image("photo", mean=MEAN, std=STD)],
        output=Classes(names()),
        name="Photos, EfficientNet-Lite0",
        about=ABOUT,
        opening=f"view=explain&example=0&method=GradCam&layer={LAYER}",
    )
