"""Photos that come with scikit-image and scikit-learn, cut to squares of 224 pixels."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

from PIL import Image
from torch.utils.data import Dataset

from attriboard.demos.packages import needed

SIDE = 224  # pixels

# What is in a photo, its file, and the folder and package that hold it.
SKIMAGE = ("skimage", "scikit-image", "data")
SKLEARN = ("sklearn", "scikit-learn", "datasets/images")
PHOTOS = (
    ("a man with a camera on a tripod", "camera.png", SKIMAGE),
    ("a cat", "chelsea.png", SKIMAGE),
    ("a cup of coffee", "coffee.png", SKIMAGE),
    ("an astronaut", "astronaut.png", SKIMAGE),
    ("a rocket", "rocket.jpg", SKIMAGE),
    ("motorcycles", "motorcycle_left.png", SKIMAGE),
    ("a Chinese palace", "china.jpg", SKLEARN),
    ("a flower", "flower.jpg", SKLEARN),
)


class Item(TypedDict):
    """A photo, RGB, and what a person sees in it; ImageNet has no label for some."""

    photo: Image.Image
    shows: str
    file: str


class Photos(Dataset[Item]):
    """The photos. One is read when its item is."""

    def __init__(self) -> None:
        self.paths = [_path(file, *place) for _, file, place in PHOTOS]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Item:
        shows, file, _ = PHOTOS[index]
        with Image.open(self.paths[index]) as photo:
            return Item(photo=square(photo.convert("RGB")), shows=shows, file=file)


def square(photo: Image.Image) -> Image.Image:
    """The largest square in the middle, at 224 x 224 pixels."""
    width, height = photo.size
    side = min(photo.size)
    left, top = (width - side) // 2, (height - side) // 2
    box = (left, top, left + side, top + side)
    return photo.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box)


def _path(file: str, module: str, package: str, folder: str) -> Path:
    root = needed(module, package).__file__
    assert root is not None
    return Path(root).parent / folder / file
