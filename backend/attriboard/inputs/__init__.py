"""Inputs: one file a modality, from raw value to tensor, features, baselines and view."""

from __future__ import annotations

from attriboard.inputs.base import Choice, Input, Media

__all__ = ["Choice", "Input", "Media"]
