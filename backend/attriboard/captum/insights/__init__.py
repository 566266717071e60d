"""Captum Insights' names over AttriBoard's dashboard: existing code opens here.

Signatures are those of captum.insights in Captum 0.7; the package was left out of 0.9.
"""

from __future__ import annotations

from attriboard.captum.insights.features import (
    BaseFeature,
    EmptyFeature,
    GeneralFeature,
    ImageFeature,
    TextFeature,
)
from attriboard.captum.insights.rows import Batch
from attriboard.captum.insights.visualizer import AttributionVisualizer

__all__ = [
    "AttributionVisualizer",
    "BaseFeature",
    "Batch",
    "EmptyFeature",
    "GeneralFeature",
    "ImageFeature",
    "TextFeature",
]
