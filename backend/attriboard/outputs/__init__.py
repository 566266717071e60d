"""What the model's output means: classes, several labels at once, a number, or many of these.

An output reads the model's raw rows, shape (N, ...), and the dataset's labels. It knows no model.
"""

from __future__ import annotations

from attriboard.outputs.base import Output, Places, Predictions
from attriboard.outputs.classes import Classes, MultiLabel
from attriboard.outputs.heads import Heads
from attriboard.outputs.labels import Label
from attriboard.outputs.next_token import NextToken
from attriboard.outputs.per_pixel import PerPixel
from attriboard.outputs.per_token import PerToken
from attriboard.outputs.regression import Regression
from attriboard.outputs.sequence import SequenceScore

__all__ = [
    "Classes",
    "Heads",
    "Label",
    "MultiLabel",
    "NextToken",
    "Output",
    "PerPixel",
    "PerToken",
    "Places",
    "Predictions",
    "Regression",
    "SequenceScore",
]
