"""Inputs: one file a modality, from raw value to tensor, features, baselines and view."""

from __future__ import annotations

from attriboard.inputs.base import Choice, Input, Media
from attriboard.inputs.image import Image
from attriboard.inputs.text import Text

__all__ = ["Choice", "Image", "Input", "Media", "Text"]
